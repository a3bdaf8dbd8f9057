from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.export.forms import ExportForm
from registry.export.services import export_record
from registry.export.tables import Table
from registry.export.writing import TooLongForXlsx, csv_lines, xlsx_file
from registry.extensions import hidden_from
from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.models import User
from registry.people.roles import Role

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@allow(Role.ADMINISTRATOR)
def export(request: HttpRequest) -> HttpResponseBase:
    user = acting_user(request)
    if hidden_from(user).no_export:
        return render(request, "registry/export.html", {"form": None})
    form = ExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = _file(form, user)
        if answer is not None:
            return answer
    return render(request, "registry/export.html", {"form": form})


def _file(form: ExportForm, user: User) -> HttpResponseBase | None:
    """The file, or None when the form now says why there is none."""
    table, file_format = form.chosen, form.cleaned_data["file_format"]
    count = table.rows(user).count()
    if not count:
        form.add_error("table", _why_empty(table))
        return None
    # An Excel file is whole before it leaves, so what it cannot hold is said in time.
    try:
        whole = xlsx_file(table.title, table.columns, table.values(user)) if file_format == "xlsx" else None
    except TooLongForXlsx:
        form.add_error("file_format", _("Excel cannot hold this table or one of its values: take CSV."))
        return None
    purpose = form.cleaned_data["purpose"]
    export_record(table=table.code, file_format=file_format, rows=count, by=Actor.of(user), purpose=purpose)
    name = f"{table.code.replace('.', '-')}-{timezone.localdate()}.{file_format}"
    if whole is not None:
        return FileResponse(whole, as_attachment=True, filename=name, content_type=XLSX)
    lines = csv_lines(table.columns, table.values(user))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _why_empty(table: Table) -> str:
    if table.model._default_manager.exists():
        return _("All rows of this table belong to other sites, withdrawn patients or reading rounds not yet closed.")
    return _("This table has no rows.")
