"""Membership of a cohort, and what is recorded about a patient as its member."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.endpoints import Act, Collection, CorrectedItem, Endpoint, Item, Told
from registry.api.references import cohort_named, patient_named
from registry.api.serializers import Entry, ModelEntry, OfVersion, Presented, Reasoned, Seen
from registry.clinical.forms import BaselineForm, ResponseForm
from registry.clinical.models import Baseline, ReportedResponse
from registry.clinical.services import baseline_save, fact_update, response_report
from registry.cohorts.access import visible_sites
from registry.dates import not_in_the_future
from registry.outcomes.selectors import patient_outcomes
from registry.patients.models import Enrolment
from registry.patients.services import enrolment_create, enrolment_set_index_date, enrolment_withdraw
from registry.people.models import User
from registry.people.roles import CLINICAL, RECORDING

BASELINE_COLUMNS = BaselineForm.columns()
RESPONSE_COLUMNS = ResponseForm.columns()


def visible_enrolments(user: User) -> QuerySet[Enrolment]:
    rows = Enrolment.objects.filter(retired_reason="", cohort__site__in=visible_sites(user))
    return rows.select_related("patient__site", "cohort__site")


class EnrolmentPresenter(Presented):
    patient = serializers.CharField(source="patient.study_number")
    cohort = serializers.CharField(source="cohort.code")
    simulated = serializers.BooleanField(source="cohort.is_simulated")

    class Meta:
        model = Enrolment
        fields = (
            "id",
            "version",
            "patient",
            "cohort",
            "simulated",
            "index_date",
            "eligibility",
            "withdrawn_on",
            "withdrawal_reason",
        )


class EnrolmentEntry(Reasoned, ModelEntry):
    patient = serializers.CharField(max_length=40, help_text="Study number.")
    cohort = serializers.CharField(max_length=40, help_text="Code of the cohort.")

    class Meta:
        model = Enrolment
        fields = ("patient", "cohort", "index_date", "reason")


class EnrolmentChanges(Seen, ModelEntry):
    class Meta:
        model = Enrolment
        fields = ("index_date", "version", "reason")


class EnrolmentFilters(Entry):
    patient = serializers.CharField(required=False, max_length=40, help_text="Study number.")
    cohort = serializers.CharField(required=False, max_length=40)
    eligibility = serializers.ChoiceField(Enrolment.Eligibility.choices, required=False)


class Enrolments(Collection):
    reading = CLINICAL
    writing = RECORDING
    presenter = EnrolmentPresenter
    entry = EnrolmentEntry
    filters = EnrolmentFilters
    orderings = {"id": "pk", "patient": "patient__study_number", "index_date": "index_date"}

    def rows(self) -> QuerySet[Enrolment]:
        return visible_enrolments(self.user)

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        columns = {"patient": "patient__study_number", "cohort": "cohort__code", "eligibility": "eligibility"}
        return rows.filter(**{columns[name]: value for name, value in asked.items()})

    def add(self, given: dict[str, Any]) -> Enrolment:
        patient = patient_named(self.user, given.pop("patient"))
        cohort = cohort_named(self.user, given.pop("cohort"))
        return enrolment_create(patient=patient, cohort=cohort, by=self.by, **given)


class OfEnrolment(Endpoint):
    tag = "enrolments"

    def enrolment(self) -> Enrolment:
        found = visible_enrolments(self.user).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found


class OneEnrolment(OfEnrolment, CorrectedItem):
    reading = CLINICAL
    writing = RECORDING
    presenter = EnrolmentPresenter
    changes = EnrolmentChanges

    def row(self) -> Enrolment:
        return self.enrolment()

    def correct(self, row: Enrolment, changes: dict[str, Any], version: int, reason: str) -> Enrolment:
        day = changes.get("index_date", row.index_date)
        return enrolment_set_index_date(
            enrolment=row, index_date=day, expected_version=version, by=self.by, reason=reason
        )


class WithdrawalEntry(OfVersion):
    withdrawn_on = serializers.DateField(validators=[not_in_the_future])
    withdrawal_reason = serializers.CharField(max_length=300)


class Withdrawal(OfEnrolment, Act):
    """From then on no analysis, list of results or export has this patient."""

    writing = RECORDING
    summary = "Withdraw from the cohort"
    entry = WithdrawalEntry
    presenter = EnrolmentPresenter

    def row(self) -> Enrolment:
        return self.enrolment()

    def act(self, row: Enrolment, given: dict[str, Any]) -> Enrolment:
        version = self.seen_version(given)
        return enrolment_withdraw(
            enrolment=row,
            on=given["withdrawn_on"],
            why=given["withdrawal_reason"],
            expected_version=version,
            by=self.by,
        )


class _Part(OfEnrolment, Item):
    """One row of an enrolment; version 0 says that nothing was recorded yet."""

    reading = CLINICAL
    writing = RECORDING
    changes: type[Entry]

    def put(self, request: Request, **kwargs: Any) -> Response:
        enrolment = self.enrolment()
        given = self.changes.parsed(request.data)
        version, reason = self.seen_version(given), given.pop("reason", "")
        self.keep(enrolment, given, version, reason)
        return self.shown(self.row())

    def keep(self, enrolment: Enrolment, values: dict[str, Any], version: int, reason: str) -> None:
        raise NotImplementedError  # abstract: one service

    def describe(self, method: str) -> Told:
        if method == "PUT":
            return Told("Save", self.changes, self.presenter, is_locked=True)
        return super().describe(method)


class BaselinePresenter(Presented):
    class Meta:
        model = Baseline
        fields = ("version", *BASELINE_COLUMNS)


class BaselineChanges(Seen, ModelEntry):
    class Meta:
        model = Baseline
        fields = (*BASELINE_COLUMNS, "version", "reason")


class BaselineOfEnrolment(_Part):
    """The patient at the index event. What is left out keeps its value; null and "" say that it is not known."""

    presenter = BaselinePresenter
    changes = BaselineChanges

    def row(self) -> Baseline:
        enrolment = self.enrolment()
        return Baseline.objects.filter(enrolment=enrolment).first() or Baseline(enrolment=enrolment, version=0)

    def keep(self, enrolment: Enrolment, values: dict[str, Any], version: int, reason: str) -> None:
        baseline_save(enrolment=enrolment, values=values, expected_version=version, by=self.by, reason=reason)


class ResponsePresenter(Presented):
    class Meta:
        model = ReportedResponse
        fields = ("version", *RESPONSE_COLUMNS)


class ResponseChanges(Seen, ModelEntry):
    class Meta:
        model = ReportedResponse
        fields = (*RESPONSE_COLUMNS, "version", "reason")


class ResponseOfEnrolment(_Part):
    """The response as a source reported it, with the definition that the source used."""

    presenter = ResponsePresenter
    changes = ResponseChanges

    def row(self) -> ReportedResponse:
        enrolment = self.enrolment()
        return _response(enrolment) or ReportedResponse(enrolment=enrolment, version=0)

    def keep(self, enrolment: Enrolment, values: dict[str, Any], version: int, reason: str) -> None:
        known = _response(enrolment)
        if known is None:
            response_report(enrolment=enrolment, by=self.by, reason=reason, **values)
        else:
            fact_update(fact=known, changes=values, expected_version=version, by=self.by, reason=reason)


def _response(enrolment: Enrolment) -> ReportedResponse | None:
    return ReportedResponse.objects.filter(enrolment=enrolment, retired_reason="").first()


class OutcomePresenter(serializers.Serializer[Any]):
    endpoint = serializers.CharField()
    months = serializers.FloatField(allow_null=True)
    event = serializers.BooleanField(allow_null=True)
    sentence = serializers.CharField(help_text="From which dates.")
    is_imported = serializers.BooleanField(help_text="Came as months, without dates.")
    is_uncertain = serializers.BooleanField()
    undefined_reason = serializers.CharField(allow_blank=True)


class OutcomesOfEnrolment(OfEnrolment):
    """Times to event, derived from the dates at this moment: they are never stored and never stale."""

    reading = CLINICAL

    def get(self, request: Request, **kwargs: Any) -> Response:
        return Response(OutcomePresenter(patient_outcomes(self.enrolment()), many=True).data)

    def describe(self, method: str) -> Told:
        return Told("Derived outcomes", None, OutcomePresenter(many=True))
