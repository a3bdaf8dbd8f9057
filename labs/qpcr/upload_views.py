"""Files and targets: what has to be known before anything is computed."""

import base64
from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from labs.formats.plate import PlateRun
from labs.formats.recognise import recognise
from labs.qpcr.access import access_target, visible_runs
from labs.qpcr.forms import StoreForm, TargetForm, UploadForm
from labs.qpcr.models import PcrRun, PcrTarget
from labs.qpcr.recurring import stored_before
from labs.qpcr.selectors import unknown_targets
from labs.qpcr.services import Imported, run_import, target_set
from labs.specimens.access import BENCH
from registry.log.actors import Actor
from registry.people.access import acting_user, allow


@allow(*BENCH)
def upload(request: HttpRequest) -> HttpResponse:
    """First the preview, which stores nothing; then the same bytes again, which are stored."""
    if request.method == "POST" and "content" in request.POST:
        return _store(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        name, content = form.cleaned_data["file"]
        found = recognise(name, content)
        document = found.reading.document if found.reading else None
        runs = document if isinstance(document, tuple) and all(isinstance(run, PlateRun) for run in document) else ()
        initial = {"name": name[-255:], "content": base64.b64encode(content).decode()}
        before = [run for plate in runs if (run := stored_before(plate))]
        visible = visible_runs(acting_user(request)).filter(pk__in=[run.pk for run in before])
        context |= {
            "recurring": recurring_sentence(visible) if before else "",
            "name": name,
            "found": found,
            "runs": runs,
            "store": StoreForm(initial=initial) if runs else None,
        }
    return render(request, "labs/pcr/upload.html", context)


def _store(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    form = StoreForm(request.POST)
    made: list[Imported] = []

    def write() -> None:
        data = form.cleaned_data
        made.append(run_import(name=data["name"], content=data["content"], by=Actor.of(user)))

    if not form.saves(write):
        return render(request, "labs/pcr/upload.html", {"form": UploadForm(), "refused": form})
    (done,) = made
    if done.is_new:
        messages.success(request, _("The file is stored. Now say which specimens its samples are."))
    elif not done.recurring:
        messages.info(request, _("This file was stored before: nothing has changed."))
    visible = visible_runs(user).filter(pk__in=[run.pk for run in done.runs])
    if done.recurring:
        messages.info(request, recurring_sentence(visible.filter(pk__in=[run.pk for run in done.recurring])))
    first = next((run for run in done.runs if run in visible and run not in done.recurring), visible.first())
    return redirect("labs:pcr-run", first.pk) if first else redirect("labs:pcr-runs")


def recurring_sentence(visible: Iterable[PcrRun]) -> str:
    """Names the files that the person may see, and no other."""
    names = ", ".join(dict.fromkeys(run.file.name for run in visible))
    if not names:
        return _("This run was stored before, from another file: it is not stored again.")
    return _("This run was stored before, from the file %(name)s: it is not stored again.") % {"name": names}


@allow(*BENCH)
def targets(request: HttpRequest) -> HttpResponse:
    known = PcrTarget.objects.filter(retired_reason="").select_related("marker")
    unknown = unknown_targets(acting_user(request))
    return render(request, "labs/pcr/targets.html", {"targets": known, "unknown": unknown})


@allow(*BENCH)
def target_new(request: HttpRequest) -> HttpResponse:
    name = request.GET.get("name", "")[:120]
    initial = {"name": name, "gene": name[:20]}
    return _target(request, TargetForm(request.POST or None, instance=PcrTarget(), initial=initial), _("New target"))


@allow(*BENCH)
def target_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = access_target(pk)
    return _target(request, TargetForm(request.POST or None, instance=found), found.name)


# What a name in the files means holds for every site.
target_edit.of_site = False  # type: ignore[attr-defined]  # read by the matrix of addresses


def _target(request: HttpRequest, form: TargetForm, title: str) -> HttpResponse:
    user = acting_user(request)
    name = form.instance.name

    def write() -> PcrTarget:
        values = form.values
        return target_set(
            name=values.pop("name", name),
            expected_version=form.expected_version or None,
            by=Actor.of(user),
            reason=form.given_reason,
            **values,
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("labs:pcr-targets")
    return render(request, "labs/pcr/form.html", {"form": form, "title": title, "is_target": True})
