from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from labs.markers.access import access_stain_at_bench
from labs.markers.models import Stain
from labs.markers.services import stain_create, stain_retire
from labs.specimens.access import BENCH, MEASUREMENTS, access_specimen
from labs.specimens.forms import NewSpecimenForm, SpecimenFilter, SpecimenForm, StainForm
from labs.specimens.models import Specimen
from labs.specimens.selectors import measurements, specimen_list
from labs.specimens.services import specimen_correct, specimen_create, specimen_retire
from registry.clinical.forms import RetireForm
from registry.extensions import dependents
from registry.log.actors import Actor
from registry.patients.simulated import any_simulated
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL

PAGE = 50


@allow(*MEASUREMENTS)
def specimens(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    form = SpecimenFilter(request.GET)
    page = Paginator(specimen_list(user, form.chosen()), PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page_obj": page,
        "may_record": user.has_role(*BENCH),
        "simulated": any_simulated(row.patient_id for row in page),
    }
    return render(request, "labs/specimens.html", context)


@allow(*MEASUREMENTS)
def specimen(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    found = access_specimen(user, pk)
    context = {
        "specimen": found,
        "measured": measurements(user, Specimen.objects.filter(pk=found.pk)),
        "may_record": user.has_role(*BENCH),
        "may_see_patient": user.has_role(*CLINICAL),
    }
    return render(request, "labs/specimen.html", context)


@allow(*BENCH)
def specimen_new(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    initial = {"study_number": request.GET.get("patient", ""), "kind": request.GET.get("kind", "")}
    form = NewSpecimenForm(request.POST or None, user=user, instance=Specimen(), initial=initial)
    made: list[Specimen] = []

    def write() -> None:
        patient = form.cleaned_data["study_number"]
        made.append(specimen_create(patient=patient, by=Actor.of(user), **form.values))

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("%(code)s registered.") % {"code": made[0].code})
        return redirect("labs:specimen", made[0].pk)
    return render(request, "labs/bench_form.html", {"form": form, "title": _("New specimen")})


@allow(*BENCH)
def specimen_correct_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    found = access_specimen(user, pk)
    form = SpecimenForm(request.POST or None, instance=found)

    def write() -> Specimen:
        return specimen_correct(
            specimen=found,
            changes=form.values,
            expected_version=form.expected_version,
            by=Actor.of(user),
            reason=form.given_reason,
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("labs:specimen", pk)
    # A ModelForm writes what was typed into its instance: the page speaks of what is stored.
    stored = access_specimen(user, pk)
    context = {
        "form": form,
        "specimen": stored,
        "title": _("Correct the specimen"),
        "stale": dependents(stored.streams_of_correction()),
    }
    return render(request, "labs/bench_form.html", context)


@allow(*BENCH)
def specimen_retire_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    found = access_specimen(user, pk)
    form = RetireForm(request.POST or None, initial={"version": found.version})

    def write() -> Specimen:
        data = form.cleaned_data
        return specimen_retire(
            specimen=found, expected_version=data["version"], by=Actor.of(user), reason=data["reason"]
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("%(code)s is marked as entered in error.") % {"code": found.code})
        return redirect("labs:specimens")
    context = {
        "form": form,
        "specimen": found,
        "title": _("Specimen entered in error?"),
        "danger": _("Mark as entered in error"),
        "stale": dependents(found.streams_of_correction()),
    }
    return render(request, "labs/bench_form.html", context)


@allow(*BENCH)
def stain_new(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    found = access_specimen(user, pk)
    form = StainForm(request.POST or None)

    def write() -> Stain:
        return stain_create(specimen=found, by=Actor.of(user), **form.cleaned_data)

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("The stain is on the list of the readers."))
        return redirect("labs:specimen", pk)
    context = {"form": form, "specimen": found, "title": _("New stain")}
    return render(request, "labs/bench_form.html", context)


@allow(*BENCH)
def stain_retire_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    stain = access_stain_at_bench(user, pk)
    form = RetireForm(request.POST or None, initial={"version": stain.version})

    def write() -> Stain:
        data = form.cleaned_data
        return stain_retire(stain=stain, expected_version=data["version"], by=Actor.of(user), reason=data["reason"])

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("%(stain)s is marked as entered in error.") % {"stain": stain})
        return redirect("labs:specimen", stain.specimen_id)
    context = {
        "form": form,
        "specimen": stain.specimen,
        "title": _("Stain %(stain)s entered in error?") % {"stain": stain},
        "danger": _("Mark as entered in error"),
        "stale": dependents(stain.streams_of_correction()),
    }
    return render(request, "labs/bench_form.html", context)
