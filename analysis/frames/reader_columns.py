"""A marker's values reader by reader, as further columns of a frame."""

from analysis.frames.columns import Column, cells_of
from analysis.frames.variables import parse
from labs.rounds.by_reader import ihc_by_reader
from registry.models import Cohort

CONSENSUS = "consensus"


def reader_column(marker: str, reader: str) -> str:
    return f"{marker} / {reader}"


def is_of_reader(marker: str, column: str) -> bool:
    return column.startswith(reader_column(marker, ""))


def load_reader_columns(cohort: Cohort, marker: str, using: str) -> dict[str, Column]:
    """None at all while no round of the marker is closed, so that a frame without rounds stays what it was."""
    variable = parse(marker)
    found = ihc_by_reader(cohort, variable.code, variable.specimen, using=using)
    if found is None:
        return {}
    return {
        reader_column(marker, name): Column(
            {"label": f"{variable.label}, {name}", "unit": "", "rounds": list(found.rounds)}, cells_of(measured)
        )
        for name, measured in found.columns.items()
    }
