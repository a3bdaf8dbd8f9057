import math
from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.ihc.scoring import ReadError, extent_of_percent, field_mean, score
from labs.markers.models import Scale, Stain
from labs.revisions import Revision, RevisionQuerySet
from registry.log.recording import StreamKey
from registry.patients.models import patient_streams


class Read(Revision):
    """One reader's judgement of a stain, on the scale of its marker. Score, extent and mean are ours to compute."""

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
    value = models.FloatField(_("value"), editable=False)
    comment = models.CharField(_("comment"), max_length=300, blank=True)

    objects = RevisionQuerySet["Read"].as_manager()

    class Meta:
        ordering = ("stain", "reader", "version")
        verbose_name = _("IHC read")
        constraints = [
            models.UniqueConstraint(
                fields=["stain", "reader"],
                condition=models.Q(supersedes__isnull=True),
                name="read_once_per_reader",
                violation_error_message=_("This reader has read this stain: correct that read."),
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
        return f"{self.stain} {self.reader} {self.value:g}"

    def values(self) -> dict[str, Any]:
        return super().values() | {"value": self.value}

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        # The computed columns must stand before anything is checked.
        self._compute()
        super().clean_fields(exclude)

    def _compute(self) -> None:
        scale = self.stain.marker.scale
        try:
            if scale == Scale.SCORE:
                self._compute_score()
            elif scale == Scale.FIELDS:
                self.value = field_mean(self.field_counts or [], self.fewer_fields_reason)
            else:
                self._compute_density()
        except ReadError as error:
            raise ValidationError({error.field: str(error)}) from error

    def _compute_score(self) -> None:
        if self.intensity is None:
            raise ReadError("intensity", _("Give the intensity, 0 to 3."))
        if self.percent is not None:
            self.extent = extent_of_percent(self.percent)
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
        return patient_streams(self.stain.specimen.patient_id, f"ihc/{self.stain.marker.code}")

    def log_code(self) -> str:
        return str(self.stain)
