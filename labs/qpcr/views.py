from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from labs.qpcr.access import access_run, access_well
from labs.qpcr.forms import AcceptForm, RulesForm, WellForm
from labs.qpcr.models import PcrRun, PcrWell, folds_on
from labs.qpcr.results import run_results
from labs.qpcr.selectors import plate_of, run_list, samples_of
from labs.qpcr.services import Accepted, run_accept, run_retire, run_settle, well_exclude, well_include
from labs.specimens.access import BENCH
from registry.clinical.forms import RetireForm
from registry.extensions import dependents
from registry.log.actors import Actor
from registry.people.access import acting_user, allow

PAGE = 50


@allow(*BENCH)
def runs(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    page = Paginator(run_list(user), PAGE).get_page(request.GET.get("page"))
    return render(request, "labs/pcr/runs.html", {"page_obj": page})


@allow(*BENCH)
def run(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    return _run_page(request, access_run(user, pk), AcceptForm())


def _run_page(request: HttpRequest, found: PcrRun, form: AcceptForm) -> HttpResponse:
    computed = run_results(found)
    context = {
        "run": found,
        "plate": plate_of(found),
        "samples": samples_of(found),
        "computed": computed,
        "form": form,
        "may_accept": any(result.fold for result in computed.results),
    }
    return render(request, "labs/pcr/run.html", context)


@require_POST
@allow(*BENCH)
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    found = access_run(user, pk)
    form = AcceptForm(request.POST)
    made: list[Accepted] = []

    def write() -> None:
        made.append(run_accept(run=found, by=Actor.of(user), **form.cleaned_data))

    if not form.saves(write):
        return _run_page(request, found, form)
    stored = len(made[0].stored)
    text = ngettext("%(n)d fold change is stored.", "%(n)d fold changes are stored.", stored) % {"n": stored}
    messages.success(request, text)
    for _result, sentence in made[0].left:
        messages.warning(request, sentence)
    return redirect("labs:pcr-run", pk)


@allow(*BENCH)
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes as they were uploaded; never shown by the browser, whatever they hold."""
    found = access_run(acting_user(request), pk).file
    ending = found.name.rpartition(".")[2] if "." in found.name else "bin"
    safe = ending if ending.isascii() and ending.isalnum() else "bin"
    response = HttpResponse(bytes(found.content), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="pcr-{found.sha256[:12]}.{safe}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@allow(*BENCH)
def rules(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    found = access_run(user, pk)
    form = RulesForm(request.POST or None, run=found, user=user)

    def write() -> PcrRun:
        return run_settle(
            run=found,
            changes=form.values,
            expected_version=form.expected_version,
            by=Actor.of(user),
            reason=form.given_reason,
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("labs:pcr-run", pk)
    return render(request, "labs/pcr/form.html", {"form": form, "run": found, "title": _("Rules of the run")})


@allow(*BENCH)
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    found = access_run(user, pk)
    form = RetireForm(request.POST or None, initial={"version": found.version})

    def write() -> PcrRun:
        data = form.cleaned_data
        return run_retire(run=found, expected_version=data["version"], by=Actor.of(user), reason=data["reason"])

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("The run is marked as entered in error, and its fold changes are retracted."))
        return redirect("labs:pcr-runs")
    context = {
        "form": form,
        "run": found,
        "title": _("Run entered in error?"),
        "danger": _("Mark as entered in error"),
    }
    return render(request, "labs/pcr/form.html", context)


@allow(*BENCH)
def well(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    found = access_well(user, pk)
    form = WellForm(request.POST or None, well=found)

    def write() -> PcrWell:
        data = form.cleaned_data
        if data["exclusion"]:
            return well_exclude(
                well=found,
                exclusion=data["exclusion"],
                note=data["exclusion_note"],
                expected_version=form.expected_version,
                by=Actor.of(user),
            )
        return well_include(
            well=found, expected_version=form.expected_version, by=Actor.of(user), reason=form.given_reason
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("labs:pcr-run", found.run_id)
    streams = sorted({key for fold in folds_on(found) for key in fold.streams()}, key=str)
    context = {
        "form": form,
        "run": found.run,
        "well": found,
        "title": _("Well %(position)s") % {"position": found.position},
        "stale": dependents(streams),
    }
    return render(request, "labs/pcr/form.html", context)
