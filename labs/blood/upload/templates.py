"""Empty tables to fill in: one row per draw, or one row per result."""

from collections.abc import Iterable

from labs.blood.models import Analyte
from labs.blood.units import printed

COLUMNS = ["draw", "study_number", "collected"]


def wide(analytes: Iterable[Analyte]) -> list[list[str]]:
    """The header with every analyte and its unit, so that only values are left to be filled in."""
    return [[*COLUMNS, *(_header(analyte) for analyte in analytes)]]


def long(analytes: Iterable[Analyte]) -> list[list[str]]:
    return [[*COLUMNS, "analyte", "value", "unit"]]


def _header(analyte: Analyte) -> str:
    unit = printed(analyte.unit)
    return f"{analyte.code} ({unit})" if unit else analyte.code
