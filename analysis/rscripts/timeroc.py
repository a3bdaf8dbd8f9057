"""Time-dependent areas, their standard errors and paired differences in base R and survival."""

from collections.abc import Mapping
from typing import Any

from analysis.rscripts.script import column, script, text, vector

_AREA = """\
z975 <- qnorm(0.975)

# Per patient, the weight of those with a lower value and half the weight of those with the same.
ordered_weight <- function(value, weight) {
  key <- match(value, sort(unique(value)))
  own <- as.vector(rowsum(weight, key))
  (c(0, head(cumsum(own), -1)) + own / 2)[key]
}

# Cases weigh 1/G(T-), controls 1/G(t); events leave before censorings at the same time. The influence of each patient
# holds what the estimation of G adds (Blanche, Dartigues and Jacqmin-Gadda 2013).
leaving <- survfit(Surv(time, seen) ~ 1, timefix = FALSE)
index <- match(time, leaving$time)
G <- c(1, cumprod(1 - leaving$n.censor / pmax(leaving$n.risk - leaving$n.event, 1)))
before <- G[index]

direction <- function(marker) {
  if (asked != "auto") return(if (asked == ">") -1 else 1)
  if (concordance(Surv(time, event) ~ marker, reverse = TRUE)$concordance < 0.5) -1 else 1
}

area <- function(value, at) {
  marker <- direction(value) * value
  n <- length(time)
  last <- findInterval(at, leaving$time)
  case <- ifelse(time <= at & event, 1 / before, 0)
  control <- ifelse(time > at, 1 / G[last + 1], 0) + ifelse(time <= at & competing, 1 / before, 0)
  below <- ordered_weight(marker, control)
  above <- ordered_weight(-marker, case)
  total <- sum(case) * sum(control)
  auc <- sum(case * below) / total
  own <- (case * (below - auc * sum(control)) + control * (above - auc * sum(case))) / n
  until <- factor(ifelse(time <= at, index - 1, last), levels = 0:length(leaving$time))
  amount <- as.vector(tapply(own / n, until, sum))
  amount[is.na(amount)] <- 0
  pending <- rev(cumsum(rev(amount)))[-1]
  spent <- cumsum(n * leaving$n.censor / leaving$n.risk^2 * pending)
  moved <- ifelse(seen, 0, n / leaving$n.risk[index] * pending[index]) - spent[index]
  influence <- (own + moved) / (total / n^2)
  list(auc = auc, se = sd(influence) / sqrt(n), influence = influence)
}

put_area <- function(place, found) {
  put(paste0(place, "auc"), found$auc)
  put(paste0(place, "se"), found$se)
  put(paste0(place, "low"), max(found$auc - z975 * found$se, 0))
  put(paste0(place, "high"), min(found$auc + z975 * found$se, 1))
}
"""

_DIFFERENCE = """\
compare <- function(place, a, b) {
  difference <- a$auc - b$auc
  se <- sd(a$influence - b$influence) / sqrt(length(time))
  p <- if (se > 0) 2 * pnorm(-abs(difference) / se) else NaN
  put(paste0(place, "difference"), difference)
  put(paste0(place, "se"), se)
  put(paste0(place, "low"), difference - z975 * se)
  put(paste0(place, "high"), difference + z975 * se)
  put(paste0(place, "p"), p)
  p
}
"""


def timeroc_script(time_name: str, parameters: Mapping[str, Any], output: dict[str, Any], *, name: str) -> str:
    competing = parameters.get("competing")
    body = [
        f"asked <- {text(parameters.get('direction', '<'))}",
        f"event <- {column('event')} == 1",
        f"competing <- {column(competing)} == 1" if competing else "competing <- rep(FALSE, length(event))",
        "seen <- event | competing",
        # Times that differ by rounding only are one time.
        f"time <- aeqSurv(Surv(as.numeric({column(time_name)}), event))[, 1]",
        'put("n", length(time))',
        'put("events", sum(event))',
    ]
    drawn = [(i, row) for i, row in enumerate(output["times"]) if row["auc"] is not None]
    if drawn:
        body += [_AREA, "found <- list()", *(line for i, row in drawn for line in _area(i, row))]
        body += _over_time(output) + _differences(output) + _censoring(output)
    labels = ", ".join(marker["label"] for marker in output["markers"])
    return script(f"Time-dependent ROC of {labels} for {output['endpoint']}", "\n".join(body), name=name)


def _area(i: int, row: dict[str, Any]) -> list[str]:
    key = text(_key(row["marker"], row["time"]))
    at = repr(float(row["time"]))
    lines = [
        f"found[[{key}]] <- area({column(row['marker'])}, {at})",
        f'put_area("times/{i}/", found[[{key}]])',
        f'put("times/{i}/n_cases", sum(time <= {at} & event))',
        f'put("times/{i}/n_controls", sum(time > {at}))',
        f'put("times/{i}/n_competing", sum(time <= {at} & competing))',
    ]
    if row["p"] is not None:
        lines.append(f'put("times/{i}/p", 2 * pnorm(-abs(found[[{key}]]$auc - 0.5) / found[[{key}]]$se))')
    return lines


def _over_time(output: dict[str, Any]) -> list[str]:
    lines = []
    for i, marker in enumerate(output["markers"]):
        if marker["over_time"]:
            lines += [
                f"times <- {vector([point['time'] for point in marker['over_time']])}",
                "for (j in seq_along(times)) {",
                f'  put_area(paste0("markers/{i}/over_time/", j - 1, "/"), area({column(marker["name"])}, times[j]))',
                "}",
            ]
    return lines


def _differences(output: dict[str, Any]) -> list[str]:
    tested = [(k, pair) for k, pair in enumerate(output["comparisons"]) if pair["difference"] is not None]
    if not tested:
        return []
    calls = []
    for k, pair in tested:
        a, b = (text(_key(marker, pair["time"])) for marker in pair["between"])
        calls.append(f'  compare("comparisons/{k}/", found[[{a}]], found[[{b}]])')
    places = ", ".join(str(k) for k, _pair in tested)
    return [
        _DIFFERENCE,
        "p <- c(\n" + ",\n".join(calls) + "\n)",
        f'put(paste0("comparisons/", c({places}), "/p_holm"), p.adjust(p, "holm"))',
    ]


def _censoring(output: dict[str, Any]) -> list[str]:
    lines = []
    for i, marker in enumerate(output["markers"]):
        if marker["censoring"]:
            lines += [
                f"fit <- summary(coxph(Surv(time, !seen) ~ {column(marker['name'])}))",
                f'put("markers/{i}/censoring/hr", fit$conf.int[1])',
                f'put("markers/{i}/censoring/low", fit$conf.int[3])',
                f'put("markers/{i}/censoring/high", fit$conf.int[4])',
                f'put("markers/{i}/censoring/p", fit$coefficients[5])',
            ]
    return lines


def _key(marker: str, at: float) -> str:
    return f"{marker} at {float(at)!r}"
