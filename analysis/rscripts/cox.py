"""Cox regression in R's survival package."""

from typing import Any

from analysis.frames.frame import Frame
from analysis.kinds.design import ModelWish
from analysis.rscripts.design import model_variables, right_side
from analysis.rscripts.script import TEXTS, column, script, text, texts_of
from analysis.rscripts.survival import at_risk

CONTROL = "control = coxph.control(eps = 1e-11, iter.max = 100)"

# Numbers of `fit` by their place; a script sets `where` before.
TERMS = """\
limits <- summary(fit)$conf.int
for (i in seq_along(coef(fit))) {
  place <- paste0(where, "terms/", i - 1, "/")
  put(paste0(place, "coef"), coef(fit)[i])
  put(paste0(place, "se"), sqrt(diag(vcov(fit)))[i])
  put(paste0(place, "hr"), limits[i, 1])
  put(paste0(place, "low"), limits[i, 3])
  put(paste0(place, "high"), limits[i, 4])
  put(paste0(place, "p"), 2 * pnorm(-abs(coef(fit)[i] / sqrt(diag(vcov(fit)))[i])))
}
put(paste0(where, "loglik/0"), fit$loglik[1])
put(paste0(where, "loglik/1"), fit$loglik[2])"""

PH = """\
ph <- cox.zph(fit)$table
for (i in seq_len(nrow(ph))) {
  put(paste0(where, "ph/", i - 1, "/chi2"), ph[i, "chisq"])
  put(paste0(where, "ph/", i - 1, "/df"), ph[i, "df"])
  put(paste0(where, "ph/", i - 1, "/p"), ph[i, "p"])
}"""

_TESTS = """\
df <- length(coef(fit))
put("tests/lr/chi2", 2 * diff(fit$loglik))
put("tests/lr/p", pchisq(2 * diff(fit$loglik), df, lower.tail = FALSE))
put("tests/wald/chi2", fit$wald.test)
put("tests/score/chi2", fit$score)
put("aic", AIC(fit))
put("bic", BIC(fit))
put("concordance/c", fit$concordance["concordance"])
put("concordance/se", fit$concordance["std"])"""


_ALONE = """\
limits <- summary(fit)$conf.int
for (i in seq_along(coef(fit))) {
  place <- paste0("alone/", place_alone, "/")
  put(paste0(place, "hr"), limits[i, 1])
  put(paste0(place, "low"), limits[i, 3])
  put(paste0(place, "high"), limits[i, 4])
  put(paste0(place, "p"), 2 * pnorm(-abs(coef(fit)[i] / sqrt(diag(vcov(fit)))[i])))
  place_alone <- place_alone + 1
}"""


def cox_script(frame: Frame, wish: ModelWish, output: dict[str, Any], *, name: str) -> str:
    if not output["terms"]:
        reason = " ".join(str(output["refused"]).split())
        return script(f"No Cox regression of {output['endpoint']}", f"# {reason}", name=name)
    body = [
        TEXTS,
        *at_risk(frame, output, "texts"),
        *model_variables(frame, wish),
        f"follow_up <- {_follow_up(frame)}",
        f"fit <- coxph(follow_up ~ {_formula(wish, output)}, ties = {text(output['ties'])}, {CONTROL})",
        'where <- ""',
        TERMS,
        _TESTS,
    ]
    if output["cluster"]:
        body += [
            'for (i in seq_along(coef(fit))) put(paste0("terms/", i - 1, "/naive_se"), sqrt(diag(fit$naive.var))[i])',
            'put("tests/robust_score/chi2", fit$rscore)',
        ]
    if output["ph"]:
        body.append(PH)
    body += _alone(wish, output)
    return script(f"Cox regression of {output['endpoint']}", "\n".join(body), name=name)


def _alone(wish: ModelWish, output: dict[str, Any]) -> list[str]:
    """Each covariate in a model of its own; `alone/` counts the terms over all of them."""
    if not output["alone"] or any(row.get("refused") for row in output["alone"]):
        return []
    lines = ["place_alone <- 0"]
    for i in range(1, len(wish.covariates) + 1):
        formula = f"follow_up ~ {' + '.join([f'x{i}', *_layers(output)])}"
        lines += [
            f"fit <- coxph({formula}, ties = {text(output['ties'])}, {CONTROL})",
            _ALONE,
        ]
    return lines


def _follow_up(frame: Frame) -> str:
    start = f"{column('entry')}, " if frame.rows and "entry" in frame.rows[0] else ""
    return f"Surv({start}{column(frame.time_name)}, {column('event')})"


def _formula(wish: ModelWish, output: dict[str, Any]) -> str:
    return " + ".join([right_side(wish), *_layers(output)])


def _layers(output: dict[str, Any]) -> list[str]:
    parts = []
    if output["strata"]:
        parts.append(f"strata({', '.join(texts_of(name) for name in output['strata'])})")
    if output["cluster"]:
        parts.append(f"cluster({texts_of(output['cluster'])})")
    return parts
