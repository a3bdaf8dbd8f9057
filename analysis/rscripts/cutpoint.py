"""The search for a cutoff in base R: every cutoff, the correction of the p, and the same bootstrap resamples."""

from typing import Any

from analysis.frames.frame import Frame
from analysis.rscripts.script import column, script

_SURVIVAL = """\
event <- {event}
time <- aeqSurv(Surv({time}, event))[, 1]
marker <- {marker}
minprop <- {minprop!r}

# Standardised log-rank statistic of every value that leaves enough patients on both sides (high: marker > cut).
search <- function(time, event, marker) {{
  n <- length(time)
  last <- rank(time, ties.method = "max")
  by_time <- order(time)
  score <- event - cumsum((event / (n - last + 1))[by_time])[last]
  by_marker <- order(marker)
  below <- which(!duplicated(marker[by_marker], fromLast = TRUE))
  cuts <- marker[by_marker][below]
  sums <- cumsum(score[by_marker])[below]
  spread <- n * sum(score^2) - sum(score)^2
  keep <- below >= floor(n * minprop) & below <= floor(n * (1 - minprop) + 1e-9) & below < n & spread > 1e-12 * n
  below <- below[keep]
  statistic <- abs(sums[keep] - below * sum(score) / n) / sqrt(below * (n - below) / (n^2 * (n - 1)) * spread)
  list(cuts = cuts[keep], below = below, statistic = statistic)
}}
best_of <- function(found) if (length(found$cuts)) which(found$statistic >= max(found$statistic) - 1e-12)[1] else NA

found <- search(time, event, marker)
best <- best_of(found)
n <- length(time)
cutoff <- found$cuts[best]
b <- found$statistic[best]
put("n", n)
put("events", sum(event))
put("cutoff", cutoff)
put("statistic", b)
lower <- head(found$below, -1)
upper <- tail(found$below, -1)
t <- sqrt(1 - lower * (n - upper) / ((n - lower) * upper))
lausen94 <- min(1, max(0, 2 * pnorm(-b) + sum(exp(-b^2 / 2) / pi * (t - (b^2 / 4 - 1) * t^3 / 6))))
put("p_lausen94", lausen94)
put("p_corrected", max(lausen94, 2 * pnorm(-b)))
lausen92 <- 4 * dnorm(b) / b + dnorm(b) * (b - 1 / b) * log(((1 - minprop) / minprop)^2)
put("p_lausen92", if (b < 1) 1 else min(1, lausen92))
for (i in seq_along(found$cuts)) {{
  place <- paste0("candidates/", i - 1, "/")
  high <- marker > found$cuts[i]
  is_few <- min(sum(high), sum(!high)) < {patients} || min(sum(event[high]), sum(event[!high])) < {events}
  put(paste0(place, "cutoff"), found$cuts[i])
  put(paste0(place, "statistic"), found$statistic[i])
  put(paste0(place, "n_low"), sum(!high))
  put(paste0(place, "n_high"), sum(high))
  put(paste0(place, "p"), if (is_few) NA else 2 * pnorm(-found$statistic[i]))
  beta <- if (is_few) NA else suppressWarnings(coef(coxph(Surv(time, event) ~ high)))
  # Where one side outlives the other altogether there is no finite ratio.
  put(paste0(place, "hr"), if (is.na(beta) || abs(beta) > 12) NA else exp(beta))
}}
"""
_SPLIT = """\
high <- marker > cutoff
test <- survdiff(Surv(time, event) ~ high)
put("logrank/chi2", test$chisq)
put("logrank/p", pchisq(test$chisq, 1, lower.tail = FALSE))
"""
_RATIO = """\
fit <- coxph(Surv(time, event) ~ high)
put("hr/hr", summary(fit)$conf.int[1])
put("hr/low", summary(fit)$conf.int[3])
put("hr/high", summary(fit)$conf.int[4])
put("hr/p", summary(fit)$coefficients[5])
"""
_PROPORTIONAL = """\
ph <- cox.zph(fit)$table
put("ph/chi2", ph["GLOBAL", "chisq"])
put("ph/p", ph["GLOBAL", "p"])
"""
_CHOICE_SURVIVAL = """\
choose <- function(i) {
  found <- search(time[i], event[i], marker[i])
  found$cuts[best_of(found)]
}
"""
_OUTCOME = """\
case <- {case} == {case_code}
marker <- {marker}
sign <- {sign}  # 1: cases are higher, so high is positive; -1: cases are lower
n <- length(case)
n1 <- sum(case)
n0 <- sum(!case)
put("n", n)
put("n_cases", n1)
put("n_controls", n0)

# Every value but the largest: high means marker > cut.
cuts <- head(sort(unique(marker)), -1)
cases_low <- vapply(cuts, function(cut) sum(marker <= cut & case), 0)
controls_low <- vapply(cuts, function(cut) sum(marker <= cut & !case), 0)
sensitivity <- (if (sign > 0) n1 - cases_low else cases_low) / n1
specificity <- (if (sign > 0) controls_low else n0 - controls_low) / n0
ties <- which(sensitivity + specificity == max(sensitivity + specificity))
best <- if (sign > 0) min(ties) else max(ties)
cutoff <- cuts[best]
youden <- (sensitivity + specificity - 1)[best]
put("cutoff", cutoff)
put("statistic", youden)
for (i in seq_along(cuts)) {{
  place <- paste0("candidates/", i - 1, "/")
  table <- matrix(c(cases_low[i], controls_low[i], n1 - cases_low[i], n0 - controls_low[i]), 2)
  put(paste0(place, "cutoff"), cuts[i])
  put(paste0(place, "statistic"), sensitivity[i] + specificity[i] - 1)
  put(paste0(place, "n_low"), sum(table[, 1]))
  p <- if (min(colSums(table)) < {patients}) NA else fisher.test(table)$p.value
  put(paste0(place, "p"), p)
  if (i == best) p_at_best <- p
}}
put("p", p_at_best)
put("auc/auc", (mean(rank(marker)[case]) - (n1 + 1) / 2) / n0 * sign + (sign < 0))
share <- function(place, hits, of) {{
  if (of == 0) return(invisible())
  put(paste0(place, "/value"), hits / of)
  limits <- suppressWarnings(prop.test(hits, of, correct = FALSE))$conf.int
  put(paste0(place, "/low"), limits[1])
  put(paste0(place, "/high"), limits[2])
}}
positive <- if (sign > 0) marker > cutoff else marker <= cutoff
share("point/sensitivity", sum(positive & case), n1)
share("point/specificity", sum(!positive & !case), n0)
share("point/ppv", sum(positive & case), sum(positive))
share("point/npv", sum(!positive & !case), sum(!positive))

# Smirnov: share of the orders of all values, ties kept, in which some cutoff is at least as good.
exact <- function(distance) {{
  threshold <- distance - 0.5 / (n1 * n0)
  ends <- c(TRUE, diff(sort(marker)) != 0, TRUE)
  ways <- numeric(n0 + 1)
  for (i in 0:n1) {{
    row <- numeric(n0 + 1)
    for (j in 0:n0) {{
      if (i + j > 0 && ends[i + j + 1] && abs(i / n1 - j / n0) > threshold) next
      row[j + 1] <- if (i + j == 0) 1 else (ways[j + 1] * i + (if (j) row[j] * j else 0)) / (i + j)
    }}
    ways <- row
  }}
  1 - ways[n0 + 1]
}}
asymptotic <- function(distance) {{
  k <- 1:1000
  2 * sum((-1)^(k - 1) * exp(-2 * k^2 * distance^2 * n1 * n0 / n))
}}
put("p_corrected", min(1, max(0, {tail}(youden), p_at_best, na.rm = TRUE)))
choose <- function(i) {{
  marker <- marker[i]
  case <- case[i]
  cuts <- sort(unique(marker))
  below <- rank(marker, ties.method = "max")
  cases_low <- cumsum(case[order(marker)])[sort(unique(below))]
  controls_low <- sort(unique(below)) - cases_low
  merit <- sign * (controls_low * sum(case) - cases_low * sum(!case))
  ties <- which(merit == max(merit))
  if (max(merit) <= 0) NA else cuts[if (sign > 0) min(ties) else max(ties)]
}}
"""
_BOOTSTRAP = """\

# The same choice in resamples of the patients; R's generator with this seed draws the very same ones.
set.seed({seed})
chosen <- replicate({resamples}, choose(floor(n * runif(n)) + 1))
at <- function(share) sort(chosen)[max(1, ceiling(share * sum(!is.na(chosen)) - 1e-9))]
put("bootstrap/low", at({low!r}))
put("bootstrap/high", at({high!r}))
put("bootstrap/same", sum(chosen == cutoff, na.rm = TRUE) / length(chosen))
put("bootstrap/without_cutoff", sum(is.na(chosen)))
"""


