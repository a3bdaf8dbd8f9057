"""A score that an analysis found, registered as a model: from there on it is applied as it is, to others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from analysis.engine.models import Run
from analysis.kinds.base import Output
from analysis.riskmodels.models import RiskModel
from analysis.riskmodels.services import risk_model_register
from analysis.riskmodels.validating import validations_define
from registry.log.actors import Actor
from registry.log.recording import recording


@dataclass(frozen=True)
class Found:
    """Terms as a model has them; high means above the cutoff."""

    terms: list[dict[str, Any]]
    cutoff: float | None
    endpoint: str


class NoScore(ValueError):
    """Why a result holds no score that could be applied to others."""


def score_of(kind: str, output: Output, parameters: Mapping[str, Any]) -> Found:
    if kind not in _SCORES:
        raise NoScore(_("This kind of analysis makes no score."))
    if output["refused"]:
        raise NoScore(str(output["refused"]))
    if parameters.get("interactions") or parameters.get("strata") or parameters.get("cluster"):
        raise NoScore(_("A model with products, strata or clusters is no sum of terms."))
    found = _SCORES[kind](output)
    if found is None or not found[0]:
        raise NoScore(_("No term was chosen."))
    terms, cutoff = found
    if any(term.get("level") for term in terms):
        raise NoScore(_("The model has categories: only numbers make a score."))
    return Found(_named(terms), cutoff, str(output["endpoint"]))


def has_score(kind: str, output: Output, parameters: Mapping[str, Any]) -> bool:
    try:
        score_of(kind, output, parameters)
    except NoScore:
        return False
    return True


def _of_pipeline(output: Output) -> tuple[Sequence[dict[str, Any]], float | None] | None:
    score = output["score"]
    return (score["terms"], score["above"]) if score else None


def _of_selection(output: Output) -> tuple[Sequence[dict[str, Any]], float | None] | None:
    return output["final"]["terms"], None


def _of_cox(output: Output) -> tuple[Sequence[dict[str, Any]], float | None] | None:
    # At a landmark the endpoint has another beginning than that of other patients.
    if output.get("landmark") is not None:
        raise NoScore(_("The model begins at a landmark."))
    return output["terms"], None


_SCORES = {"pipeline": _of_pipeline, "stepwise": _of_selection, "cox": _of_cox}


def _named(terms: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """By the label, as papers do; two terms of one label by their variables."""
    labels = [term["label"] for term in terms]
    return [
        {
            "name": term["label"] if labels.count(term["label"]) == 1 else term["term"],
            "coefficient": term["coef"],
            "unit": term["unit"],
            "variable": term["term"],
        }
        for term in terms
    ]


def score_register(*, run: Run, code: str, title: str, by: Actor, reason: str) -> RiskModel:
    """The next version of the code, with what it was made from; its validations are defined with it."""
    result = run.result
    if result is None:
        raise ValidationError(_("This run left no result."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say what the score is for.")})
    known = RiskModel.objects.filter(result=result).first()
    if known:
        raise ValidationError(_("This score is registered already, as %(model)s.") % {"model": known})
    try:
        found = score_of(result.kind, result.output_values, result.parameter_values)
    except NoScore as error:
        raise ValidationError(str(error)) from error
    analysis = run.analysis
    with recording(by, reason.strip()):
        latest = RiskModel.objects.select_for_update().filter(code=code).order_by("-number").first()
        model = risk_model_register(
            code=code,
            number=latest.number + 1 if latest else 1,
            title=title,
            terms=found.terms,
            unit=_common_unit(found.terms),
            # Whose patients these are, only those may read who see the cohort.
            source=_("Made in this registry: run %(run)s, data %(data)s")
            % {"run": run.pk, "data": result.frame_id[:12]},
            endpoint=found.endpoint,
            cutoff=found.cutoff,
            developed_in=analysis.cohort,
            result=result,
            by=by,
            reason=reason.strip(),
        )
    validations_define(by)
    return model


def _common_unit(terms: Sequence[Mapping[str, Any]]) -> str:
    units = {term["unit"] for term in terms}
    return str(terms[0]["unit"]) if len(units) == 1 else ""
