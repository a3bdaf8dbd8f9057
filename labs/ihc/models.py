import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.ihc.scoring import EXTENT_BINS, NotAssessable, ReadError, extent_of_percent, field_mean, score
from labs.markers.models import Scale, Stain
from labs.revisions import Revision, RevisionQuerySet
from labs.rounds.models import RoundStatus, Slide, slide_streams
from registry.log.recording import StreamKey
from registry.patients.models import patient_streams

# A reader whose name begins so is a classifier of image analysis, and no person.
CLASSIFIER = "QuPath"


class ReadQuerySet(RevisionQuerySet["Read"]):
    def outside_rounds(self) -> Self:
        return self.filter(slide__isnull=True)

    def of_record(self) -> Self:
        """Without the reads of a round that is not closed: nothing but the round itself may see those."""
        return self.filter(models.Q(slide__isnull=True) | models.Q(slide__round__status=RoundStatus.CLOSED))


class Read(Revision):
    """One reader's judgement of a stain, on the scale of its marker. Score, extent and mean are ours to compute."""

    slide = models.ForeignKey(
        Slide, on_delete=models.PROTECT, null=True, blank=True, related_name="reads", verbose_name=_("slide")
    )
    stain = models.ForeignKey(Stain, on_delete=models.PROTECT, related_name="reads", verbose_name=_("stain"))
    reader = models.CharField(_("reader"), max_length=60)
    intensity = models.PositiveSmallIntegerField(
        _("intensity (0–3)"), null=True, blank=True, validators=[MaxValueValidator(3)]
    )
    percent = models.PositiveSmallIntegerField(
        _("positive cells (%)"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    extent = models.PositiveSmallIntegerField(
        _("extent (0–4)"), null=True, blank=True, validators=[MaxValueValidator(4)]
    )
    field_counts = models.JSONField(_("positive cells per field"), null=True, blank=True)
    fewer_fields_reason = models.CharField(_("reason for fewer than five fields"), max_length=120, blank=True)
    density = models.FloatField(_("density"), null=True, blank=True, validators=[MinValueValidator(0.0)])
    value = models.FloatField(_("value"), null=True, editable=False)
    not_assessable = models.CharField(
        _("not assessable because"), max_length=12, blank=True, choices=NotAssessable.choices
    )
    is_flagged = models.BooleanField(_("flagged to discuss"), default=False)
    seconds = models.PositiveIntegerField(_("seconds taken"), null=True, editable=False)
    comment = models.CharField(_("comment"), max_length=300, blank=True)

    objects = ReadQuerySet.as_manager()

    class Meta:
        ordering = ("stain", "reader", "version")
        verbose_name = _("IHC read")
        constraints = [
            models.UniqueConstraint(
                fields=["stain", "reader"],
                condition=models.Q(supersedes__isnull=True, slide__isnull=True),
                name="read_once_per_reader",
                violation_error_message=_("This reader has read this stain: correct that read."),
            ),
            models.UniqueConstraint(
                fields=["slide", "reader"],
                condition=models.Q(supersedes__isnull=True, slide__isnull=False),
                name="read_once_per_slide",
                violation_error_message=_("This reader has read this slide: correct that read."),
            ),
            models.CheckConstraint(
                condition=models.Q(value__isnull=False, not_assessable="")
                | (models.Q(value__isnull=True, slide__isnull=False) & ~models.Q(not_assessable="")),
                name="read_value_or_not_assessable",
            ),
            models.CheckConstraint(
                condition=models.Q(intensity__isnull=True) | models.Q(intensity__lte=3), name="read_intensity_range"
            ),
            models.CheckConstraint(
                condition=models.Q(intensity__isnull=True)
                | models.Q(intensity=0, extent=0)
                | models.Q(intensity__gt=0, extent__gt=0),
                name="read_intensity_agrees_with_extent",
            ),
            models.CheckConstraint(
                condition=models.Q(intensity__isnull=True) | models.Q(value=models.F("intensity") * models.F("extent")),
                name="read_score_is_the_product",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.log_code()} {self.reader} {self.judged}"

    @property
    def judged(self) -> str:
        return str(self.get_not_assessable_display()) if self.value is None else f"{self.value:g}"

    @property
    def extent_bins(self) -> Mapping[int, tuple[int, int]]:
        return EXTENT_BINS if self.slide is None else self.slide.round.protocol.extent_bins

    def values(self) -> dict[str, Any]:
        return super().values() | {"value": self.value}

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        # The computed columns must stand before anything is checked.
        self._compute()
        super().clean_fields(exclude)

    def _compute(self) -> None:
        scale = self.stain.marker.scale
        try:
            if self.not_assessable:
                self._refuse_judgement()
            elif scale == Scale.SCORE:
                self._compute_score()
            elif scale == Scale.FIELDS:
                self.value = field_mean(self.field_counts or [], self.fewer_fields_reason)
            else:
                self._compute_density()
        except ReadError as error:
            raise ValidationError({error.field: str(error)}) from error

    def _refuse_judgement(self) -> None:
        if self.slide is None:
            raise ReadError("not_assessable", _("Only a slide of a round is coded as not assessable."))
        given = (self.intensity, self.percent, self.extent, self.field_counts, self.density)
        if any(value is not None for value in given):
            raise ReadError("not_assessable", _("A slide that is not assessable has no value: give one or the other."))
        if self.not_assessable == NotAssessable.OTHER and not self.comment.strip():
            raise ReadError("comment", _("Say in the comment why the slide is not assessable."))
        self.value = None

    def _compute_score(self) -> None:
        if self.intensity is None:
            raise ReadError("intensity", _("Give the intensity, 0 to 3."))
        if self.percent is not None:
            self.extent = extent_of_percent(self.percent, self.extent_bins)
        if self.extent is None:
            raise ReadError("percent", _("Give the percentage of positive cells, or the extent."))
        self.value = score(self.intensity, self.extent)

    def _compute_density(self) -> None:
        if self.density is None:
            raise ReadError("density", _("Give the density."))
        if not math.isfinite(self.density):
            raise ReadError("density", _("Give a number."))
        self.value = self.density

    def streams(self) -> Iterable[StreamKey]:
        if self.slide is not None:
            return slide_streams(self.slide)
        return patient_streams(self.stain.specimen.patient_id, f"ihc/{self.stain.marker.code}")

    def log_code(self) -> str:
        return str(self.stain) if self.slide is None else self.slide.code
