"""A file of blood results: upload it, say what its columns are, look at what it would do, store it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from labs.blood.models import Analyte
from labs.blood.selectors import analytes
from labs.blood.upload import templates as empty
from labs.blood.upload.columns import Column
from labs.blood.upload.forms import ColumnsForm, StoreForm, UploadForm
from labs.blood.upload.looking import LISTED, columns_of, look, names_of
from labs.blood.upload.models import PanelUpload
from labs.blood.upload.planning import Item, Plan, State
from labs.blood.upload.services import Stored, upload_keep, upload_set_columns, upload_store
from labs.blood.upload.sheet import Options, read_sheet
from labs.cohort_import.errors import ImportRefused
from labs.specimens.access import BENCH
from registry.cohorts.access import visible_sites
from registry.export.writing import csv_lines
from registry.extensions import dependents
from registry.log.actors import Actor
from registry.log.recording import StreamKey
from registry.patients.simulated import any_simulated
from registry.people.access import acting_user, allow
from registry.people.models import User


@allow(*BENCH)
def upload(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file, options = form.cleaned_data["file"], form.options
        content = file.read()
        try:
            read_sheet(content, options, file.name)
        except ImportRefused as refused:
            for sentence in refused.sentences:
                form.add_error("file", sentence)
        else:
            return redirect("labs:blood-upload-preview", upload_keep(content=content, options=options, user=user).pk)
    return render(request, "labs/blood_upload.html", {"form": form})


@require_GET
@allow(*BENCH)
def template_wide(request: HttpRequest) -> StreamingHttpResponse:
    return _template("blood-wide.csv", empty.wide(_in_catalogue_order()))


@require_GET
@allow(*BENCH)
def template_long(request: HttpRequest) -> StreamingHttpResponse:
    return _template("blood-long.csv", empty.long(_in_catalogue_order()))


def _in_catalogue_order() -> list[Analyte]:
    return sorted(analytes().values(), key=lambda analyte: analyte.pk)


def _template(name: str, rows: list[list[str]]) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(csv_lines(rows[0], ()), content_type="text/csv; charset=utf-8", headers=headers)


@allow(*BENCH)
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    row = _access(user, pk)
    options, known = Options(**row.options), analytes()
    try:
        table = read_sheet(bytes(row.content), options)
    except ImportRefused as error:
        # Read once already, so only a newer version of the software gets here.
        messages.error(request, " ".join(error.sentences))
        return redirect("labs:blood-upload")
    names = names_of(known)
    columns = columns_of(table, names, row.columns)
    if request.method == "POST" and request.POST.get("action") == "columns":
        return _set_columns(request, row, columns, known)
    plan, refused = look(user, table, columns, names, known, options, ticked=request.POST)
    form = StoreForm(request.POST or None)
    if request.method == "POST" and plan is not None and (stored := _store(form, row, plan, user)) is not None:
        messages.success(request, _said(stored))
        return redirect("labs:specimens")
    columns_form = ColumnsForm(None, columns=columns, analytes=known)
    return render(request, "labs/blood_upload_preview.html", _context(row, plan, refused, form, columns_form))


def _access(user: User, pk: int) -> PanelUpload:
    """Of whoever may see all that the uploader may see; once it is stored there is nothing left to look at."""
    rows = PanelUpload.objects.filter(pk=pk, stored_at=None).exclude(content=b"").select_related("uploaded_by")
    row = rows.first()
    if row is None or visible_sites(row.uploaded_by).exclude(pk__in=visible_sites(user)).exists():
        raise Http404
    return row


def _set_columns(
    request: HttpRequest, row: PanelUpload, columns: list[Column], known: dict[str, Analyte]
) -> HttpResponse:
    form = ColumnsForm(request.POST, columns=columns, analytes=known)
    if form.is_valid():
        upload_set_columns(upload=row, columns={each.header: (each.role, each.unit) for each in form.chosen()})
    return redirect("labs:blood-upload-preview", row.pk)


def _store(form: StoreForm, row: PanelUpload, plan: Plan, user: User) -> Stored | None:
    """What was stored; None when nothing was, and the form says why."""
    stored: list[Stored] = []

    def write() -> None:
        data = form.cleaned_data
        stored.append(
            upload_store(
                upload=row,
                plan=plan,
                valid_rows_only=data["valid_rows_only"],
                reason=data["reason"],
                by=Actor.of(user, "upload"),
            )
        )

    if form.is_valid() and form.cleaned_data["seen"] != plan.seen:
        form.add_error(None, _("Somebody stored results of these draws in between. Look at the table again."))
        form.type_over(seen=plan.seen)
        return None
    return stored[0] if form.saves(write) else None


def _context(
    row: PanelUpload, plan: Plan | None, refused: list[str], form: StoreForm, columns_form: ColumnsForm
) -> dict[str, Any]:
    context: dict[str, Any] = {"upload": row, "refused": refused, "form": form, "columns": columns_form}
    if plan is None:
        return context
    form.initial["seen"] = plan.seen
    moved = plan.of(State.CHANGED)
    return context | {
        "plan": plan,
        "counts": plan.counts,
        "errors": plan.errors[:LISTED],
        "asked": plan.asked[:LISTED],
        "changed": moved[:LISTED],
        "new": plan.of(State.NEW)[:LISTED],
        "new_draws": plan.new_draws[:LISTED],
        "ticked": {item.key for item in plan.asked if item.state != State.ASKS},
        "is_idle": not (plan.errors or plan.of(State.NEW, State.CHANGED, State.ASKS)),
        "has_changes": any(item.known for item in plan.items if item.state != State.SAME),
        "listed": LISTED,
        "simulated": any_simulated({item.draw.patient_id for item in plan.items}),
        "stale": dependents(sorted(_streams(plan.of(State.NEW, State.CHANGED, State.ASKS)), key=str)),
    }


def _streams(items: list[Item]) -> set[StreamKey]:
    return {key for item in items if item.draw.patient_id for key in item.result.streams()}


def _said(stored: Stored) -> str:
    if not stored.total:
        return _("Nothing was changed: every value of the file is stored already.")
    said = ngettext("%(n)s result stored", "%(n)s results stored", stored.total) % {"n": stored.total}
    more = [
        ngettext("%(n)s of them corrected", "%(n)s of them corrected", stored.changed) % {"n": stored.changed},
        ngettext("%(n)s draw registered", "%(n)s draws registered", stored.draws) % {"n": stored.draws},
    ]
    return ", ".join([said, *(text for text, n in zip(more, (stored.changed, stored.draws), strict=True) if n)]) + "."
