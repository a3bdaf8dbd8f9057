from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.clinical.models import Precision
from registry.dates import not_in_the_future
from registry.log.recording import StreamKey
from registry.patients.models import PatientFact, patient_streams


class SpecimenKind(models.TextChoices):
    TUMOUR = "tumour", _("Tumour")
    PERITUMOUR = "peritumour", _("Peritumour")
    NORMAL = "normal", _("Adjacent normal")
    BLOOD = "blood", _("Blood")


class Timing(models.TextChoices):
    DATED = "dated", _("dated")
    # Imported sets often say "before treatment" without a day: usable as baseline, and marked so.
    BASELINE_DECLARED = "baseline_declared", _("baseline, undated (declared)")


class Specimen(PatientFact):
    domain = "specimens"
    code = models.CharField(
        _("specimen code"),
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._/-]*\Z", _("Letters, digits, dots, dashes only."))],
    )
    kind = models.CharField(_("kind"), max_length=10, choices=SpecimenKind.choices)
    timing = models.CharField(_("timing"), max_length=20, choices=Timing.choices, default=Timing.DATED)
    collected = models.DateField(_("collected on"), null=True, blank=True, validators=[not_in_the_future])
    precision = models.CharField(_("precision"), max_length=5, choices=Precision.choices, default=Precision.DAY)

    class Meta:
        ordering = ("code",)
        default_related_name = "specimens"
        verbose_name = _("specimen")
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=SpecimenKind.values), name="specimen_kind_known"),
            models.CheckConstraint(
                condition=models.Q(timing="dated", collected__isnull=False)
                | models.Q(timing="baseline_declared", collected__isnull=True),
                name="specimen_dated_or_declared",
                violation_error_message=_("Give the date, or declare the specimen as baseline without one."),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        if self.pk and Specimen.objects.filter(pk=self.pk).exclude(patient_id=self.patient_id).exists():
            raise ValidationError({"patient": _("A specimen keeps its patient: retire it and enter it anew.")})

    def streams(self) -> Iterable[StreamKey]:
        """A new specimen feeds no analysis; a corrected one concerns every measurement made on it."""
        return self.streams_of_correction() if self.version > 1 else patient_streams(self.patient_id, "specimens")

    def streams_of_correction(self) -> list[StreamKey]:
        domains = {"specimens"}
        domains |= {f"ihc/{marker}" for marker in self.stains.values_list("marker__code", flat=True)}
        domains |= {f"blood/{analyte}" for analyte in self.blood_results.values_list("analyte__code", flat=True)}
        domains |= {f"blot/{marker}" for marker in self.blot_ratios.values_list("marker__code", flat=True)}
        domains |= {f"qpcr/{marker}" for marker in self.fold_changes.values_list("marker__code", flat=True)}
        # Whether a fold change is one against normal tissue is a matter of its calibrator.
        domains |= {f"qpcr/{marker}" for marker in self.calibrated_fold_changes.values_list("marker__code", flat=True)}
        return [key for domain in sorted(domains) for key in patient_streams(self.patient_id, domain)]
