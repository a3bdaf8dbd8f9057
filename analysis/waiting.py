"""Which open rounds keep values from an analysis at the moment, with how far they are."""

from analysis.engine.models import Analysis
from labs.rounds.selectors import Waiting, waiting_rounds

_REASON = "waiting for round "


def waiting_of(analysis: Analysis) -> list[Waiting]:
    """The numbers are of now and stand on the page only: in a result every save of a reader would be a new one."""
    if analysis.current is None:
        return []
    left_out = analysis.current.provenance_values.get("left_out", [])
    rounds = {row["reason"].partition(_REASON)[2] for row in left_out}
    if rounds <= {""}:
        return []
    domains = analysis.inputs.values_list("stream__domain", flat=True)
    markers = [domain.removeprefix("ihc/") for domain in domains if domain.startswith("ihc/")]
    return [waiting for waiting in waiting_rounds(analysis.cohort, markers) if waiting.round in rounds]
