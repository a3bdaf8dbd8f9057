"""The scores of a patient, on the patient's page: value, what it was made of, and whether it still stands."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F

from analysis.access import visible_analyses
from analysis.engine.freshness import Freshness, freshness_of
from analysis.engine.models import Analysis
from analysis.scores.models import PatientScore
from registry.patients.models import Patient
from registry.people.models import User


@dataclass(frozen=True)
class ShownScore:
    score: PatientScore
    analysis: Analysis
    freshness: Freshness
    # term, value, unit
    parts: list[tuple[str, float, str]]


def scores_of(user: User, patient: Patient) -> dict[str, Any] | None:
    """Those of the present results; of analyses that the user may not see there are none."""
    analyses = visible_analyses(user).filter(current__patient_scores__enrolment__patient=patient).distinct()
    by_pk = {analysis.pk: analysis for analysis in analyses}
    rows = PatientScore.objects.filter(
        enrolment__patient=patient,
        enrolment__retired_reason="",
        enrolment__withdrawn_on__isnull=True,
        result__analysis__in=by_pk,
        result__analysis__current=F("result"),
    ).select_related("model", "result", "enrolment__cohort")
    shown = [_shown(row, by_pk[row.result.analysis_id]) for row in rows.order_by("model__code", "-model__number", "pk")]
    return {"scores": shown} if shown else None


def _shown(score: PatientScore, analysis: Analysis) -> ShownScore:
    parts = [
        (term["name"], score.values[term["name"]], score.model.unit_of(term))
        for term in score.model.terms
        if term["name"] in score.values
    ]
    return ShownScore(score, analysis, freshness_of(analysis), parts)
