"""What FHIR needs and no other table has: the numbers of others for our rows, and what they say of a panel."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.blood.models import Analyte
from labs.specimens.models import Specimen
from registry.log.facts import Fact
from registry.log.recording import StreamKey
from registry.patients.models import patient_streams

DOMAIN = "fhir"


class ExternalNumber(Fact):
    """By which number another system knows a specimen, a blood result or a panel of ours. One number, one thing."""

    class Kind(models.TextChoices):
        SPECIMEN = "Specimen", _("Specimen")
        OBSERVATION = "Observation", _("Blood result")
        REPORT = "DiagnosticReport", _("Panel")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    system = models.CharField(_("system"), max_length=200, blank=True)
    value = models.CharField(_("number"), max_length=200)
    specimen = models.ForeignKey(
        Specimen, on_delete=models.PROTECT, related_name="external_numbers", verbose_name=_("specimen")
    )
    analyte = models.ForeignKey(
        Analyte, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("analyte")
    )

    # Some laboratories make a number of a patient's.
    unlogged_values = ("value",)
    unexported_values = ("value",)

    class Meta:
        ordering = ("kind", "pk")
        verbose_name = _("number in another system")
        verbose_name_plural = _("numbers in other systems")
        constraints = [
            models.UniqueConstraint(fields=["kind", "system", "value"], name="external_number_once"),
            models.CheckConstraint(
                condition=models.Q(kind="Observation", analyte__isnull=False)
                | (~models.Q(kind="Observation") & models.Q(analyte__isnull=True)),
                name="external_number_of_result_has_analyte",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def streams(self) -> Iterable[StreamKey]:
        return patient_streams(self.specimen.patient_id, DOMAIN)

    def log_code(self) -> str:
        return f"{self.specimen.code} {self.analyte.code}" if self.analyte else self.specimen.code


class PanelReport(Fact):
    """What a laboratory says of all results of a draw together. Codes and orders are lines of system|value."""

    specimen = models.OneToOneField(
        Specimen, on_delete=models.PROTECT, related_name="panel_report", verbose_name=_("draw")
    )
    status = models.CharField(_("status"), max_length=20)
    codes = models.TextField(_("codes"), blank=True)
    orders = models.TextField(_("orders"), blank=True)

    unlogged_values = ("orders",)
    unexported_values = ("orders",)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("report on a panel")
        verbose_name_plural = _("reports on panels")

    def __str__(self) -> str:
        return f"{self.specimen} {self.status}"

    def streams(self) -> Iterable[StreamKey]:
        return patient_streams(self.specimen.patient_id, DOMAIN)

    def log_code(self) -> str:
        return self.specimen.code
