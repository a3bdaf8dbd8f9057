"""What is recorded about a patient as a member of one cohort: baseline, response, own variables, withdrawal."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from registry.clinical.extras import extra_values_save
from registry.clinical.forms import BaselineForm, ExtraValuesForm, ResponseForm
from registry.clinical.models import Baseline, ReportedResponse
from registry.clinical.services import baseline_save, fact_update, response_report
from registry.extensions import dependents
from registry.forms import ServiceForm
from registry.log.actors import Actor
from registry.log.recording import StreamKey
from registry.patients.access import access_enrolment
from registry.patients.forms import IndexDateForm, WithdrawForm
from registry.patients.models import Enrolment
from registry.patients.services import enrolment_set_index_date, enrolment_withdraw
from registry.people.access import acting_user, allow
from registry.people.roles import RECORDING


@allow(*RECORDING)
def baseline(request: HttpRequest, study_number: str, code: str) -> HttpResponse:
    user = acting_user(request)
    enrolment = access_enrolment(user, code, study_number)
    row = Baseline.objects.filter(enrolment=enrolment).first() or Baseline(enrolment=enrolment)
    form = BaselineForm(request.POST or None, instance=row)

    def write() -> object:
        return baseline_save(
            enrolment=enrolment,
            values=form.values,
            expected_version=form.expected_version,
            by=Actor.of(user),
            reason=form.given_reason,
        )

    return _answer(request, enrolment, form, write, _("Baseline"), [(enrolment.cohort_id, "baseline")])


@allow(*RECORDING)
def response(request: HttpRequest, study_number: str, code: str) -> HttpResponse:
    user = acting_user(request)
    enrolment = access_enrolment(user, code, study_number)
    known = ReportedResponse.objects.filter(enrolment=enrolment, retired_reason="").first()
    form = ResponseForm(request.POST or None, instance=known or ReportedResponse(enrolment=enrolment))

    def write() -> object:
        by, reason = Actor.of(user), form.given_reason
        if known is None:
            return response_report(enrolment=enrolment, by=by, reason=reason, **form.values)
        return fact_update(
            fact=known, changes=form.values, expected_version=form.expected_version, by=by, reason=reason
        )

    return _answer(request, enrolment, form, write, _("Response as reported"), [(enrolment.cohort_id, "response")])


@allow(*RECORDING)
def extra_values(request: HttpRequest, study_number: str, code: str) -> HttpResponse:
    user = acting_user(request)
    enrolment = access_enrolment(user, code, study_number)
    form = ExtraValuesForm(request.POST or None, enrolment=enrolment)

    def write() -> None:
        extra_values_save(
            enrolment=enrolment, entered=form.entered(), by=Actor.of(user), reason=form.cleaned_data["reason"]
        )

    streams: list[StreamKey] = [(enrolment.cohort_id, f"extra/{variable.code}") for variable in form.variables]
    return _answer(request, enrolment, form, write, _("Variables of this cohort"), streams)


@allow(*RECORDING)
def index_date(request: HttpRequest, study_number: str, code: str) -> HttpResponse:
    user = acting_user(request)
    enrolment = access_enrolment(user, code, study_number)
    form = IndexDateForm(request.POST or None, instance=enrolment)

    def write() -> object:
        return enrolment_set_index_date(
            enrolment=enrolment,
            index_date=form.cleaned_data["index_date"],
            expected_version=form.expected_version,
            by=Actor.of(user),
            reason=form.given_reason,
        )

    return _answer(request, enrolment, form, write, _("Date of the index event"), enrolment.streams())


@allow(*RECORDING)
def withdraw(request: HttpRequest, study_number: str, code: str) -> HttpResponse:
    user = acting_user(request)
    enrolment = access_enrolment(user, code, study_number)
    form = WithdrawForm(request.POST or None, initial={"version": enrolment.version})

    def write() -> object:
        data = form.cleaned_data
        return enrolment_withdraw(
            enrolment=enrolment,
            on=data["withdrawn_on"],
            why=data["withdrawal_reason"],
            expected_version=data["version"],
            by=Actor.of(user),
        )

    statement = _("From then on no analysis, list of results or export has this patient.")
    title = _("Withdraw from the cohort")
    return _answer(request, enrolment, form, write, title, enrolment.streams(), danger=title, statement=statement)


def _answer(
    request: HttpRequest,
    enrolment: Enrolment,
    form: ServiceForm,
    write: Any,
    title: str | Promise,
    streams: Any,
    **more: Any,
) -> HttpResponse:
    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("registry:patient", enrolment.patient.study_number)
    context = {
        "patient": enrolment.patient,
        "cohort": enrolment.cohort,
        "simulated": enrolment.cohort.is_simulated,
        "form": form,
        "title": title,
        "stale": dependents(streams),
    }
    return render(request, "registry/fact_form.html", context | more)
