"""What a spending plan lets each look spend. A look is a new result; those that bring no new events spend nothing."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from analysis.stats.alpha_spending import boundaries

# Looks nearer than this share of the planned events are one look to the boundaries.
_NEAREST = 1e-3


@dataclass(frozen=True)
class Plan:
    method: str
    alpha: float
    # planned events
    information: int
    max_looks: int


@dataclass(frozen=True)
class Look:
    """At which p a look is judged, and what the looks so far have spent of alpha."""

    look: int
    events: int
    # of the planned events, at most 1
    fraction: float
    # the nominal p that reaches the boundary; 0 as long as nothing may be spent
    threshold: float
    # what this look spends of alpha, and what all looks up to it have spent
    spent: float
    cumulative: float
    # More looks or events than planned: the last boundary stays, and alpha is no longer kept.
    is_beyond: bool

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def judged(events: Sequence[int], plan: Plan) -> list[Look]:
    """Look by look, in their order; `events` are those that each look saw.

    1. A look that brings at least a thousandth of the planned events more than any before it spends by the function.
    2. Every other one corrects the data of the look before: it is judged at that boundary again and spends nothing.
    3. After the last planned look, or beyond the planned events, nothing is left to spend.
    """
    steps: list[float] = []
    spending = []
    for place, count in enumerate(events, start=1):
        fraction = min(count / plan.information, 1.0)
        is_step = place <= plan.max_looks and fraction >= (steps[-1] if steps else 0.0) + _NEAREST
        steps += [fraction] * is_step
        spending.append((len(steps), is_step))
    design = boundaries(steps, alpha=plan.alpha, spending=plan.method) if steps else None
    return [
        Look(
            look=place,
            events=count,
            fraction=min(count / plan.information, 1.0),
            threshold=float(design.nominal_p[step - 1]) if design and step else 0.0,
            spent=float(design.increments[step - 1]) if design and is_step else 0.0,
            cumulative=float(design.spent[step - 1]) if design and step else 0.0,
            is_beyond=place > plan.max_looks or count > plan.information,
        )
        for place, (count, (step, is_step)) in enumerate(zip(events, spending, strict=True), start=1)
    ]
