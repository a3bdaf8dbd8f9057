"""Reads outside a round. What the reader judged comes in; extent, score and mean are computed by the model."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.ihc.models import Read
from labs.ihc.scoring import ReadError, extent_of_percent
from labs.markers.models import Scale, Stain
from labs.revisions import record, record_many, supersede
from registry.log.actors import Actor

# What belongs to which scale: a number of another scale is refused, not ignored.
JUDGED = {
    Scale.SCORE: ("intensity", "percent", "extent"),
    Scale.FIELDS: ("field_counts", "fewer_fields_reason"),
    Scale.DENSITY: ("density",),
}
_NOTHING_JUDGED = {name: "" if name == "fewer_fields_reason" else None for names in JUDGED.values() for name in names}


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
    return record(_read(stain, reader, judged, comment), by=by, reason=reason)


def reads_record(*, reads: Sequence[tuple[Stain, str, Mapping[str, Any]]], by: Actor, reason: str = "") -> list[Read]:
    """Many first reads at once: of each the stain, the reader and what was judged, by the names of read_record."""
    rows = [_read(stain, reader, {**_NOTHING_JUDGED, **judged}, "") for stain, reader, judged in reads]
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
    new = _read(read.stain, read.reader, judged, comment)
    return supersede(read, new, by=by, reason=reason.strip())


def read_retract(*, read: Read, by: Actor, reason: str) -> Read:
    _require(reason)
    names = [name for scale in JUDGED.values() for name in scale]
    new = Read(
        stain=read.stain,
        reader=read.reader,
        comment=read.comment,
        **{name: getattr(read, name) for name in names},
    )
    return supersede(read, new, by=by, reason=reason.strip(), retract=True)


def _read(stain: Stain, reader: str, judged: dict[str, Any], comment: str) -> Read:
    _refuse_retired(stain)
    scale = Scale(stain.marker.scale)
    foreign = [name for name, value in judged.items() if value not in (None, "") and name not in JUDGED[scale]]
    if foreign:
        raise ValidationError(
            {
                foreign[0]: _("%(marker)s is read on the scale “%(scale)s”: this value does not belong to it.")
                % {"marker": stain.marker.code, "scale": scale.label}
            }
        )
    for name in ("intensity", "percent", "extent"):
        _refuse_fraction(name, judged[name])
    _refuse_two_extents(judged["percent"], judged["extent"])
    counts = judged["field_counts"]
    return Read(
        stain=stain,
        reader=reader,
        comment=comment,
        **(judged | {"field_counts": None if counts is None else list(counts)}),
    )


def _refuse_retired(stain: Stain) -> None:
    if stain.retired_reason or stain.specimen.retired_reason:
        raise ValidationError({"stain": _("This stain was marked as entered in error.")})


def _refuse_fraction(name: str, value: Any) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise ValidationError({name: _("Give a whole number.")})


def _refuse_two_extents(percent: int | None, extent: int | None) -> None:
    if percent is None or extent is None:
        return
    try:
        expected = extent_of_percent(percent)
    except ReadError as error:
        raise ValidationError({"percent": str(error)}) from error
    if extent != expected:
        raise ValidationError(
            {
                "extent": _("%(percent)s %% is extent %(expected)s, not %(extent)s: give one of the two.")
                % {"percent": percent, "expected": expected, "extent": extent}
            }
        )


def _require(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the read is corrected.")})
