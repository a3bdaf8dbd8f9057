from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.specimens.models import Specimen, SpecimenKind
from registry.log.facts import Fact
from registry.log.recording import StreamKey
from registry.patients.models import patient_streams

CODE = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9_.-]*\Z", _("Letters, digits, dots, dashes only."))


class Scale(models.TextChoices):
    SCORE = "score", _("intensity × extent (0–12)")
    FIELDS = "fields", _("mean of positive cells in 5 fields (×20)")
    DENSITY = "density", _("density (continuous)")


class Marker(Fact):
    code = models.CharField(_("code"), max_length=30, unique=True, validators=[CODE])
    name = models.CharField(_("name"), max_length=80)
    scale = models.CharField(_("IHC scale"), max_length=10, choices=Scale.choices)
    unit = models.CharField(_("unit of the density"), max_length=30, blank=True)

    class Meta:
        ordering = ("code",)
        verbose_name = _("marker")
        constraints = [models.CheckConstraint(condition=models.Q(scale__in=Scale.values), name="marker_scale_known")]

    def __str__(self) -> str:
        return self.code

    def streams(self) -> Iterable[StreamKey]:
        return [(None, f"marker/{self.code}")]

    def log_code(self) -> str:
        return self.code


class Antibody(Fact):
    class Method(models.TextChoices):
        IHC = "ihc", _("IHC")
        WESTERN = "western", _("Western blot")

    marker = models.ForeignKey(Marker, on_delete=models.PROTECT, related_name="antibodies", verbose_name=_("marker"))
    method = models.CharField(_("method"), max_length=10, choices=Method.choices)
    vendor = models.CharField(_("vendor"), max_length=80)
    clone = models.CharField(_("clone"), max_length=40, blank=True)
    dilution = models.CharField(_("dilution"), max_length=20)
    lot = models.CharField(_("lot"), max_length=40, blank=True)

    class Meta:
        ordering = ("marker", "method")
        verbose_name = _("antibody")
        verbose_name_plural = _("antibodies")
        constraints = [
            models.UniqueConstraint(
                fields=["marker", "method", "vendor", "clone", "dilution", "lot"], name="antibody_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.marker.code} {self.vendor} {self.dilution}"

    def streams(self) -> Iterable[StreamKey]:
        return [(None, "markers")]

    def log_code(self) -> str:
        return str(self)


def refuse_other_antibody(antibody: Antibody | None, marker: Marker, method: str) -> None:
    if antibody is not None and (antibody.marker_id, antibody.method) != (marker.pk, method):
        raise ValidationError(
            {
                "antibody": _("%(antibody)s is not an antibody against %(marker)s for %(method)s.")
                % {"antibody": antibody, "marker": marker.code, "method": Antibody.Method(method).label}
            }
        )


class Stain(Fact):
    """A section of a specimen stained for one marker: what is read under the microscope."""

    specimen = models.ForeignKey(Specimen, on_delete=models.PROTECT, related_name="stains", verbose_name=_("specimen"))
    marker = models.ForeignKey(Marker, on_delete=models.PROTECT, related_name="stains", verbose_name=_("marker"))
    antibody = models.ForeignKey(
        Antibody, on_delete=models.PROTECT, null=True, blank=True, related_name="stains", verbose_name=_("antibody")
    )
    stained_on = models.DateField(_("stained on"), null=True, blank=True)

    class Meta:
        ordering = ("specimen__code", "marker__code")
        verbose_name = _("stain")
        constraints = [
            models.UniqueConstraint(
                fields=["specimen", "marker"],
                name="stain_once",
                violation_error_message=_("The specimen is already stained for this marker."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.specimen.code} {self.marker.code}"

    def clean(self) -> None:
        if self.specimen.kind == SpecimenKind.BLOOD:
            raise ValidationError({"specimen": _("Blood is not stained: choose a tissue.")})
        refuse_other_antibody(self.antibody, self.marker, Antibody.Method.IHC)

    def streams(self) -> Iterable[StreamKey]:
        """A new stain feeds no analysis; a corrected one concerns the reads of it."""
        if self.version > 1:
            return self.streams_of_correction()
        return patient_streams(self.specimen.patient_id, "specimens")

    def streams_of_correction(self) -> list[StreamKey]:
        domains = ("specimens", f"ihc/{self.marker.code}")
        return [key for domain in domains for key in patient_streams(self.specimen.patient_id, domain)]

    def log_code(self) -> str:
        return str(self)
