"""Entering, correcting and retiring one clinical fact; each page is a form, a service call and a redirect."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from registry.clinical.access import access_patient_fact
from registry.clinical.forms import RetireForm
from registry.clinical.kinds import KINDS, Kind
from registry.clinical.services import fact_retire, fact_update
from registry.extensions import dependents
from registry.forms import ServiceForm
from registry.log.actors import Actor
from registry.patients.access import access_patient
from registry.patients.models import Patient
from registry.people.access import acting_user, allow
from registry.people.roles import RECORDING


@allow(*RECORDING)
def fact_add(request: HttpRequest, study_number: str, slug: str) -> HttpResponse:
    kind, user = KINDS[slug], acting_user(request)
    patient = access_patient(user, study_number)
    fact = kind.model(patient=patient)
    form = kind.form(request.POST or None, instance=fact)

    def write() -> object:
        return kind.add(patient=patient, by=Actor.of(user), **form.values)

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("registry:patient", study_number)
    return _fact_page(request, patient, fact, form, str(kind.add_label))


@allow(*RECORDING)
def fact_correct(request: HttpRequest, study_number: str, pk: int, slug: str) -> HttpResponse:
    kind, user = KINDS[slug], acting_user(request)
    fact = _access(request, kind, study_number, pk)
    form = kind.form(request.POST or None, instance=fact)

    def write() -> object:
        return fact_update(
            fact=fact,
            changes=form.values,
            expected_version=form.expected_version,
            by=Actor.of(user),
            reason=form.given_reason,
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("registry:patient", study_number)
    return _fact_page(request, fact.patient, fact, form, str(kind.correct_label), slug=slug)


@allow(*RECORDING)
def fact_retire_page(request: HttpRequest, study_number: str, pk: int, slug: str) -> HttpResponse:
    user = acting_user(request)
    fact = _access(request, KINDS[slug], study_number, pk)
    form = RetireForm(request.POST or None, initial={"version": fact.version})

    def write() -> object:
        data = form.cleaned_data
        return fact_retire(fact=fact, expected_version=data["version"], by=Actor.of(user), reason=data["reason"])

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Marked as entered in error."))
        return redirect("registry:patient", study_number)
    context = {"danger": _("Mark as entered in error"), "statement": str(fact)}
    return _fact_page(request, fact.patient, fact, form, _("Entered in error?"), **context)


def _access(request: HttpRequest, kind: Kind, study_number: str, pk: int) -> Any:
    return access_patient_fact(acting_user(request), kind.model, study_number, pk)


def _fact_page(
    request: HttpRequest, patient: Patient, fact: Any, form: ServiceForm, title: str, **more: Any
) -> HttpResponse:
    context = {"patient": patient, "fact": fact, "form": form, "title": title, "stale": dependents(fact.streams())}
    return render(request, "registry/fact_form.html", context | more)
