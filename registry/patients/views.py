from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from registry.extensions import dependents, patient_lanes, patient_panels
from registry.log.actors import Actor
from registry.patients.access import access_patient
from registry.patients.duplicates import duplicate_candidates
from registry.patients.forms import EnrolForm, NewPatientForm, PatientFilter, PatientForm
from registry.patients.models import Patient
from registry.patients.registering import patient_register
from registry.patients.selectors import Membership, memberships, patient_list
from registry.patients.services import enrolment_create, patient_update
from registry.patients.story import brackets, chronological, clinical_lanes, overdue_lane
from registry.patients.timeline import Span, placed
from registry.people.access import acting_user, allow
from registry.people.models import User
from registry.people.roles import CLINICAL, RECORDING

PAGE_SIZE = 50


@allow(*CLINICAL)
def patients(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    form = PatientFilter(request.GET, user=user)
    paginator = Paginator(patient_list(user, form.chosen()), PAGE_SIZE)
    page = paginator.get_page(request.GET.get("page"))
    for found in page:
        found.last_seen = _last_seen(found)  # type: ignore[attr-defined]  # for the template
    context = {
        "form": form,
        "may_record": user.has_role(*RECORDING),
        "page_obj": page,
        "page_range": list(paginator.get_elided_page_range(page.number)),
        "simulated": any(member.cohort.is_simulated for patient in page for member in patient.memberships),  # type: ignore[attr-defined]  # a prefetch
    }
    return render(request, "registry/patients.html", context)


def _last_seen(found: Any) -> date | None:
    days = [found.last_visit, found.last_image, *(event.day for event in found.events)]
    return max((day for day in days if day), default=None)


@allow(*CLINICAL)
def patient(request: HttpRequest, study_number: str) -> HttpResponse:
    user = acting_user(request)
    found = access_patient(user, study_number)
    members = memberships(user, found)
    context = {
        "patient": found,
        "members": members,
        "panels": patient_panels(user, found),
        "simulated": any(member.enrolment.cohort.is_simulated for member in members),
        "may_record": user.has_role(*RECORDING),
    }
    return render(request, "registry/patient.html", context | _timeline(request, user, found, members))


def _timeline(request: HttpRequest, user: User, found: Patient, members: list[Membership]) -> dict[str, Any]:
    """Lanes on one line of time, counted from the index event of the chosen cohort, and the same facts as a list."""
    facts = clinical_lanes(found) + patient_lanes(user, found)
    shown = chronological(facts)
    starts = [member for member in members if member.enrolment.index_date]
    wanted = request.GET.get("zero")
    chosen = next((member for member in starts if member.enrolment.cohort.code == wanted), next(iter(starts), None))
    derived = _derived_lanes(chosen)
    marks = [mark for lane in facts + derived for mark in lane.marks]
    zero = chosen.enrolment.index_date if chosen else min((mark.day for mark in marks), default=None)
    lane = request.GET.get("lane", "")
    context: dict[str, Any] = {
        "entries": [entry for entry in shown if not lane or str(entry.lane) == lane],
        "lane_names": sorted({str(entry.lane) for entry in shown}),
        "chosen_lane": lane,
        "starts": starts,
        "chosen": chosen,
    }
    if zero is not None:
        span = Span.around(zero, marks)
        context |= {
            "lanes": placed(span, facts),
            "derived": placed(span, derived),
            "ticks": span.ticks(),
            "zero_x": f"{span.percent(zero):.2f}%",
            "zero": zero,
        }
    return context


def _derived_lanes(chosen: Membership | None) -> Any:
    if chosen is None:
        return []
    return brackets(chosen.enrolment, chosen.outcomes) + overdue_lane(chosen.overdue)


@allow(*RECORDING)
def patient_new(request: HttpRequest) -> HttpResponse:
    """Saves at once when nobody alike is known; else shows who is alike, and saves when told that it is not they."""
    user = acting_user(request)
    form = NewPatientForm(request.POST or None, user=user)
    alike = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        alike = duplicate_candidates(user, study_number=data["study_number"], identity=form.identity)
        if alike and not data["is_somebody_else"]:
            return render(request, "registry/patient_new.html", {"form": form, "alike": alike, "asks": True})
        if form.saves(lambda: _register(form, user)):
            messages.success(request, _("The patient was entered."))
            return redirect("registry:patient", data["study_number"])
    return render(request, "registry/patient_new.html", {"form": form, "alike": alike})


def _register(form: NewPatientForm, user: User) -> Patient:
    names = ("study_number", "site", "sex", "cohort", "index_date")
    given = {name: form.cleaned_data[name] for name in names}
    return patient_register(identity=form.identity, by=Actor.of(user), **given)


@allow(*RECORDING)
def patient_correct(request: HttpRequest, study_number: str) -> HttpResponse:
    user = acting_user(request)
    found = access_patient(user, study_number)
    form = PatientForm(request.POST or None, instance=found)

    def write() -> Patient:
        return patient_update(
            patient=found,
            changes=form.values,
            expected_version=form.expected_version,
            by=Actor.of(user),
            reason=form.given_reason,
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("registry:patient", study_number)
    context = {"patient": found, "form": form, "title": _("Correct the patient"), "stale": dependents(found.streams())}
    return render(request, "registry/fact_form.html", context)


@allow(*RECORDING)
def enrol(request: HttpRequest, study_number: str) -> HttpResponse:
    user = acting_user(request)
    found = access_patient(user, study_number)
    form = EnrolForm(request.POST or None, user=user, patient=found)

    def write() -> object:
        return enrolment_create(patient=found, by=Actor.of(user), **form.cleaned_data)

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Enrolled."))
        return redirect("registry:patient", study_number)
    context = {"patient": found, "form": form, "title": _("Enrol in a cohort"), "stale": []}
    return render(request, "registry/fact_form.html", context)
