"""Rows of an export to stains: what fits the declared pattern and exactly one stain; the rest waits with its reason."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.formats.qupath import AREA, Measurement, QuPathTable
from labs.formats.recognise import recognise
from labs.markers.models import Stain
from labs.quantified.models import Quarantine
from labs.quantified.patterns import PatternRefused, named


@dataclass(frozen=True)
class Matched:
    measurement: Measurement
    stain: Stain | None
    quarantine: str = ""

    @property
    def why(self) -> str:
        return str(Quarantine(self.quarantine).label) if self.quarantine else ""

    @property
    def area_mm2(self) -> float | None:
        area = self.measurement.get(AREA)
        return None if area is None else area / 1e6


def table_in(name: str, content: bytes) -> QuPathTable:
    """ValidationError with the sentence of the format when the file holds no counts."""
    found = recognise(name, content)
    reading = found.reading
    if reading is None or not isinstance(reading.document, QuPathTable) or not reading.would_store:
        raise ValidationError({"file": str(found.refusal(_("This is no QuPath export."), "qupath_tsv"))})
    return reading.document


def matched(table: QuPathTable, pattern: str, stains: Iterable[Stain]) -> list[Matched]:
    """`stains` with their specimen and marker: those that the person may see. ValidationError for a bad pattern."""
    known = {(stain.specimen.code.casefold(), stain.marker.code.casefold()): stain for stain in stains}
    try:
        return [_matched(row, pattern, known) for row in table.rows]
    except PatternRefused as refused:
        raise ValidationError({"pattern": str(refused)}) from refused


def _matched(row: Measurement, pattern: str, known: dict[tuple[str, str], Stain]) -> Matched:
    ways = named(row.image, pattern)
    if row.is_missing:
        return Matched(row, None, Quarantine.MISSING)
    if row.problems:
        return Matched(row, None, Quarantine.CONTRADICTION)
    if not ways:
        return Matched(row, None, Quarantine.PATTERN)
    keys = ((way.specimen.casefold(), way.marker.casefold()) for way in ways)
    found = [known[key] for key in keys if key in known]
    return Matched(row, found[0]) if len(found) == 1 else Matched(row, None, Quarantine.NO_STAIN)
