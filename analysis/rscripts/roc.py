"""ROC curves, DeLong's intervals and paired test in base R."""

from typing import Any

from analysis.kinds.roc_curves import Outcome
from analysis.rscripts.script import column, script, text, vector

_CURVES = """\
directions <- character(length(markers))
for (i in which(drawn)) {
  known <- !is.na(rows[[markers[i]]])
  found <- curve(case[known], rows[[markers[i]]][known], asked)
  directions[i] <- found$direction
  place <- paste0("markers/", i - 1, "/")
  put(paste0(place, "n"), sum(known))
  put(paste0(place, "auc"), found$auc)
  put(paste0(place, "se"), sqrt(found$variance))
  put(paste0(place, "low"), max(found$auc - z975 * sqrt(found$variance), 0))
  put(paste0(place, "high"), min(found$auc + z975 * sqrt(found$variance), 1))
  put(paste0(place, "p"), suppressWarnings(wilcox.test(found$cases, found$controls))$p.value)
  best(found, paste0(place, "best/"))
}
"""

_DEFINITIONS = """\
z975 <- qnorm(0.975)

# Placements: of each case among the controls, and of each control among the cases (DeLong 1988).
curve <- function(case, value, asked) {
  cases <- value[case]
  controls <- value[!case]
  direction <- asked
  if (asked == "auto") direction <- if (median(controls) > median(cases)) ">" else "<"
  sign <- if (direction == "<") 1 else -1
  m <- length(cases)
  n <- length(controls)
  ranks <- rank(sign * c(cases, controls))
  v10 <- (ranks[seq_len(m)] - rank(sign * cases)) / n
  v01 <- 1 - (ranks[m + seq_len(n)] - rank(sign * controls)) / m
  list(auc = mean(v10), variance = var(v10) / m + var(v01) / n, v10 = v10, v01 = v01,
       direction = direction, sign = sign, cases = cases, controls = controls)
}

# The first cutoff, from the one that calls everybody positive on, with the largest Youden index.
best <- function(found, place) {
  cases <- found$sign * found$cases
  controls <- found$sign * found$controls
  value <- sort(unique(c(cases, controls)))
  cut <- c(-Inf, head(value, -1) + diff(value) / 2, Inf)
  tp <- length(cases) - c(0, findInterval(value, sort(cases)))
  tn <- c(0, findInterval(value, sort(controls)))
  merit <- tp / length(cases) + tn / length(controls)
  at <- which(merit == max(merit))[1]
  fn <- length(cases) - tp[at]
  fp <- length(controls) - tn[at]
  put(paste0(place, "threshold"), found$sign * cut[at])
  put(paste0(place, "youden"), tp[at] / length(cases) + tn[at] / length(controls) - 1)
  share(paste0(place, "sensitivity"), tp[at], tp[at] + fn)
  share(paste0(place, "specificity"), tn[at], tn[at] + fp)
  share(paste0(place, "ppv"), tp[at], tp[at] + fp)
  share(paste0(place, "npv"), tn[at], tn[at] + fn)
}

# A share with Wilson's limits.
share <- function(place, x, n) {
  limits <- if (n > 0) suppressWarnings(prop.test(x, n, correct = FALSE))$conf.int else c(NA, NA)
  put(place, x / n)
  put(paste0(place, "_low"), limits[1])
  put(paste0(place, "_high"), limits[2])
}
"""

_PAIR = """\
compare <- function(place, i, j) {
  both <- !is.na(rows[[markers[i]]]) & !is.na(rows[[markers[j]]])
  a <- curve(case[both], rows[[markers[i]]][both], directions[i])
  b <- curve(case[both], rows[[markers[j]]][both], directions[j])
  covariance <- cov(a$v10, b$v10) / length(a$v10) + cov(a$v01, b$v01) / length(a$v01)
  se <- sqrt(max(a$variance + b$variance - 2 * covariance, 0))
  z <- if (se > 0) (a$auc - b$auc) / se else NaN
  put(paste0(place, "n"), sum(both))
  put(paste0(place, "auc_a"), a$auc)
  put(paste0(place, "auc_b"), b$auc)
  put(paste0(place, "difference"), a$auc - b$auc)
  put(paste0(place, "low"), a$auc - b$auc - z975 * se)
  put(paste0(place, "high"), a$auc - b$auc + z975 * se)
  put(paste0(place, "z"), z)
  put(paste0(place, "p"), 2 * pnorm(-abs(z)))
  2 * pnorm(-abs(z))
}
"""


def roc_script(outcome: Outcome, direction: str, output: dict[str, Any], *, name: str) -> str:
    names = [marker["name"] for marker in output["markers"]]
    drawn = ", ".join("FALSE" if marker["refused"] else "TRUE" for marker in output["markers"])
    body = [
        _DEFINITIONS,
        f"case <- {column(outcome.column)} == {int(outcome.case)}",
        f"markers <- {vector(names)}",
        f"drawn <- c({drawn})",
        f"asked <- {text(direction)}",
        'put("n", length(case))',
        'put("n_cases", sum(case))',
        _CURVES,
        *_comparisons(output, names),
    ]
    title = f"ROC curves of {', '.join(marker['label'] for marker in output['markers'])} for {output['case']}"
    return script(title, "\n".join(body), name=name, libraries=())


def _comparisons(output: dict[str, Any], names: list[str]) -> list[str]:
    tested = [(k, pair["between"]) for k, pair in enumerate(output["comparisons"]) if pair["auc_a"] is not None]
    if not tested:
        return []
    calls = [f'  compare("comparisons/{k}/", {names.index(a) + 1}, {names.index(b) + 1})' for k, (a, b) in tested]
    places = ", ".join(str(k) for k, _between in tested)
    return [
        _PAIR,
        "p <- c(\n" + ",\n".join(calls) + "\n)",
        f'put(paste0("comparisons/", c({places}), "/p_holm"), p.adjust(p, "holm"))',
    ]
