"""A Cox model of each covariate alone in R's survival package."""

from typing import Any

from analysis.frames.frame import Frame
from analysis.rscripts.cox import CONTROL
from analysis.rscripts.script import column, script, text, vector

_EACH = """\
found <- sapply(columns, function(name) {
  fit <- coxph(follow_up ~ as.numeric(rows[[name]]), ties = TIES, CONTROL)
  c(fit$n, coef(fit), sqrt(vcov(fit)))
})
p <- 2 * pnorm(-abs(found[2, ] / found[3, ]))
q <- p.adjust(p, METHOD)
for (i in seq_along(columns)) {
  where <- paste0("rows/", places[i], "/")
  put(paste0(where, "n"), found[1, i])
  put(paste0(where, "coef"), found[2, i])
  put(paste0(where, "se"), found[3, i])
  put(paste0(where, "hr"), exp(found[2, i]))
  put(paste0(where, "low"), exp(found[2, i] - qnorm(0.975) * found[3, i]))
  put(paste0(where, "high"), exp(found[2, i] + qnorm(0.975) * found[3, i]))
  put(paste0(where, "p"), p[i])
  put(paste0(where, "q"), q[i])
  put(paste0(where, "sd"), sd(as.numeric(rows[[columns[i]]]), na.rm = TRUE))
}"""


def screen_script(frame: Frame, output: dict[str, Any], adjust: str, *, name: str) -> str:
    title = f"Each covariate alone for {output['endpoint']}"
    used = [(place, row["term"]) for place, row in enumerate(output["rows"]) if row["p"] is not None]
    if not used:
        return script(f"No screen of {output['endpoint']}", f"# {output['refused']}", name=name)
    body = [
        f"columns <- {vector([term for _place, term in used])}",
        f"places <- c({', '.join(str(place) for place, _term in used)})",
        f"follow_up <- Surv({column(frame.time_name)}, {column('event')})",
        _EACH.replace("TIES", text(output["ties"])).replace("CONTROL", CONTROL).replace("METHOD", text(adjust)),
    ]
    return script(title, "\n".join(body), name=name)
