"""At which p a result is judged: what the spending plan of its analysis leaves at this look, else the threshold of its
signed plan, else 0.05.

The threshold is no part of a result's identity. It belongs to the look at which the result was first seen, and is kept
with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from analysis.canonical import canonical_json
from analysis.engine.models import Analysis, Result
from analysis.headline.claims import Claim
from analysis.kinds.base import Kind, Output, SequentialKind
from analysis.kinds.wording import ALPHA
from analysis.plans.models import AnalysisPlan
from analysis.spending.looks import judged
from analysis.spending.models import SpendingPlan


@dataclass(frozen=True)
class Judged:
    claims: list[Claim]
    threshold: float = ALPHA
    # canonical JSON of the look and its plan, "" without one
    spending: str = ""


def judge(analysis: Analysis, kind: Kind, output: Output) -> Judged:
    """Called by who holds the claim, before the result is stored: nobody else adds a look meanwhile."""
    if not isinstance(kind, SequentialKind):
        return Judged(kind.headline(output))
    plan = current_plan(analysis)
    if plan is None:
        threshold = signed_threshold(analysis) or ALPHA
        return Judged(kind.headline_at(output, threshold), threshold)
    look = judged([*events_seen(analysis), _events(kind.headline(output))], plan.plan)[-1]
    content = look.as_json() | {"plan": plan.number, "method": plan.method, "alpha": plan.alpha}
    content |= {"information": plan.information, "max_looks": plan.max_looks}
    return Judged(kind.headline_at(output, look.threshold), look.threshold, canonical_json(content))


def claims_of(kind: Kind, output: Output, threshold: float) -> list[Claim]:
    """The headline of an output as it was judged when it was new: what re-execution compares with."""
    return kind.headline_at(output, threshold) if isinstance(kind, SequentialKind) else kind.headline(output)


def signed_threshold(analysis: Analysis) -> float | None:
    """Of the plan that was signed before anybody had seen an answer; a later one registers nothing."""
    plans = AnalysisPlan.objects.filter(analysis=analysis, retired_reason="", looks=0)
    return plans.values_list("alpha", flat=True).first()


def current_plan(analysis: Analysis) -> SpendingPlan | None:
    return SpendingPlan.objects.filter(analysis=analysis).order_by("-number").first()


def events_seen(analysis: Analysis) -> list[int]:
    """Of every look so far: those before the plan were looks as well."""
    return [_count(result.claims) for result in Result.objects.filter(analysis=analysis).order_by("look")]


def _events(claims: Iterable[Claim]) -> int:
    return _count(claim.as_json() for claim in claims)


def _count(claims: Iterable[dict[str, Any]]) -> int:
    return next((int(claim["value"]) for claim in claims if claim["name"] == "events"), 0)
