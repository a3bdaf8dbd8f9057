"""At which p a result is judged: 0.05, or what the spending plan of its analysis leaves at this look.

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
    plan = current_plan(analysis)
    if plan is None or not isinstance(kind, SequentialKind):
        return Judged(kind.headline(output))
    look = judged([*events_seen(analysis), _events(kind.headline(output))], plan.plan)[-1]
    content = look.as_json() | {"plan": plan.number, "method": plan.method, "alpha": plan.alpha}
    content |= {"information": plan.information, "max_looks": plan.max_looks}
    return Judged(kind.headline_at(output, look.threshold), look.threshold, canonical_json(content))


def claims_of(kind: Kind, output: Output, threshold: float) -> list[Claim]:
    """The headline of an output as it was judged when it was new: what re-execution compares with."""
    return kind.headline_at(output, threshold) if isinstance(kind, SequentialKind) else kind.headline(output)


def current_plan(analysis: Analysis) -> SpendingPlan | None:
    return SpendingPlan.objects.filter(analysis=analysis).order_by("-number").first()


def events_seen(analysis: Analysis) -> list[int]:
    """Of every look so far: those before the plan were looks as well."""
    return [_count(result.claims) for result in Result.objects.filter(analysis=analysis).order_by("look")]


def _events(claims: Iterable[Claim]) -> int:
    return _count(claim.as_json() for claim in claims)


def _count(claims: Iterable[dict[str, Any]]) -> int:
    return next((int(claim["value"]) for claim in claims if claim["name"] == "events"), 0)
