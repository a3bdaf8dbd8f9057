"""Reads outside a round. What the reader judged comes in; extent, score and mean are computed by the model."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.ihc.judging import NOTHING_JUDGED, build_read, copy_of
from labs.ihc.models import Read
from labs.markers.models import Stain
from labs.revisions import record, record_many, supersede
from registry.log.actors import Actor


def read_record(
    *,
    stain: Stain,
    reader: str,
    intensity: int | None = None,
    percent: int | None = None,
    extent: int | None = None,
    field_counts: Sequence[int] | None = None,
    fewer_fields_reason: str = "",
    density: float | None = None,
    comment: str = "",
    by: Actor,
    reason: str = "",
) -> Read:
    judged = {
        "intensity": intensity,
        "percent": percent,
        "extent": extent,
        "field_counts": field_counts,
        "fewer_fields_reason": fewer_fields_reason,
        "density": density,
    }
    return record(build_read(stain, reader, judged, comment), by=by, reason=reason)


def reads_record(*, reads: Sequence[tuple[Stain, str, Mapping[str, Any]]], by: Actor, reason: str = "") -> list[Read]:
    """Many first reads at once: of each the stain, the reader and what was judged, by the names of read_record."""
    rows = [build_read(stain, reader, {**NOTHING_JUDGED, **judged}, "") for stain, reader, judged in reads]
    return record_many(rows, by=by, reason=reason)


def read_correct(
    *,
    read: Read,
    intensity: int | None = None,
    percent: int | None = None,
    extent: int | None = None,
    field_counts: Sequence[int] | None = None,
    fewer_fields_reason: str = "",
    density: float | None = None,
    comment: str = "",
    by: Actor,
    reason: str,
) -> Read:
    """A whole new judgement in place of `read`, the revision that was shown: StaleWrite when it is not the newest."""
    _require(reason)
    judged = {
        "intensity": intensity,
        "percent": percent,
        "extent": extent,
        "field_counts": field_counts,
        "fewer_fields_reason": fewer_fields_reason,
        "density": density,
    }
    new = build_read(read.stain, read.reader, judged, comment)
    return supersede(read, new, by=by, reason=reason.strip())


def read_retract(*, read: Read, by: Actor, reason: str) -> Read:
    _require(reason)
    return supersede(read, copy_of(read), by=by, reason=reason.strip(), retract=True)


def _require(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the read is corrected.")})
