"""Measurements of QuPath: exports taken in, and rows that wait for their stain."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from labs.api.files import FileEntry, Preview
from labs.ihc.access import visible_stains
from labs.quantified.access import access_import, access_row, visible_imports
from labs.quantified.matching import matched, table_in
from labs.quantified.models import QuPathImport, QuPathRow
from labs.quantified.services import qupath_import, row_assign
from labs.specimens.access import BENCH
from registry.api.endpoints import Act, Download, Item, Listing, Told
from registry.api.serializers import Because, Entry, Presented, WholeField, referred


class QuPathImportPresenter(Presented):
    sha256 = serializers.CharField(source="file.sha256")
    rows = serializers.IntegerField(source="n_rows")
    quarantined = serializers.IntegerField(source="n_quarantined")
    stains = serializers.IntegerField(source="n_stains")

    class Meta:
        model = QuPathImport
        fields = (
            "id",
            "version",
            "level",
            "pattern",
            "scorer",
            "classifier",
            "script",
            "sha256",
            "rows",
            "quarantined",
            "stains",
        )


class QuPathEntry(FileEntry):
    pattern = serializers.CharField(max_length=120, default="{specimen}_{marker}", help_text="How images are named.")
    scorer = serializers.CharField(max_length=80)
    classifier = serializers.CharField(max_length=50, help_text="With its version; it becomes the reader's name.")
    script = serializers.CharField(max_length=120, required=False, allow_blank=True)


class QuPathDonePresenter(serializers.Serializer[Any]):
    is_new = serializers.BooleanField(help_text="False: nothing was stored, by a preview or because it was before.")
    id = serializers.IntegerField(allow_null=True)
    rows = serializers.IntegerField()
    matched = serializers.IntegerField(help_text="Rows that fit exactly one stain; the others wait in quarantine.")


class QuPathImports(Listing):
    """Exports of QuPath. A file is sent in parts; the same bytes twice change nothing."""

    reading = BENCH
    writing = BENCH
    parser_classes = [MultiPartParser]
    presenter = QuPathImportPresenter

    def rows(self) -> QuerySet[Any]:
        return (
            visible_imports(self.user)
            .select_related("file")
            .annotate(
                n_rows=Count("rows"),
                n_quarantined=Count("rows", filter=~Q(rows__quarantine="")),
                n_stains=Count("rows__stain", distinct=True),
            )
        )

    def post(self, request: Request, **kwargs: Any) -> Response:
        is_preview = Preview.parsed(request.query_params.dict())["preview"]
        given = QuPathEntry.parsed(request.data)
        file = given.pop("file")
        content, stains = file.read(), list(visible_stains(self.user))
        found = matched(table_in(file.name, content), given["pattern"], stains)
        answer = {
            "is_new": False,
            "id": None,
            "rows": len(found),
            "matched": sum(row.stain is not None for row in found),
        }
        if not is_preview:
            done = qupath_import(name=file.name, content=content, among=stains, by=self.by, **given)
            seen = visible_imports(self.user).filter(pk=done.qupath_import.pk).exists()
            answer |= {"is_new": done.is_new, "id": done.qupath_import.pk if seen else None}
        return Response(QuPathDonePresenter(answer).data)

    def describe(self, method: str) -> Told:
        if method == "POST":
            return Told("Store an export", QuPathEntry, QuPathDonePresenter, asks=Preview)
        return super().describe(method)


class QuPathRowPresenter(Presented):
    stain = serializers.IntegerField(source="stain_id", allow_null=True)

    class Meta:
        model = QuPathRow
        fields = (
            "id",
            "version",
            "row",
            "image",
            "name",
            "stain",
            "quarantine",
            "detections",
            "positive",
            "negative",
            "area_mm2",
            "percent",
            "density",
            "h_score",
        )


class QuPathRowFilters(Entry):
    is_quarantined = serializers.BooleanField(required=False, allow_null=True, default=None)


class RowsOfQuPathImport(Listing):
    reading = BENCH
    presenter = QuPathRowPresenter
    filters = QuPathRowFilters
    orderings = {"row": "row"}
    tag = "qupath-imports"

    def rows(self) -> QuerySet[Any]:
        return access_import(self.user, self.kwargs["pk"]).rows.filter(retired_reason="")

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        if asked["is_quarantined"] is None:
            return rows
        return rows.exclude(quarantine="") if asked["is_quarantined"] else rows.filter(quarantine="")


class FileOfQuPathImport(Download):
    """The bytes as they were uploaded."""

    reading = BENCH
    tag = "qupath-imports"

    def file(self) -> HttpResponseBase:
        found = access_import(self.user, self.kwargs["pk"]).file
        headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
        return HttpResponse(bytes(found.content), content_type=self.media_type, headers=headers)


class QuPathAssignment(Because):
    stain = WholeField(min_value=1, max_value=2**31 - 1, help_text="Number of the stain that it was measured on.")


class OneQuPathRow(Item):
    reading = BENCH
    presenter = QuPathRowPresenter
    tag = "qupath-imports"

    def row(self) -> QuPathRow:
        return access_row(self.user, self.kwargs["pk"])


class AssignedQuPathRow(Act):
    """Says where a row belongs; the densities of both stains follow."""

    writing = BENCH
    summary = "Assign to a stain"
    entry = QuPathAssignment
    presenter = QuPathRowPresenter
    tag = "qupath-imports"

    def row(self) -> QuPathRow:
        return access_row(self.user, self.kwargs["pk"])

    def act(self, row: QuPathRow, given: dict[str, Any]) -> QuPathRow:
        version, number = self.seen_version(given), given["stain"]

        def find() -> Any:
            found = visible_stains(self.user).filter(pk=number).first()
            if found is None:
                raise Http404
            return found

        stain = referred("stain", find, _("There is no stain with this number."))
        return row_assign(row=row, stain=stain, expected_version=version, by=self.by, reason=given["reason"])
