"""The flow of a cohort's patients as boxes, each with those who leave after it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from registry.outcomes.flow import Flow


@dataclass(frozen=True)
class Box:
    label: str
    n: int
    out: list[tuple[str, int]]


def boxes(flow: Flow) -> list[Box]:
    """Each box is the one above it without those who left."""
    unknown = [(_("Eligibility not yet known"), flow.pending)] if flow.pending else []
    return [
        Box(_("Enrolled"), flow.registered, [(_("Withdrawn"), flow.withdrawn)] if flow.withdrawn else []),
        Box(
            _("In the cohort"),
            flow.registered - flow.withdrawn,
            [*flow.ineligible_by_criterion.items(), *unknown],
        ),
        Box(_("Eligible"), flow.eligible, []),
    ]
