"""What the page of an analysis shows of its looks and of the plan that spends alpha over them."""

from dataclasses import dataclass
from typing import Any

from analysis.engine.models import Analysis
from analysis.kinds.wording import ALPHA
from analysis.spending.judging import signed_threshold
from analysis.spending.models import SpendingPlan
from analysis.spending.services import may_carry_plan


@dataclass(frozen=True)
class Spending:
    may_carry_plan: bool
    # newest first
    plans: list[SpendingPlan]
    # the looks that a plan judged, newest first
    looks: list[dict[str, Any]]
    # at which p the next result is judged where no spending plan says
    threshold: float

    @property
    def plan(self) -> SpendingPlan | None:
        return self.plans[0] if self.plans else None


def spending_of(analysis: Analysis) -> Spending:
    plans = list(SpendingPlan.objects.filter(analysis=analysis).order_by("-number"))
    results = analysis.results.exclude(spending="").order_by("-look") if plans else []
    looks = [
        values | {"at": result.created_at, "p": judged_p(result.claims)}
        for result in results
        if (values := result.spending_values)
    ]
    return Spending(may_carry_plan(analysis), plans, looks, signed_threshold(analysis) or ALPHA)


def judged_p(claims: list[dict[str, Any]]) -> float | None:
    """The p that the first verdict rests on."""
    found = (claim["value"] for claim in claims if claim["name"].endswith("_p") and claim["value"] is not None)
    return next(found, None)
