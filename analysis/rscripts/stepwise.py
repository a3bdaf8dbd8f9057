"""Stepwise Cox regression by R's step()."""

from typing import Any

from analysis.frames.frame import Frame
from analysis.kinds.design import ModelWish
from analysis.rscripts.cox import CONTROL, TERMS
from analysis.rscripts.design import model_variables, right_side
from analysis.rscripts.script import TEXTS, column, script, text


def stepwise_script(frame: Frame, wish: ModelWish, output: dict[str, Any], *, name: str) -> str:
    if not output["final"]:
        reason = " ".join(str(output["refused"]).split())
        return script(f"No selection for {output['endpoint']}", f"# {reason}", name=name)
    upper = right_side(wish)
    first = upper if output["start"] == "full" else "1"
    penalty = "2" if output["criterion"] == "aic" else "log(sum(event))"
    body = [
        TEXTS,
        *model_variables(frame, wish),
        f"event <- {column('event')}",
        f"follow_up <- Surv({column(frame.time_name)}, event)",
        f"first <- coxph(follow_up ~ {first}, ties = {text(output['ties'])}, {CONTROL})",
        f"fit <- step(first, scope = list(lower = ~ 1, upper = ~ {upper}), direction = {text(output['direction'])}, "
        f"k = {penalty}, trace = 0)",
        'for (i in seq_len(nrow(fit$anova))) put(paste0("path/", i - 1, "/aic"), fit$anova$AIC[i])',
    ]
    if output["final"]["terms"]:
        body += ['where <- "final/"', TERMS]
    return script(f"Stepwise Cox regression of {output['endpoint']}", "\n".join(body), name=name)
