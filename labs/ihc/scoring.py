"""The scoring rules of study.md section 2: what may be entered, and what follows from it."""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ATTAINABLE = (0, 1, 2, 3, 4, 6, 8, 9, 12)
# extent: lowest and highest percentage of positive cells
EXTENT_BINS: Mapping[int, tuple[int, int]] = {0: (0, 0), 1: (1, 25), 2: (26, 50), 3: (51, 75), 4: (76, 100)}
FIELDS = 5


class NotAssessable(models.TextChoices):
    NO_TUMOUR = "no_tumour", _("no tumour on the slide")
    NO_TISSUE = "no_tissue", _("tissue missing or washed off")
    NECROSIS = "necrosis", _("necrosis only")
    ARTEFACT = "artefact", _("folds, edge effect or other artefact")
    STAIN_FAILED = "stain_failed", _("staining failed")
    UNREADABLE = "unreadable", _("slide or image unreadable")
    OTHER = "other", _("other, see comment")


class ReadError(ValueError):
    def __init__(self, field: str, message: str | Promise) -> None:
        self.field = field
        super().__init__(str(message))


def extent_of_percent(percent: int, bins: Mapping[int, tuple[int, int]] = EXTENT_BINS) -> int:
    for extent, (low, high) in bins.items():
        if low <= percent <= high:
            return extent
    raise ReadError("percent", _("The percentage of positive cells is a whole number from 0 to 100."))


def score(intensity: int, extent: int) -> int:
    if intensity not in range(4):
        raise ReadError("intensity", _("The intensity is 0, 1, 2 or 3."))
    if extent not in EXTENT_BINS:
        raise ReadError("extent", _("The extent is 0, 1, 2, 3 or 4."))
    if (intensity == 0) != (extent == 0):
        raise ReadError("percent", _("Intensity 0 and 0 % go together: one without the other is a contradiction."))
    return intensity * extent


def field_mean(counts: Sequence[Any], fewer_reason: str = "") -> float:
    if not counts or len(counts) > FIELDS:
        raise ReadError("field_counts", _("Give the positive cells of five fields."))
    if any(isinstance(count, bool) or not isinstance(count, int) or count < 0 for count in counts):
        raise ReadError("field_counts", _("Positive cells are whole numbers from 0."))
    if len(counts) < FIELDS and not fewer_reason.strip():
        raise ReadError("fewer_fields_reason", _("Fewer than five fields need a reason."))
    return fmean(counts)
