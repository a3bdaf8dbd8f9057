"""A nomogram by R's rms."""

from typing import Any

from analysis.frames.frame import Frame
from analysis.kinds.design import ModelWish
from analysis.rscripts.design import model_variables, right_side
from analysis.rscripts.script import TEXTS, column, script, text, vector
from analysis.stats.nomogram import TICKS

_DRAWN = """\
put("per_unit", 100 / max(sapply(drawn[seq_len(count)], function(axis) diff(range(axis$Xbeta)))))
for (i in seq_len(count)) for (j in seq_along(drawn[[i]]$points))
  put(paste0("axes/", i - 1, "/marks/", j - 1, "/points"), drawn[[i]]$points[j])
for (j in seq_along(drawn$total.points$x)) put(paste0("total/", j - 1), drawn$total.points$x[j])
for (k in seq_along(times)) {
  axis <- drawn[[paste0("time", k)]]
  for (j in seq_along(axis$x)) put(paste0("survival/", k - 1, "/marks/", j - 1, "/points"), axis$x[j])
}
"""


def model_in_rms(frame: Frame, wish: ModelWish, output: dict[str, Any], *, horizon: float | None = None) -> list[str]:
    """Lines that fit the model as `fit`; the variables are x1, x2, … of `data`."""
    count = len(wish.covariates)
    increment = "" if horizon is None else f", time.inc = {horizon!r}"
    return [
        TEXTS,
        *model_variables(frame, wish),
        f"data <- data.frame(time = {column(frame.time_name)}, event = {column('event')}, "
        f"{', '.join(f'x{i} = x{i}' for i in range(1, count + 1))})",
        # As an object: a name would be looked for in the global environment only.
        "options(datadist = datadist(data))",
        f"fit <- cph(Surv(time, event) ~ {right_side(wish)}, data = data, x = TRUE, y = TRUE, surv = TRUE, "
        f"method = {text(output['ties'])}, eps = 1e-9, iter.max = 100{increment})",
        'for (i in seq_along(coef(fit))) put(paste0("terms/", i - 1, "/coef"), coef(fit)[i])',
        'for (i in seq_along(coef(fit))) put(paste0("terms/", i - 1, "/se"), sqrt(diag(vcov(fit)))[i])',
    ]


def nomogram_script(frame: Frame, wish: ModelWish, output: dict[str, Any], *, name: str) -> str:
    if output["refused"]:
        reason = " ".join(str(output["refused"]).split())
        return script(f"No nomogram for {output['endpoint']}", f"# {reason}", name=name)
    body = [
        *model_in_rms(frame, wish, output),
        f"count <- {len(wish.covariates)}",
        f"times <- {vector(output['times'])}",
        "survival <- Survival(fit)",
        "read <- lapply(times, function(at) function(lp) survival(at, lp))",
        "drawn <- nomogram(fit, fun = read, funlabel = paste0('time', seq_along(times)), maxscale = 100, nint = 10,",
        f"  fun.at = {vector(list(TICKS))})",
        _DRAWN.rstrip(),
    ]
    return script(f"Nomogram for {output['endpoint']}", "\n".join(body), name=name, libraries=("survival", "rms"))
