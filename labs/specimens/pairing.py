"""Tumour against the adjacent normal tissue of the same patient, for one method and one marker."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from labs.measured import FactRef, Measured


@dataclass(frozen=True)
class Side:
    """What was measured on one of the two tissues."""

    specimen: str
    value: float
    facts: tuple[FactRef, ...] = ()


@dataclass(frozen=True)
class TissuePair:
    """`change` is tumour against normal on the scale of the method, None where it cannot be computed.

    `unmatched` says why the tissues that are there make no pair, in the same words for every patient: it becomes part
    of a frame, whose bytes must not depend on a language. `source` is the gel or the reference gene.
    """

    enrolment_id: int
    tumour: Side | None
    normal: Side | None
    change: float | None = None
    unmatched: str = ""
    source: str = ""


def side_of(measured: Measured | None) -> Side | None:
    if measured is None or measured.value is None:
        return None
    return Side(measured.specimen, measured.value, measured.facts)


def lacking(tumour: Side | None, normal: Side | None, what: str) -> str:
    if tumour is None:
        return f"no tumour tissue with {what}"
    return f"no adjacent normal tissue with {what}" if normal is None else ""


def pair_by_enrolment(tumours: Iterable[Measured], normals: Iterable[Measured], what: str) -> list[TissuePair]:
    """Pairs of values on one scale; the change is their difference."""
    left = {item.enrolment_id: item for item in tumours}
    right = {item.enrolment_id: item for item in normals}
    found = []
    for enrolment_id in sorted(left | right):
        both = left.get(enrolment_id), right.get(enrolment_id)
        tumour, normal = (side_of(item) for item in both)
        change = tumour.value - normal.value if tumour and normal else None
        reason = _why_absent(*both) or lacking(tumour, normal, what)
        found.append(TissuePair(enrolment_id, tumour, normal, change, reason))
    return found


def _why_absent(tumour: Measured | None, normal: Measured | None) -> str:
    """Why a tissue that was measured has no value to use, such as a stain that waits for its round."""
    named = (("tumour", tumour), ("normal tissue", normal))
    return "; ".join(f"{tissue} {item.note}" for tissue, item in named if item is not None and item.value is None)


def last_collected(dated: Iterable[tuple[str, date | None]]) -> str:
    """The rule for several specimens of a kind: the one collected last, of equal days the first code."""
    return min(dated, key=lambda item: (-(item[1] or date.min).toordinal(), item[0]))[0]
