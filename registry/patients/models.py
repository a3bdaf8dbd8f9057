from collections.abc import Collection, Iterable
from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.cohorts.models import Cohort
from registry.dates import not_in_the_future
from registry.log.facts import Fact
from registry.log.recording import StreamKey, forget, is_recording, known_already, known_once
from registry.people.models import Site


class Sex(models.TextChoices):
    FEMALE = "F", _("Female")
    MALE = "M", _("Male")
    UNKNOWN = "U", _("Unknown")


class Patient(Fact):
    """A person under a study number; who that is stands in PatientIdentity."""

    study_number = models.CharField(
        _("study number"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z", _("Letters, digits, dots, dashes only."))],
    )
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="patients", verbose_name=_("site"))
    sex = models.CharField(_("sex"), max_length=1, choices=Sex.choices, default=Sex.UNKNOWN)

    class Meta:
        ordering = ("study_number",)
        verbose_name = _("patient")
        constraints = [models.CheckConstraint(condition=models.Q(sex__in=Sex.values), name="patient_sex_known")]

    def __str__(self) -> str:
        return self.study_number

    def get_absolute_url(self) -> str:
        return reverse("registry:patient", args=[self.study_number])

    @property
    def is_simulated(self) -> bool:
        return self.enrolments.filter(cohort__is_simulated=True).exists()

    def streams(self) -> Iterable[StreamKey]:
        return patient_streams(self.pk, "baseline")

    def log_code(self) -> str:
        return self.study_number


def patient_streams(patient_id: int, domain: str) -> list[StreamKey]:
    """A patient's fact belongs to the stream of every cohort that the patient is enrolled in."""
    ids = known_once(_cohorts_key(patient_id), lambda: _cohort_ids(patient_id))
    return [(cohort_id, domain) for cohort_id in ids] or [(None, domain)]


def cohorts_foreseen(patient_ids: Collection[int]) -> None:
    """Asked at once for patients whom the transaction holds already."""
    found: dict[int, list[int]] = {pk: [] for pk in patient_ids}
    rows = Enrolment.objects.filter(patient__in=found).order_by("cohort_id")
    for patient, cohort in rows.values_list("patient_id", "cohort_id"):
        found[patient].append(cohort)
    known_already({_cohorts_key(patient): cohorts for patient, cohorts in found.items()})


def forget_cohorts(patient_id: int) -> None:
    forget(_cohorts_key(patient_id))


def _cohorts_key(patient_id: int) -> tuple[str, int]:
    return ("cohorts of a patient", patient_id)


def _cohort_ids(patient_id: int) -> list[int]:
    if is_recording():
        # Until the end of this write nobody enrols the patient elsewhere: that cohort's stream would miss the change.
        Patient.objects.select_for_update(no_key=True).filter(pk=patient_id).order_by().exists()
    return sorted(Enrolment.objects.order_by().filter(patient_id=patient_id).values_list("cohort_id", flat=True))


class PatientFact(Fact):
    """A fact about a patient, whatever the cohort."""

    domain = ""
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, verbose_name=_("patient"))

    class Meta:
        abstract = True

    def streams(self) -> Iterable[StreamKey]:
        return patient_streams(self.patient_id, self.domain)

    def log_code(self) -> str:
        return self.patient.study_number


class PatientIdentity(Fact):
    """Who the patient is. A table apart: analyses never read it, and every reading of it is logged."""

    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, related_name="identity")
    name = models.CharField(_("name"), max_length=120, blank=True)
    record_number = models.CharField(_("medical record number"), max_length=60, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True, validators=[not_in_the_future])
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    # Copied from the patient so that the database itself can keep record numbers unique within a site.
    site = models.ForeignKey(Site, on_delete=models.PROTECT, editable=False)

    unlogged_values = ("name", "record_number", "birth_date", "phone")

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "record_number"],
                condition=~models.Q(record_number=""),
                name="record_number_once_per_site",
                violation_error_message=_("Another patient of this site has this medical record number."),
            )
        ]

    def __str__(self) -> str:
        return self.patient.study_number

    def clean(self) -> None:
        self.site_id = self.patient.site_id

    def streams(self) -> Iterable[StreamKey]:
        return [(None, "identity")]

    def log_code(self) -> str:
        return self.patient.study_number


class Enrolment(Fact):
    class Eligibility(models.TextChoices):
        PENDING = "pending", _("Not yet known")
        ELIGIBLE = "eligible", _("Eligible")
        INELIGIBLE = "ineligible", _("Not eligible")

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="enrolments", verbose_name=_("patient"))
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="enrolments", verbose_name=_("cohort"))
    index_date = models.DateField(_("date of the index event"), null=True, blank=True, validators=[not_in_the_future])
    eligibility = models.CharField(
        max_length=12, choices=Eligibility.choices, default=Eligibility.PENDING, editable=False
    )
    reasons = models.JSONField(default=list, blank=True, editable=False)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True, editable=False)
    withdrawal_reason = models.CharField(_("reason of the withdrawal"), max_length=300, blank=True, editable=False)

    class Meta:
        ordering = ("patient__study_number",)
        verbose_name = _("enrolment")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "cohort"],
                name="enrolment_once_per_cohort",
                violation_error_message=_("The patient is already enrolled in this cohort."),
            ),
            models.CheckConstraint(
                condition=models.Q(eligibility__in=["pending", "eligible", "ineligible"]), name="eligibility_known"
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_on__isnull=True) | ~models.Q(withdrawal_reason=""),
                name="withdrawal_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.patient} in {self.cohort.code}"

    def values(self) -> dict[str, Any]:
        decided = ("eligibility", "reasons", "withdrawn_on", "withdrawal_reason")  # by rules and services, not in forms
        return super().values() | {name: getattr(self, name) for name in decided}

    def streams(self) -> Iterable[StreamKey]:
        return [(self.cohort_id, "enrolment")]

    def log_code(self) -> str:
        return self.patient.study_number


class EnrolmentFact(Fact):
    """A fact about a patient as a member of one cohort."""

    domain = ""
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, verbose_name=_("enrolment"))

    class Meta:
        abstract = True

    def streams(self) -> Iterable[StreamKey]:
        return [(self.enrolment.cohort_id, self.domain)]

    def log_code(self) -> str:
        return self.enrolment.patient.study_number
