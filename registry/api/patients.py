"""Patients by study number. Who a patient is has an address of its own, and asking for it is logged."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.endpoints import Collection, CorrectedItem, Item, Told
from registry.api.references import cohort_named, site_named
from registry.api.serializers import Entry, ModelEntry, Presented, Reasoned, Seen
from registry.api.simulated import marked
from registry.cohorts.access import visible_cohorts
from registry.patients.access import access_identity, access_patient, visible_patients
from registry.patients.duplicates import duplicate_candidates
from registry.patients.forms import IDENTITY_FIELDS
from registry.patients.models import Enrolment, Patient, PatientIdentity, Sex
from registry.patients.registering import patient_register
from registry.patients.services import identity_read, identity_save, patient_update
from registry.people.roles import CLINICAL, RECORDING


class PatientPresenter(Presented):
    site = serializers.CharField(source="site.code")
    simulated = serializers.BooleanField()
    cohorts = serializers.SerializerMethodField()

    class Meta:
        model = Patient
        fields = ("id", "version", "study_number", "site", "sex", "simulated", "cohorts")

    def get_cohorts(self, patient: Any) -> list[str]:
        return [enrolment.cohort.code for enrolment in patient.memberships]


class IdentityEntry(ModelEntry):
    class Meta:
        model = PatientIdentity
        fields = IDENTITY_FIELDS


class PatientEntry(Reasoned, ModelEntry):
    site = serializers.CharField(max_length=20, help_text="Code of the site.")
    identity = IdentityEntry(required=False)
    cohort = serializers.CharField(max_length=40, required=False, help_text="Code of the first cohort.")
    index_date = serializers.DateField(required=False, allow_null=True)
    is_somebody_else = serializers.BooleanField(
        default=False, help_text="After a refusal because somebody alike is known: you have compared."
    )

    class Meta:
        model = Patient
        fields = ("study_number", "site", "sex", "identity", "cohort", "index_date", "is_somebody_else", "reason")


class PatientChanges(Seen, ModelEntry):
    class Meta:
        model = Patient
        fields = ("sex", "version", "reason")


class PatientFilters(Entry):
    cohort = serializers.CharField(required=False, max_length=40)
    sex = serializers.ChoiceField(Sex.choices, required=False)
    study_number = serializers.CharField(required=False, max_length=40)


class Patients(Collection):
    reading = CLINICAL
    writing = RECORDING
    presenter = PatientPresenter
    entry = PatientEntry
    filters = PatientFilters
    orderings = {"study_number": "study_number", "id": "pk"}

    def rows(self) -> QuerySet[Any]:
        return with_cohorts(self)

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        if code := asked.pop("cohort", ""):
            mine = visible_cohorts(self.user).filter(code=code)
            rows = rows.filter(pk__in=Enrolment.objects.filter(cohort__in=mine, retired_reason="").values("patient"))
        return rows.filter(**asked)

    def add(self, given: dict[str, Any]) -> Patient:
        identity = {name: None if name == "birth_date" else "" for name in IDENTITY_FIELDS} | given.get("identity", {})
        site = site_named(self.user, given["site"])
        cohort = cohort_named(self.user, given["cohort"]) if given.get("cohort") else None
        if not given["is_somebody_else"]:
            self._refuse_alike(given["study_number"], identity)
        return patient_register(
            study_number=given["study_number"],
            site=site,
            sex=given.get("sex", Sex.UNKNOWN),
            identity=identity,
            cohort=cohort,
            index_date=given.get("index_date"),
            by=self.by,
            reason=given.get("reason", ""),
        )

    def _refuse_alike(self, study_number: str, identity: dict[str, Any]) -> None:
        if Patient.objects.filter(study_number=study_number).exists():
            return  # taken: the service says so
        alike = duplicate_candidates(self.user, study_number=study_number, identity=identity)
        if alike:
            told = [f"{candidate.patient.study_number}: {candidate.because}" for candidate in alike]
            raise ValidationError({"is_somebody_else": told})


def with_cohorts(view: Any) -> QuerySet[Any]:
    members = Enrolment.objects.filter(retired_reason="", cohort__in=visible_cohorts(view.user))
    prefetch = Prefetch("enrolments", members.select_related("cohort").order_by("cohort__code"), to_attr="memberships")
    return marked(visible_patients(view.user), "pk").select_related("site").prefetch_related(prefetch)


class OnePatient(CorrectedItem):
    reading = CLINICAL
    writing = RECORDING
    presenter = PatientPresenter
    changes = PatientChanges

    def row(self) -> Patient:
        patient: Patient | None = with_cohorts(self).filter(study_number=self.kwargs["study_number"]).first()
        if patient is None:
            raise Http404
        return patient

    def correct(self, row: Patient, changes: dict[str, Any], version: int, reason: str) -> Patient:
        # Found anew: what the list adds to a row is no column.
        patient = access_patient(self.user, row.study_number)
        return patient_update(patient=patient, changes=changes, expected_version=version, by=self.by, reason=reason)


class IdentityPresenter(Presented):
    class Meta:
        model = PatientIdentity
        fields = ("version", *IDENTITY_FIELDS)


class IdentityChanges(Seen, ModelEntry):
    class Meta:
        model = PatientIdentity
        fields = (*IDENTITY_FIELDS, "version", "reason")


class Identity(Item):
    """Who the patient is; every reading leaves a row in the change log. Version 0 says that nothing was recorded."""

    reading = RECORDING
    writing = RECORDING
    presenter = IdentityPresenter
    tag = "patients"

    def row(self) -> PatientIdentity:
        patient = access_identity(self.user, self.kwargs["study_number"])
        found = identity_read(patient=patient, by=self.by, reason="asked for by a program")
        return found or PatientIdentity(patient=patient, site=patient.site, version=0)

    def put(self, request: Request, **kwargs: Any) -> Response:
        patient = access_identity(self.user, self.kwargs["study_number"])
        given = IdentityChanges.parsed(request.data)
        version, reason = self.seen_version(given), given.pop("reason", "")
        saved = identity_save(patient=patient, values=given, expected_version=version, by=self.by, reason=reason)
        return self.shown(saved)

    def describe(self, method: str) -> Told:
        if method == "PUT":
            return Told("Save", IdentityChanges, self.presenter, is_locked=True)
        return super().describe(method)
