"""Imports of QuPath measurements. A density becomes a read by "QuPath <classifier>", never one of a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.bench_files.models import BenchFile, FileKind
from labs.bench_files.services import file_keep, sha256_of
from labs.ihc.models import Read
from labs.ihc.services import read_correct, read_record, read_retract
from labs.markers.models import Scale, Stain
from labs.quantified.matching import Matched, matched, table_in
from labs.quantified.models import QuPathImport, QuPathRow
from registry.log.actors import Actor
from registry.log.facts import create, create_many, update
from registry.log.recording import recording


@dataclass(frozen=True)
class Imported:
    qupath_import: QuPathImport
    is_new: bool


def qupath_import(
    *,
    name: str,
    content: bytes,
    scorer: str,
    classifier: str,
    pattern: str,
    among: Iterable[Stain],
    script: str = "",
    by: Actor,
    reason: str = "",
) -> Imported:
    """Stores every row, on its stain or in quarantine. The same bytes again, whatever their name, change nothing.

    ValidationError with a sentence that names file, row, column and rule when the file is no export with counts.
    """
    known = BenchFile.objects.filter(sha256=sha256_of(content), qupath_import__isnull=False).first()
    if known is not None:
        return Imported(known.qupath_import, is_new=False)
    table = table_in(name, content)
    found = matched(table, pattern, among)
    with recording(by, reason):
        file = file_keep(name=name, kind=FileKind.QUPATH, content=content, by=by)
        made = create(
            QuPathImport(
                file=file, level=table.level, pattern=pattern, scorer=scorer, classifier=classifier, script=script
            ),
            by=by,
        )
        create_many([_row(made, each) for each in found], by=by)
        for stain in {each.stain.pk: each.stain for each in found if each.stain}.values():
            _density_follow(made, stain, by, reason)
    return Imported(made, is_new=True)


def _row(made: QuPathImport, each: Matched) -> QuPathRow:
    found = each.measurement
    return QuPathRow(
        qupath_import=made,
        row=found.row,
        image=found.image[:255],
        name=found.name[:120],
        stain=each.stain,
        quarantine=each.quarantine,
        detections=found.get("Num Detections"),
        positive=found.positive,
        negative=found.get("Num Negative"),
        area_mm2=each.area_mm2,
        percent=found.positive_percent,
        density=found.density,
        h_score=found.get("H-score"),
    )


def row_assign(
    *, row: QuPathRow, stain: Stain, expected_version: int | None = None, by: Actor, reason: str
) -> QuPathRow:
    """Puts a row on the stain that a person says it was measured on; densities follow on both stains."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say how you know.")})
    before = row.stain
    with recording(by, reason):
        changes = {"stain": stain, "quarantine": ""}
        stored = update(row, changes, expected_version=expected_version, by=by, reason=reason)
        for each in {each.pk: each for each in (before, stain) if each is not None}.values():
            _density_follow(row.qupath_import, each, by, reason)
    return stored


def _density_follow(made: QuPathImport, stain: Stain, by: Actor, reason: str) -> None:
    """The density of a stain by this classifier is that of all its regions together: cells over area."""
    if stain.marker.scale != Scale.DENSITY or not _is_per_mm2(stain.marker.unit):
        return
    rows = QuPathRow.objects.valid().filter(stain=stain, qupath_import=made, positive__isnull=False, area_mm2__gt=0)
    counted = [(row.positive, row.area_mm2) for row in rows if row.positive is not None and row.area_mm2 is not None]
    newest = Read.objects.outside_rounds().current().filter(stain=stain, reader=made.reader).first()
    why = reason or _("measured by %(what)s") % {"what": made.log_code()}
    if not counted:
        if newest is not None:
            read_retract(read=newest, by=by, reason=why)
        return
    density = fsum(positive for positive, _area in counted) / fsum(area for _positive, area in counted)
    density = float(f"{density:.12g}")
    if newest is not None:
        read_correct(read=newest, density=density, by=by, reason=why)
        return
    retracted = Read.objects.outside_rounds().filter(stain=stain, reader=made.reader, successor__isnull=True).first()
    if retracted is not None:
        read_correct(read=retracted, density=density, by=by, reason=why)
    else:
        read_record(stain=stain, reader=made.reader, density=density, by=by, reason=reason)


def _is_per_mm2(unit: str) -> bool:
    """Where the catalogue names no unit, or cells per mm²: anything else would be a number on another scale."""
    plain = unit.casefold().replace(" ", "").replace("^2", "²")
    return plain in {"", "/mm²", "1/mm²", "permm²", "cells/mm²", "cellspermm²", "positive/mm²"}
