"""How well a registered risk model does in a cohort: discrimination, slope, its groups at its own cutoff.

The patients whom the model was made from are named as such: what is found in them validates nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _
from scipy.special import ndtr

from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.headline.claims import Claim
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.kinds.cox import COX
from analysis.kinds.survival import SURVIVAL
from analysis.kinds.tables import ResultTable
from analysis.kinds.timeroc import TIMEROC, check_times
from analysis.kinds.validation_scores import SCORE, UnscoredModel, scored, scores_of, summary
from analysis.kinds.validation_tables import validation_tables
from analysis.kinds.wording import ALPHA
from analysis.stats.concordance import concordance
from analysis.stats.limits import wald_limits

USUAL_TIMES = (12.0, 24.0, 36.0, 60.0)
OWN_PATIENTS = "The model was made from patients of this cohort: what it does in them does not validate it."
SHARED = "{shared} of these patients are among those whom the model was made from: they do not validate it."


class Validation:
    code = "validation"
    label = _("Validation of a risk model")
    # 2: says how many of the patients of another cohort the model was made from.
    version = 2
    template = "analysis/kinds/tables.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        if unknown := set(parameters) - {"endpoint", "model", "number", "terms", "times"}:
            raise ParameterError(sorted(unknown)[0], "is no parameter of a validation.")
        for name in ("endpoint", "model"):
            if not isinstance(parameters.get(name), str):
                raise ParameterError(name, "is missing.")
        number = parameters.get("number", 1)
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise ParameterError("number", "is the version of the model, from 1.")
        terms = parameters.get("terms")
        if not isinstance(terms, dict) or not terms or not all(isinstance(name, str) for name in terms.values()):
            raise ParameterError("terms", "say which variable of the cohort each term of the model is.")
        if "times" in parameters:
            check_times(parameters["times"])
        self.request(parameters)

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        variables = tuple(dict.fromkeys(parameters["terms"].values()))
        return FrameRequest(
            variables=variables,
            required=variables,
            endpoint=parameters["endpoint"],
            keeps_unfollowed=True,
            risk_model=(parameters["model"], parameters.get("number", 1)),
        )

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        model = frame.constants.get("risk_model")
        base: Output = {
            "endpoint": parameters["endpoint"],
            "time_unit": frame.time_unit,
            # Who is shared is counted, not named.
            "model": model and {name: value for name, value in model.items() if name != "shared"},
            "is_own": False,
            "shared": 0,
            "n": 0,
            "events": 0,
            "dropped": frame.dropped(),
            "notes": list(frame.notes),
            "warnings": [],
            "scores": [],
            "distribution": None,
            "cutoff": None,
            "slope": None,
            "concordance": None,
            "timeroc": None,
            "survival": None,
            "refused": None,
        }
        if model is None:
            return base | {"refused": f"No risk model {parameters['model']} is registered in this version."}
        shared = len({row["patient"] for row in frame.rows}.intersection(model.get("shared", ())))
        base |= {"is_own": bool(model.get("is_own")), "shared": shared, "warnings": _not_validated(model, shared)}
        try:
            whole = scored(frame, model, parameters["terms"])
        except UnscoredModel as error:
            return base | {"refused": str(error)}
        if not whole.rows:
            return base | {"refused": "Nobody has all the values that the model needs."}
        found = _validated(whole, model, parameters)
        return base | found | {"warnings": [*base["warnings"], *found["warnings"]]}

    def headline(self, output: Output) -> list[Claim]:
        claims = [Claim("n", "Patients", output["n"]), Claim("events", "Events", output["events"])]
        if found := output["concordance"]:
            tells = found["low"] > 0.5
            verdict = f"The score {'tells' if tells else 'does not tell'} who has the event earlier"
            claims.append(Claim("concordance", "Concordance", found["c"], found["low"], found["high"], verdict=verdict))
        if slope := output["slope"]:
            said = "agrees with 1" if slope["p_one"] >= ALPHA else "differs from 1"
            ends = slope["low"], slope["high"]
            claims.append(Claim("slope", "Slope of the score", slope["coef"], *ends, verdict=f"The slope {said}"))
        for part, kind in ((output["timeroc"], TIMEROC), (output["survival"], SURVIVAL)):
            if part and not part["refused"]:
                claims += [claim for claim in kind.headline(part) if claim.name not in ("n", "events")]
        return claims

    def figures(self, output: Output) -> list[Figure]:
        found = []
        for name, kind in (("survival", SURVIVAL), ("timeroc", TIMEROC)):
            if output[name] and not output[name]["refused"]:
                found += [replace(figure, name=f"{name}-{figure.name}") for figure in kind.figures(output[name])]
        return found

    def tables(self, output: Output) -> list[ResultTable]:
        return validation_tables(output)

    def patient_scores(self, output: Output) -> list[dict[str, Any]]:
        return list(output["scores"])


VALIDATION = Validation()


def _validated(whole: Frame, model: dict[str, Any], parameters: Mapping[str, Any]) -> Output:
    cutoff = model.get("cutoff")
    followed = whole.complete("months", "event")
    endpoint = {"endpoint": parameters["endpoint"]}
    events = sum(map(bool, followed.column("event")))
    found: Output = {
        "n": len(followed.rows),
        "events": events,
        "dropped": followed.dropped(),
        "scores": scores_of(whole, model, parameters["terms"], cutoff),
        "distribution": summary(whole, cutoff),
        "cutoff": cutoff,
        "warnings": [],
    }
    split = {**endpoint, "marker": SCORE, "cutoff": "median" if cutoff is None else cutoff}
    found["survival"] = SURVIVAL.compute(followed, split)
    fit = COX.compute(followed, {**endpoint, "covariates": [SCORE]})
    if fit["refused"]:
        return found | {"refused": fit["refused"]}
    found["slope"] = _slope(fit["terms"][0])
    found["warnings"] = list(fit["warnings"])
    # Of the score itself: that of the fit turns a score around that goes the wrong way.
    order = concordance(followed.times(), followed.column("event"), followed.column(SCORE))
    low, high = wald_limits(order.c, order.se)
    found["concordance"] = {"c": order.c, "se": order.se, "low": max(low, 0.0), "high": min(high, 1.0)}
    times = parameters.get("times") or [at for at in USUAL_TIMES if at <= max(followed.times())]
    if times:
        found["timeroc"] = TIMEROC.compute(followed, {**endpoint, "markers": [SCORE], "times": times})
    return found


def _not_validated(model: Mapping[str, Any], shared: int) -> list[str]:
    if model.get("is_own"):
        return [OWN_PATIENTS]
    return [SHARED.format(shared=shared)] if shared else []


def _slope(term: dict[str, Any]) -> dict[str, float]:
    low, high = wald_limits(term["coef"], term["se"])
    p_one = float(2 * ndtr(-abs((term["coef"] - 1) / term["se"])))
    return {"coef": term["coef"], "se": term["se"], "low": low, "high": high, "p": term["p"], "p_one": p_one}
