"""Decision curves in base R and R's survival package."""

from typing import Any

from analysis.frames.frame import Frame
from analysis.kinds.decision_models import GIVEN
from analysis.kinds.model_terms import LOG, Term, term_of
from analysis.kinds.roc import NON_RESPONDER
from analysis.rscripts.script import column, script, text, vector

_BENEFIT = """\
net_benefit <- function(risk) sapply(thresholds, function(at) {
  acted <- if (rule == ">") risk > at else risk >= at
  if (!any(acted)) return(0)
  true <- mean(acted) * event_share(acted)
  true - at / (1 - at) * (mean(acted) - true)
})
put_curve <- function(place, values) for (i in seq_along(values)) put(paste0(place, i - 1), values[i])
put_curve("treat_all/", net_benefit(rep(1, nrow(rows))))
"""


def decision_script(frame: Frame, output: dict[str, Any], outcome: str, *, name: str) -> str:
    """`frame`: the complete rows."""
    is_survival = output["horizon"] is not None
    used = [frame.time_name, outcome] if is_survival else [outcome]
    models = [[term_of(text, frame.columns) for text in model["terms"]] for model in output["models"]]
    used += [term.column for terms in models for term in terms]
    body = [
        # As written: R would take a column of T and F for yes and no.
        'rows <- read.csv(file, check.names = FALSE, fileEncoding = "UTF-8-BOM", colClasses = "character")',
        f"rows <- rows[complete.cases(rows[, {vector(list(dict.fromkeys(used)))}]), ]",
        'put("n", nrow(rows))',
        f"case <- as.numeric({column(outcome)})",
    ]
    if outcome == "responder" and output["positive"] == NON_RESPONDER:
        body.append("case <- 1 - case")
    body.append('put("events", sum(case))')
    if output["refused"] and not output["models"]:
        return script("Decision curves", "\n".join(body), name=name)
    start, step = output["thresholds"][0], _step(output["thresholds"])
    body += [
        f"thresholds <- round({start!r} + {step!r} * (seq_len({len(output['thresholds'])}) - 1), 12)",
        f"rule <- {text(output['rule'])}",
        *(_survival(frame, output["horizon"]) if is_survival else _binary()),
        _BENEFIT.rstrip(),
    ]
    for place, (model, terms) in enumerate(zip(output["models"], models, strict=True)):
        if model["refused"]:
            continue
        body += _risk(frame, model, terms, is_survival)
        body.append(f'put_curve("models/{place}/net_benefit/", net_benefit(risk))')
        if model.get("ph"):
            body.append(f'put("models/{place}/ph/p", cox.zph(fit)$table["GLOBAL", "p"])')
        if model["kind"] != GIVEN:
            body.append("coefs <- summary(fit)$coefficients" + ("" if is_survival else "[-1, , drop = FALSE]"))
            se = "se(coef)" if is_survival else "Std. Error"
            first = "coef" if is_survival else "Estimate"
            body += [
                "for (i in seq_len(nrow(coefs))) {",
                f'  put(paste0("models/{place}/coefficients/", i - 1, "/coef"), coefs[i, "{first}"])',
                f'  put(paste0("models/{place}/coefficients/", i - 1, "/se"), coefs[i, "{se}"])',
                "}",
            ]
    return script(f"Decision curves for {output['outcome']}", "\n".join(body), name=name)


def _step(thresholds: list[float]) -> float:
    return round(thresholds[1] - thresholds[0], 12) if len(thresholds) > 1 else 1.0


def _binary() -> list[str]:
    return ["event_share <- function(acted) mean(case[acted])"]


def _survival(frame: Frame, horizon: float) -> list[str]:
    return [
        f"time <- as.numeric({column(frame.time_name)})",
        f"horizon <- {float(horizon)!r}",
        "event_share <- function(acted) {",
        "  curve <- survfit(Surv(time[acted], case[acted]) ~ 1)",
        "  1 - summary(curve, times = horizon, extend = TRUE)$surv",
        "}",
    ]


def _risk(frame: Frame, model: dict[str, Any], terms: list[Term], is_survival: bool) -> list[str]:
    if model["kind"] == GIVEN:
        return [f"risk <- as.numeric({column(terms[0].column)})"]
    body = ["data <- data.frame(case = case" + (", time = time)" if is_survival else ")")]
    body += [f"data$x{place} <- {_covariate(frame, term)}" for place, term in enumerate(terms, start=1)]
    right = " + ".join(f"x{place}" for place in range(1, len(terms) + 1))
    if is_survival:
        return [
            *body,
            f"fit <- coxph(Surv(time, case) ~ {right}, data = data)",
            "at_horizon <- data",
            "at_horizon$time <- horizon",
            'risk <- 1 - exp(-predict(fit, newdata = at_horizon, type = "expected"))',
        ]
    return [
        *body,
        f"fit <- glm(case ~ {right}, family = binomial, data = data, control = list(epsilon = 1e-14, maxit = 100))",
        "risk <- fitted(fit)",
    ]


def _covariate(frame: Frame, term: Term) -> str:
    levels, number = term.levels(frame), f"as.numeric({column(term.column)})"
    if levels is None:
        return f"log({number})" if term.call == LOG else number
    if isinstance(levels[0], str):
        return f"factor({column(term.column)}, levels = {vector(levels)})"
    return f"factor({number}, levels = {vector([float(level) for level in levels])})"
