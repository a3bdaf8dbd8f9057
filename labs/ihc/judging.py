"""From what was judged to a read: which values belong to which scale, and which contradict each other."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.ihc.models import Read
from labs.ihc.scoring import EXTENT_BINS, ReadError, extent_of_percent
from labs.markers.models import Scale, Stain
from labs.rounds.models import Slide

# What belongs to which scale: a number of another scale is refused, not ignored.
JUDGED = {
    Scale.SCORE: ("intensity", "percent", "extent"),
    Scale.FIELDS: ("field_counts", "fewer_fields_reason"),
    Scale.DENSITY: ("density",),
}
NOTHING_JUDGED = {name: "" if name == "fewer_fields_reason" else None for names in JUDGED.values() for name in names}


def build_read(stain: Stain, reader: str, judged: Mapping[str, Any], comment: str, **of_slide: Any) -> Read:
    """A read that nobody has stored yet; refused when it holds what its scale does not know."""
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
    _refuse_two_extents(judged["percent"], judged["extent"], of_slide.get("slide"))
    counts = judged["field_counts"]
    return Read(
        stain=stain,
        reader=reader,
        comment=comment,
        **(dict(judged) | {"field_counts": None if counts is None else list(counts)}),
        **of_slide,
    )


def copy_of(read: Read) -> Read:
    """The same judgement as a row of its own, for a revision that takes back or restores."""
    names = [name for scale in JUDGED.values() for name in scale]
    return Read(
        stain=read.stain,
        slide=read.slide,
        reader=read.reader,
        comment=read.comment,
        not_assessable=read.not_assessable,
        is_flagged=read.is_flagged,
        seconds=read.seconds,
        **{name: getattr(read, name) for name in names},
    )


def _refuse_retired(stain: Stain) -> None:
    if stain.retired_reason or stain.specimen.retired_reason:
        raise ValidationError({"stain": _("This stain was marked as entered in error.")})


def _refuse_fraction(name: str, value: Any) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise ValidationError({name: _("Give a whole number.")})


def _refuse_two_extents(percent: int | None, extent: int | None, slide: Slide | None) -> None:
    if percent is None or extent is None:
        return
    try:
        expected = extent_of_percent(percent, slide.round.protocol.extent_bins if slide else EXTENT_BINS)
    except ReadError as error:
        raise ValidationError({"percent": str(error)}) from error
    if extent != expected:
        raise ValidationError(
            {
                "extent": _("%(percent)s %% is extent %(expected)s, not %(extent)s: give one of the two.")
                % {"percent": percent, "expected": expected, "extent": extent}
            }
        )
