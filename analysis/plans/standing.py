"""How far an analysis can be called registered, for its page."""

from dataclasses import dataclass

from analysis.engine.models import Analysis
from analysis.plans.models import AnalysisPlan


@dataclass(frozen=True)
class Standing:
    plan: AnalysisPlan | None
    # the newest one that no longer holds, while none does
    voided: AnalysisPlan | None

    @property
    def is_tampered(self) -> bool:
        return self.plan is not None and not self.plan.is_as_signed


def standing_of(analysis: Analysis) -> Standing:
    plans = list(analysis.plans.select_related("signature", "analysis__cohort").order_by("-pk")[:1])
    newest = plans[0] if plans else None
    if newest is None or not newest.retired_reason:
        return Standing(newest, None)
    return Standing(None, newest)
