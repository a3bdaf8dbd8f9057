"""The scores of a patient, on the patient's page: value, what it was made of, and whether it still stands."""

from dataclasses import dataclass
from typing import Any

from analysis.engine.freshness import Freshness, freshness_of
from analysis.engine.models import Analysis
from analysis.scores.models import PatientScore
from analysis.scores.selectors import present_scores
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
    rows = present_scores(user).filter(enrolment__patient=patient).order_by("model__code", "-model__number", "pk")
    shown = [_shown(row) for row in rows]
    return {"scores": shown} if shown else None


def _shown(score: PatientScore) -> ShownScore:
    parts = [
        (term["name"], score.values[term["name"]], score.model.unit_of(term))
        for term in score.model.terms
        if term["name"] in score.values
    ]
    analysis = score.result.analysis
    return ShownScore(score, analysis, freshness_of(analysis), parts)
