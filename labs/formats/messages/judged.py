"""What becomes of one observation by the site's mappings, before anybody knows the patient."""

from dataclasses import dataclass
from enum import StrEnum

from labs.formats.messages.received import Observation


class Outcome(StrEnum):
    PLACED = "placed"
    QUARANTINED = "quarantined"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Judged:
    """`value` is in `unit`, which is the analyte's canonical one unless the site keeps another apart (IU/mL of AFP).

    `coded` is a result in words. `for_analysis` is False for what is preliminary or unverified. A row that is
    implausible shows the value that it would have had. `withdraws` is True where an earlier value is to be withdrawn,
    `is_conflict` where a row above it in the same message says another value of the same result.
    """

    observation: Observation
    outcome: Outcome
    reason: str = ""
    analyte: str = ""
    code: str = ""
    value: float | None = None
    unit: str = ""
    comparator: str = ""
    coded: str = ""
    for_analysis: bool = True
    withdraws: bool = False
    is_conflict: bool = False
