"""Competing risks in R's survival package; what needs cmprsk is named in a comment."""

from typing import Any

from analysis.frames.frame import Frame
from analysis.kinds.design import ModelWish, category_of
from analysis.kinds.incidence import COMPETING, EVENT
from analysis.rscripts.cox import CONTROL, PH, TERMS
from analysis.rscripts.design import model_variables, right_side, values_of
from analysis.rscripts.script import TEXTS, column, script, vector

_INCIDENCE = """\
incidence <- function(place, members, times) {
  fit <- survfit(Surv(time, factor(code, 0:2)) ~ 1, subset = members)
  put(paste0(place, "n"), sum(members))
  put(paste0(place, "events"), sum(members & code == 1))
  put(paste0(place, "competing"), sum(members & code == 2))
  if (!length(times)) return(invisible())
  at <- summary(fit, times = times, extend = TRUE)
  for (j in seq_along(times)) for (cause in c("1", "2")) {
    where <- paste0(place, "at/", j - 1, "/", if (cause == "2") "competing/")
    k <- match(cause, fit$states)
    known <- times[j] <= max(time[members])
    limits <- known && !is.na(at$lower[j, k])
    put(paste0(where, "cif"), if (known) at$pstate[j, k] else NA)
    put(paste0(where, "se"), if (known) at$std.err[j, k] else NA)
    put(paste0(where, "low"), if (limits) at$lower[j, k] else NA)
    put(paste0(where, "high"), if (limits) at$upper[j, k] else NA)
  }
}"""

_LOGRANK = """\
test <- survdiff(Surv(time, code == {cause}) ~ group)
put("logrank{suffix}/chi2", test$chisq)
put("logrank{suffix}/df", length(test$n) - 1)
put("logrank{suffix}/p", pchisq(test$chisq, length(test$n) - 1, lower.tail = FALSE))
# gray{suffix}: needs the package cmprsk: cuminc(time, code, group)$Tests["{cause}", ]"""

# Fine and Gray's weights as cmprsk has them; survival::finegray weighs ties of events with censorings in another way.
_WEIGHTED = """\
weighted <- function(cause) {
  censoring <- survfit(Surv(time, code == 0) ~ 1)
  before <- function(t) c(1, censoring$surv)[findInterval(t, censoring$time, left.open = TRUE) + 1]
  ends <- sort(unique(time[code == cause]))
  parts <- lapply(seq_along(time), function(i) {
    own <- data.frame(id = i, start = -1, stop = time[i], status = code[i] == cause, weight = 1)
    later <- ends[ends > time[i]]
    if (code[i] %in% c(0, cause) || !length(later)) return(own)
    starts <- c(time[i], later[-length(later)])
    kept <- before(later) / before(time[i])
    rbind(own, data.frame(id = i, start = starts, stop = later, status = FALSE, weight = kept))
  })
  subset(do.call(rbind, parts), weight > 0)
}"""

_FINE_GRAY = """\
parts <- weighted({cause})
fit <- coxph(Surv(start, stop, status) ~ {model}, data = cbind(parts, variables[parts$id, , drop = FALSE]),
             weights = weight, ties = "breslow", {control})
for (i in seq_along(coef(fit))) {{
  put(paste0("{key}/terms/", i - 1, "/coef"), coef(fit)[i])
  put(paste0("{key}/terms/", i - 1, "/hr"), exp(coef(fit)[i]))
}}
put("{key}/loglik/0", fit$loglik[1])
put("{key}/loglik/1", fit$loglik[2])
# {key}, se, low, high, z and p allow for the estimated weights: they need the package cmprsk:
# crr(time, code, model.matrix(~ {model}, variables)[, -1], failcode = {cause})"""


def competing_script(frame: Frame, wish: ModelWish, output: dict[str, Any], *, name: str) -> str:
    times = [at["time"] for at in output["overall"]["at"]] if output["overall"] else []
    body = [
        TEXTS,
        f"time <- {column(frame.time_name)}",
        f"code <- ifelse({column('event')} == 1, {EVENT}, ifelse({column('competing')} == 1, {COMPETING}, 0))",
        _INCIDENCE,
        f"times <- {vector(times) if times else 'NULL'}",
    ]
    if output["overall"]:
        body.append('incidence("overall/", rep(TRUE, length(time)), times)')
    if output["variable"]:
        body += _groups(frame, output)
    body += _models(frame, wish, output)
    title = f"{output['endpoint']}, competing with {output['competing_endpoint']}"
    return script(title, "\n".join(body), name=name)


def _groups(frame: Frame, output: dict[str, Any]) -> list[str]:
    lines = [
        f"group <- {values_of(category_of(frame, output['variable']))}",
        "for (i in seq_along(levels(group)))",
        '  incidence(paste0("groups/", i - 1, "/"), group == levels(group)[i], times)',
    ]
    for cause, suffix in ((EVENT, ""), (COMPETING, "_competing")):
        if output[f"logrank{suffix}"]:
            lines.append(_LOGRANK.format(cause=cause, suffix=suffix))
    return lines


def _models(frame: Frame, wish: ModelWish, output: dict[str, Any]) -> list[str]:
    keys = [(EVENT, ""), (COMPETING, "_competing")]
    names = [f"{model}{suffix}" for model in ("fine_gray", "cause_specific") for _cause, suffix in keys]
    if not any(output[key] and output[key]["terms"] for key in names):
        return []
    count, model = len(wish.variables()), right_side(wish)
    variables = ", ".join(f"x{i}" for i in range(1, count + 1))
    lines = [*model_variables(frame, wish), f"variables <- data.frame({variables})", _WEIGHTED]
    for cause, suffix in keys:
        if output[f"fine_gray{suffix}"]["terms"]:
            lines.append(_FINE_GRAY.format(cause=cause, key=f"fine_gray{suffix}", model=model, control=CONTROL))
        if output[f"cause_specific{suffix}"]["terms"]:
            lines += [
                f"fit <- coxph(Surv(time, code == {cause}) ~ {model}, {CONTROL})",
                f'where <- "cause_specific{suffix}/"',
                TERMS,
            ]
            if output[f"cause_specific{suffix}"]["ph"]:
                lines.append(PH)
    return lines
