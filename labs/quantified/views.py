"""Measurements of QuPath: list, upload with a look before storing, an import with its quarantine."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from labs.bench_files.models import BenchFile, FileKind
from labs.bench_files.services import upload_forget, upload_keep
from labs.blots.access import access_upload, waiting_uploads
from labs.ihc.access import visible_stains
from labs.markers.models import Scale, Stain
from labs.quantified.access import access_import, access_row, visible_imports
from labs.quantified.forms import AssignForm, ExportForm, StoreForm
from labs.quantified.matching import matched, table_in
from labs.quantified.services import Imported, qupath_import, row_assign
from labs.specimens.access import BENCH
from labs.specimens.models import Specimen
from registry.extensions import dependents
from registry.log.actors import Actor
from registry.patients.simulated import any_simulated
from registry.people.access import acting_user, allow

# More are counted, not listed.
LISTED = 300


@allow(*BENCH)
def imports(request: HttpRequest) -> HttpResponse:
    found = visible_imports(acting_user(request)).select_related("file")
    counted = found.annotate(
        n_rows=Count("rows"),
        n_quarantined=Count("rows", filter=~Q(rows__quarantine="")),
        n_stains=Count("rows__stain", distinct=True),
    )
    waiting = waiting_uploads(acting_user(request), FileKind.QUPATH)
    context = {"imports": counted, "simulated": _is_simulated(found), "waiting": waiting}
    return render(request, "labs/qupath/imports.html", context)


def _is_simulated(found: Any) -> bool:
    specimens = Specimen.objects.filter(stains__qupath_rows__qupath_import__in=[row.pk for row in found])
    return any_simulated(specimens.values_list("patient_id", flat=True))


@allow(*BENCH)
def import_new(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    form = ExportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        content = file.read()
        try:
            table_in(file.name, content)
        except ValidationError as refused:
            form.show_refusal(refused)
        else:
            kept = upload_keep(name=file.name, kind=FileKind.QUPATH, content=content, user=user)
            return redirect("labs:qupath-preview", kept.pk)
    return render(request, "labs/qupath/upload.html", {"form": form})


@allow(*BENCH)
def import_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Which row would go to which stain, by the pattern that is typed; nothing is stored before the button here."""
    user = acting_user(request)
    upload = access_upload(user, pk, FileKind.QUPATH)
    content, is_store = bytes(upload.content), request.POST.get("action") == "store"
    form = StoreForm(request.POST if request.method == "POST" else None)
    stains = list(visible_stains(user))
    done: list[Imported] = []

    def write() -> None:
        data = form.cleaned_data
        done.append(qupath_import(name=upload.name, content=content, among=stains, by=Actor.of(user), **data))
        upload_forget(upload=upload)

    if is_store and form.saves(write):
        if done[0].is_new:
            messages.success(request, _("Stored."))
        else:
            messages.info(request, _("This file is stored already: nothing was changed."))
        visible = visible_imports(user).filter(pk=done[0].qupath_import.pk).exists()
        return redirect("labs:qupath", done[0].qupath_import.pk) if visible else redirect("labs:qupath-imports")
    rows = matched(table_in(upload.name, content), _pattern(form), stains)
    stains_hit = {row.stain.pk: row.stain for row in rows if row.stain is not None}
    context = {
        "form": form,
        "upload": upload,
        "rows": rows[:LISTED],
        "n_rows": len(rows),
        "n_matched": sum(row.stain is not None for row in rows),
        "stains": list(stains_hit.values()),
        "is_known": BenchFile.objects.filter(sha256=upload.sha256, qupath_import__isnull=False).exists(),
        "stale": _stale(stains_hit.values()),
        "simulated": any_simulated(stain.specimen.patient_id for stain in stains_hit.values()),
    }
    return render(request, "labs/qupath/preview.html", context)


def _pattern(form: StoreForm) -> str:
    """What is typed when it is a pattern; else the one that the form begins with."""
    form.is_valid()
    typed = getattr(form, "cleaned_data", {}).get("pattern")
    return str(typed or form.fields["pattern"].initial)


def _stale(stains: Any) -> list[str]:
    """A density feeds analyses; other numbers of QuPath stay beside the reads."""
    keys = {
        (cohort, f"ihc/{stain.marker.code}")
        for stain in stains
        if stain.marker.scale == Scale.DENSITY
        for cohort in stain.specimen.patient.enrolments.values_list("cohort_id", flat=True)
    }
    return dependents(sorted(keys))


@allow(*BENCH)
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    found = access_import(user, pk)
    rows = found.rows.filter(retired_reason="").select_related("stain__specimen", "stain__marker")
    context = {
        "import": found,
        "rows": rows.filter(quarantine="")[:LISTED],
        "quarantined": rows.exclude(quarantine="")[:LISTED],
        "n_rows": rows.count(),
        "n_quarantined": rows.exclude(quarantine="").count(),
        "simulated": _is_simulated([found]),
    }
    return render(request, "labs/qupath/import.html", context)


@require_GET
@allow(*BENCH)
def import_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes as they were uploaded, always as a download."""
    file = access_import(acting_user(request), pk).file
    headers = {
        "Content-Disposition": content_disposition_header(True, file.name) or "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(bytes(file.content), content_type="application/octet-stream", headers=headers)


@allow(*BENCH)
def row_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Says where a row belongs: one in quarantine, or one on the wrong stain."""
    user = acting_user(request)
    row = access_row(user, pk)
    initial = {"version": row.version}
    form = AssignForm(request.POST if request.method == "POST" else None, user=user, initial=initial)

    def write() -> None:
        data = form.cleaned_data
        row_assign(
            row=row,
            stain=data["stain"],
            expected_version=data["version"],
            by=Actor.of(user),
            reason=data["reason"],
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("labs:qupath", row.qupath_import_id)
    stains: list[Stain] = [row.stain] if row.stain else []
    context = {"row": row, "import": row.qupath_import, "form": form, "stale": _stale(stains)}
    return render(request, "labs/qupath/row.html", context | {"simulated": _is_simulated([row.qupath_import])})
