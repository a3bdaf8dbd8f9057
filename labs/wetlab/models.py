"""Western-blot ratios and qPCR fold changes as entered values."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.markers.models import Antibody, Marker, refuse_other_antibody
from labs.revisions import Revision, RevisionQuerySet
from labs.specimens.models import Specimen, SpecimenKind
from registry.log.recording import StreamKey
from registry.patients.models import patient_streams


class BlotRatio(Revision):
    """Band of the target over the band of the loading control, of one specimen on one gel."""

    specimen = models.ForeignKey(
        Specimen, on_delete=models.PROTECT, related_name="blot_ratios", verbose_name=_("specimen")
    )
    marker = models.ForeignKey(Marker, on_delete=models.PROTECT, related_name="blot_ratios", verbose_name=_("marker"))
    antibody = models.ForeignKey(
        Antibody,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("antibody"),
        related_name="blot_ratios",
    )
    gel = models.CharField(_("gel"), max_length=60)
    loading_control = models.CharField(_("loading control"), max_length=40)
    ratio = models.FloatField(_("target / loading control"))
    # Of a computed one: the gel it was accepted from, and the sums with the bands and their versions.
    from_gel = models.ForeignKey(
        "labs.Gel",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="ratios",
        verbose_name=_("computed from gel"),
    )
    computation = models.JSONField(_("computation"), null=True, blank=True)

    objects = RevisionQuerySet["BlotRatio"].as_manager()

    class Meta:
        ordering = ("specimen__code", "marker__code")
        verbose_name = _("Western-blot ratio")
        constraints = [
            models.UniqueConstraint(
                fields=["specimen", "marker", "gel"],
                condition=models.Q(supersedes__isnull=True),
                name="blot_ratio_once",
                violation_error_message=_("This gel has a ratio of this specimen: correct that."),
            ),
            models.CheckConstraint(
                condition=models.Q(ratio__gte=0),
                name="blot_ratio_not_negative",
                violation_error_message=_("A ratio is not negative."),
            ),
            models.CheckConstraint(
                condition=models.Q(from_gel__isnull=True, computation__isnull=True)
                | models.Q(from_gel__isnull=False, computation__isnull=False),
                name="blot_ratio_computed_from_gel",
                violation_error_message=_("A computed ratio names its gel and its bands."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.specimen.code} {self.marker.code} {self.ratio:g}"

    @property
    def shown(self) -> str:
        return f"{self.ratio:.6g} ({self.loading_control})"

    def clean(self) -> None:
        _refuse_blood(self.specimen)
        refuse_other_antibody(self.antibody, self.marker, Antibody.Method.WESTERN)

    def streams(self) -> Iterable[StreamKey]:
        return patient_streams(self.specimen.patient_id, f"blot/{self.marker.code}")

    def log_code(self) -> str:
        return f"{self.specimen.code} {self.marker.code}"


class FoldChange(Revision):
    """2^-ΔΔCt of a specimen against its calibrator, with the reference gene that was used."""

    specimen = models.ForeignKey(
        Specimen, on_delete=models.PROTECT, related_name="fold_changes", verbose_name=_("specimen")
    )
    calibrator = models.ForeignKey(
        Specimen,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="calibrated_fold_changes",
        verbose_name=_("calibrator (adjacent normal)"),
    )
    marker = models.ForeignKey(Marker, on_delete=models.PROTECT, related_name="fold_changes", verbose_name=_("target"))
    reference_gene = models.CharField(_("reference gene"), max_length=30, default="ACTB")
    fold = models.FloatField(_("fold change (2^-ΔΔCt)"))
    # Of a computed one: the run it was accepted from, and the sums with the wells and their versions.
    run = models.ForeignKey(
        "labs.PcrRun", on_delete=models.PROTECT, null=True, blank=True, related_name="folds", verbose_name=_("PCR run")
    )
    computation = models.JSONField(_("computation"), null=True, blank=True)

    objects = RevisionQuerySet["FoldChange"].as_manager()

    class Meta:
        ordering = ("specimen__code", "marker__code")
        verbose_name = _("fold change by qPCR")
        verbose_name_plural = _("fold changes by qPCR")
        constraints = [
            models.UniqueConstraint(
                fields=["specimen", "marker", "reference_gene"],
                condition=models.Q(supersedes__isnull=True),
                name="fold_change_once",
                violation_error_message=_("This specimen has a fold change of this target: correct that."),
            ),
            models.CheckConstraint(
                condition=models.Q(fold__gt=0),
                name="fold_change_positive",
                violation_error_message=_("A fold change is above 0."),
            ),
            models.CheckConstraint(
                condition=models.Q(run__isnull=True, computation__isnull=True)
                | models.Q(run__isnull=False, computation__isnull=False),
                name="fold_change_computed_from_run",
                violation_error_message=_("A computed fold change names its run and its wells."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.specimen.code} {self.marker.code} {self.fold:g}"

    @property
    def shown(self) -> str:
        return f"{self.fold:.6g} ({self.reference_gene})"

    def clean(self) -> None:
        _refuse_blood(self.specimen)
        if self.calibrator and self.calibrator.patient_id != self.specimen.patient_id:
            raise ValidationError({"calibrator": _("The calibrator is a specimen of the same patient.")})

    def streams(self) -> Iterable[StreamKey]:
        return patient_streams(self.specimen.patient_id, f"qpcr/{self.marker.code}")

    def log_code(self) -> str:
        return f"{self.specimen.code} {self.marker.code}"


def _refuse_blood(specimen: Specimen) -> None:
    if specimen.kind == SpecimenKind.BLOOD:
        raise ValidationError({"specimen": _("This is measured in tissue, not in blood.")})
