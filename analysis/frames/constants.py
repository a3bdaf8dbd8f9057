"""What a frame holds besides patients: declared cutoffs, the coefficients of a registered model."""

from typing import Any

from analysis.cutoffs.models import Cutoff
from analysis.datasets.expression import expression_constant
from analysis.datasets.selectors import as_constants
from analysis.frames.frame import Frame
from analysis.frames.request import CutoffWish, FrameRequest
from analysis.riskmodels.models import RiskModel
from registry.models import Cohort, Enrolment


def load_constants(cohort: Cohort, request: FrameRequest, using: str) -> dict[str, Any]:
    constants: dict[str, Any] = {}
    if request.cutoffs:
        constants["cutoffs"] = _cutoffs(cohort, request.cutoffs, using)
    if request.risk_model:
        constants["risk_model"] = _risk_model(cohort, request.risk_model, using)
    if request.datasets:
        constants["datasets"] = as_constants(cohort, request.datasets, using)
    if request.expression:
        constants["expression"] = expression_constant(cohort, using)
    return constants


def _cutoffs(cohort: Cohort, wishes: tuple[CutoffWish, ...], using: str) -> dict[str, Any]:
    wanted = {(wish.variable, wish.status) for wish in wishes}
    declared = Cutoff.objects.using(using).filter(cohort_id=cohort.pk).order_by("number")
    return {
        f"{cutoff.variable}/{cutoff.status}": {
            "value": cutoff.value,
            "source": cutoff.source,
            "number": cutoff.number,
            # How it was found decides whether its p needs a correction; a declared one was not found.
            **({"method": cutoff.method} if cutoff.method else {}),
        }
        for cutoff in declared
        if (cutoff.variable, cutoff.status) in wanted
    }


def _risk_model(cohort: Cohort, key: tuple[str, int], using: str) -> dict[str, Any] | None:
    code, number = key
    models = RiskModel.objects.using(using).select_related("result__frame")
    model = models.filter(code=code, number=number).first()
    if model is None:
        return None
    told: dict[str, Any] = {}
    if model.cutoff is not None:
        told["cutoff"] = model.cutoff
    if model.developed_in_id == cohort.pk:
        told["is_own"] = True
    elif shared := _shared(model, cohort, using):
        told["shared"] = shared
    return {
        "code": model.code,
        "number": model.number,
        "title": model.title,
        "unit": model.unit,
        "terms": model.terms,
        "source": model.source,
        # Only where there is something to say: the rows of other models are the bytes that they always were.
        **told,
    }


def _shared(model: RiskModel, cohort: Cohort, using: str) -> list[str]:
    """Patients of another cohort whom the model was made from all the same."""
    if model.result is None:
        return []
    made_from = {row["patient"] for row in Frame.from_bytes(model.result.frame.content).rows}
    members = Enrolment.objects.using(using).filter(cohort_id=cohort.pk, retired_reason="", withdrawn_on__isnull=True)
    return sorted(made_from.intersection(members.values_list("patient__study_number", flat=True)))
