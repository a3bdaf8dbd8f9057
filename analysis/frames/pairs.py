"""Tumour and adjacent normal tissue of one marker, by IHC, Western blot and qPCR, as columns of a frame."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from analysis.frames.pair_columns import LABELS, TISSUES, pair_column, side_column, specimen_column
from labs.ihc.selectors import ihc_pairs
from labs.markers.models import Scale
from labs.models import Marker
from labs.specimens.pairing import Side, TissuePair
from labs.wetlab.pairs import blot_pairs, fold_pairs
from registry.models import Cohort

_LOADERS: dict[str, Callable[[Cohort, str, str], list[TissuePair]]] = {
    "ihc": ihc_pairs,
    "blot": blot_pairs,
    "qpcr": fold_pairs,
}


@dataclass
class PairColumns:
    """Of one marker: what each column is, its cells by enrolment, and the facts behind a cell."""

    descriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    cells: dict[int, dict[str, Any]] = field(default_factory=dict)
    facts: list[tuple[int, str, tuple[str, ...]]] = field(default_factory=list)


def load_pairs(cohort: Cohort, marker: str, using: str) -> PairColumns:
    columns = PairColumns()
    units = {"ihc": _ihc_unit(marker, using), "blot": "ratio", "qpcr": "fold"}
    for method, load in _LOADERS.items():
        described = {"label": f"{marker} ({LABELS[method]})", "unit": units[method]}
        for tissue in TISSUES:
            columns.descriptions[side_column(method, marker, tissue)] = described
        for pair in load(cohort, marker, using):
            row = columns.cells.setdefault(pair.enrolment_id, {})
            for tissue, side in zip(TISSUES, (pair.tumour, pair.normal), strict=True):
                _add_side(columns, row, pair.enrolment_id, (method, marker, tissue), side)
            for what in ("change", "unmatched", "source"):
                row[pair_column(method, marker, what)] = getattr(pair, what)
    return columns


def _ihc_unit(marker: str, using: str) -> str:
    known = Marker.objects.using(using).filter(code=marker).first()
    if known is None:
        return ""
    return {Scale.SCORE: "score", Scale.FIELDS: "cells per field"}.get(Scale(known.scale), known.unit)


def _add_side(
    columns: PairColumns, row: dict[str, Any], enrolment_id: int, at: tuple[str, str, str], side: Side | None
) -> None:
    row[side_column(*at)] = side.value if side else None
    row[specimen_column(*at)] = side.specimen if side else None
    if side and side.facts:
        refs = tuple(f"{fact.model} {fact.pk} v{fact.version}" for fact in side.facts)
        columns.facts.append((enrolment_id, side_column(*at), refs))