def cutpoint_script(frame: Frame, output: dict[str, Any], *, name: str, least_patients: int, least_events: int) -> str:
    """`least_…`: what a side of a cutoff needs for a p of its own."""
    title = f"Best cutoff of {output['label']} for {output['endpoint'] or output['outcome']}"
    if output["refused"]:
        return script(title, f'put("n", {output["n"]})', name=name, libraries=())
    drawn = output["bootstrap"]
    share = (1 - drawn["conf_level"]) / 2
    bootstrap = _BOOTSTRAP.format(seed=drawn["seed"], resamples=drawn["resamples"], low=share, high=1 - share)
    if output["endpoint"]:
        parts = [_survival(frame, output, least_patients, least_events), _CHOICE_SURVIVAL, bootstrap]
        return script(title, "".join(parts), name=name)
    return script(title, _outcome(output, least_patients) + bootstrap, name=name, libraries=())


def _survival(frame: Frame, output: dict[str, Any], patients: int, events: int) -> str:
    search = _SURVIVAL.format(
        time=column(frame.time_name),
        event=column("event"),
        marker=column(output["variable"]),
        minprop=output["minprop"],
        patients=patients,
        events=events,
    )
    parts = [search]
    parts += [_SPLIT] if output["logrank"] else []
    parts += [_RATIO] if output["hr"] else []
    parts += [_PROPORTIONAL] if output["ph"] else []
    return "".join(parts)


def _outcome(output: dict[str, Any], patients: int) -> str:
    return _OUTCOME.format(
        case=column(output["outcome_column"]),
        case_code=int(output["case_code"]),
        marker=column(output["variable"]),
        sign=1 if output["direction"] == "<" else -1,
        patients=patients,
        tail=output["correction"].split()[0],
    )
