"""What the pages of the registered models show: each with what it does in the cohorts that the user may see."""

from dataclasses import dataclass
from typing import Any

from analysis.access import visible_analyses, visible_models
from analysis.engine.freshness import Freshness, freshness_of
from analysis.engine.models import Analysis
from analysis.kinds.validation import VALIDATION
from analysis.riskmodels.models import RiskModel
from analysis.riskmodels.scorable import scorable
from registry.cohorts.access import visible_cohorts
from registry.cohorts.models import Cohort
from registry.people.models import User


@dataclass(frozen=True)
class Validated:
    analysis: Analysis
    freshness: Freshness
    is_own: bool
    # Of the patients of another cohort, those whom the model was made from.
    shared: int
    n: int | None
    events: int | None
    concordance: dict[str, Any] | None
    slope: dict[str, Any] | None
    areas: list[dict[str, Any]]
    refused: str


@dataclass(frozen=True)
class ShownModel:
    model: RiskModel
    validated: list[Validated]

    @property
    def n_external(self) -> int:
        """Those that found something, in other patients only."""
        return sum(row.concordance is not None and not (row.is_own or row.shared) for row in self.validated)


def shown_models(user: User) -> list[ShownModel]:
    return [shown_model(user, model) for model in visible_models(user)]


def shown_model(user: User, model: RiskModel) -> ShownModel:
    analyses = visible_analyses(user).filter(
        kind=VALIDATION.code, parameters__model=model.code, parameters__number=model.number
    )
    return ShownModel(model, [_validated(model, analysis) for analysis in analyses.order_by("cohort__code", "order")])


def _validated(model: RiskModel, analysis: Analysis) -> Validated:
    # The definition may ask for another kind since: the result says what it is of.
    current = analysis.current if analysis.current and analysis.current.kind == VALIDATION.code else None
    output = current.output_values if current else {}
    areas = output.get("timeroc") or {}
    return Validated(
        analysis=analysis,
        freshness=freshness_of(analysis),
        is_own=model.developed_in_id == analysis.cohort_id,
        shared=output.get("shared", 0),
        n=output.get("n"),
        events=output.get("events"),
        concordance=output.get("concordance"),
        slope=output.get("slope"),
        areas=[row for row in areas.get("times", []) if not row["refused"]],
        refused=str(output.get("refused") or ""),
    )


def not_scored(user: User, model: RiskModel, shown: ShownModel) -> list[tuple[Cohort, str]]:
    """Cohorts that the model cannot be applied to, and why."""
    known = {row.analysis.cohort_id for row in shown.validated}
    others = [cohort for cohort in visible_cohorts(user) if cohort.pk not in known]
    found = [(cohort, scorable(model, cohort).why) for cohort in others]
    return [(cohort, why) for cohort, why in found if why]
