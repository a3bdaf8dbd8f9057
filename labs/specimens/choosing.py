"""Several specimens of one kind of one patient: which one an analysis takes."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from statistics import fmean

from labs.measured import FactRef, Measured


@dataclass(frozen=True)
class OnSpecimen:
    """A current value measured on a specimen; `source` is its reader, gel or reference gene."""

    enrolment_id: int
    specimen: str
    collected: date | None
    value: float
    source: str
    fact: FactRef


Combine = Callable[[list[OnSpecimen]], tuple[float, str, list[OnSpecimen]]]


def measured_by_enrolment(rows: Iterable[OnSpecimen], combine: Combine) -> list[Measured]:
    """One value per enrolment: of the specimen collected last, by code when days are equal, combined from its rows."""
    grouped: dict[int, list[OnSpecimen]] = defaultdict(list)
    for row in rows:
        grouped[row.enrolment_id].append(row)
    return [_measured(enrolment_id, found, combine) for enrolment_id, found in grouped.items()]


def _measured(enrolment_id: int, rows: list[OnSpecimen], combine: Combine) -> Measured:
    # An undated specimen counts as earlier than every dated one.
    latest = max(row.collected or date.min for row in rows)
    chosen = min(row.specimen for row in rows if (row.collected or date.min) == latest)
    value, note, used = combine([row for row in rows if row.specimen == chosen])
    others = sorted({row.specimen for row in rows} - {chosen})
    if others:
        note = f"{note} {chosen} was collected last (of equal days the first code); not used: {', '.join(others)}."
    return Measured(
        enrolment_id,
        value,
        note.strip(),
        tuple(row.fact for row in used),
        specimen=chosen,
    )


def mean_of(noun: str) -> Combine:
    """The mean over the sources of a specimen, said when there is more than one."""

    def combine(rows: list[OnSpecimen]) -> tuple[float, str, list[OnSpecimen]]:
        if len(rows) == 1:
            return rows[0].value, "", rows
        names = ", ".join(row.source for row in rows)
        return fmean(row.value for row in rows), f"Mean of {len(rows)} {noun}: {names}.", rows

    return combine


def preferred(source: str, noun: str) -> Combine:
    """The value of the preferred source, else of the first by name: values of different sources are not averaged."""

    def combine(rows: list[OnSpecimen]) -> tuple[float, str, list[OnSpecimen]]:
        taken = min(rows, key=lambda row: (row.source != source, row.source))
        left = sorted(row.source for row in rows if row is not taken)
        note = f"{noun} {taken.source}; not used: {', '.join(left)}." if left else f"{noun} {taken.source}."
        return taken.value, note, [taken]

    return combine
