"""Exports: asked for, made by a worker, downloaded by whoever asked. Judged as the wizard judges them."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analysis.engine.doorbell import ring_for_exports
from analysis.exports.access import access_export, may_export, visible_exports
from analysis.exports.errors import ExportRefused
from analysis.exports.models import ExportJob
from analysis.exports.plan import empty_tables, make_plan
from analysis.exports.profiles import Profile
from analysis.exports.services import export_cancel, export_downloaded, export_request
from analysis.exports.wish import LIVE, Wish
from registry.api.endpoints import Act, Download, Item, Listing, Told
from registry.api.serializers import Entry, Presented
from registry.people.roles import CLINICAL, Role


class ExportPresenter(Presented):
    asked_by = serializers.CharField(source="asked_by.username")
    cohorts = serializers.SerializerMethodField()
    simulated = serializers.SerializerMethodField()
    can_be_downloaded = serializers.BooleanField()

    class Meta:
        model = ExportJob
        fields: tuple[str, ...] = (
            "id",
            "state",
            "profile",
            "cohorts",
            "simulated",
            "purpose",
            "recipient",
            "asked_by",
            "asked_at",
            "rows_done",
            "rows_total",
            "error",
            "finished_at",
            "expires_at",
            "size",
            "sha256",
            "can_be_downloaded",
            "downloads",
        )

    def get_cohorts(self, job: ExportJob) -> list[str]:
        return sorted(cohort.code for cohort in job.cohorts.all())

    def get_simulated(self, job: ExportJob) -> bool:
        return any(cohort.is_simulated for cohort in job.cohorts.all())


class OneExportPresenter(ExportPresenter):
    wish = serializers.DictField(help_text="What was asked for.")
    manifest = serializers.DictField(help_text="What the bundle holds, once it is made.")

    class Meta(ExportPresenter.Meta):
        fields = (*ExportPresenter.Meta.fields, "wish", "manifest")


class ExportEntry(Entry):
    """As the pages of the wizard ask. Tables are named as in the manifest, such as registry.treatment."""

    cohorts = serializers.ListField(child=serializers.CharField(max_length=40), allow_empty=False, max_length=50)
    part = serializers.CharField(required=False, max_length=40, help_text="A sub-cohort of the one cohort.")
    tables = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=200)
    is_ready = serializers.BooleanField(default=False, help_text="The analysis-ready table.")
    left_out = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=100), max_length=2000),
        required=False,
        help_text="Table: columns that are not wanted.",
    )
    profile = serializers.ChoiceField(Profile.choices, default=Profile.ANONYMOUS)
    shift_dates = serializers.BooleanField(default=True)
    smallest_cell = serializers.ChoiceField([5, 11], default=5)
    version = serializers.CharField(default=LIVE, max_length=60, help_text="live, or the code of a snapshot.")
    stale_accepted = serializers.BooleanField(default=False)
    formats = serializers.MultipleChoiceField(choices=["xlsx", "parquet"], required=False)
    purpose = serializers.CharField(max_length=300)
    recipient = serializers.CharField(max_length=200)


class ExportFilters(Entry):
    cohort = serializers.CharField(required=False, max_length=40)
    state = serializers.ChoiceField(ExportJob.State.choices, required=False)


class Exports(Listing):
    """POST asks for a bundle; a worker makes it. Ask for the export until its `state` is `done`, then download it."""

    reading = CLINICAL
    writing = CLINICAL
    presenter = ExportPresenter
    filters = ExportFilters
    orderings = {"id": "pk"}

    def rows(self) -> QuerySet[ExportJob]:
        return visible_exports(self.user)

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        columns = {"cohort": "cohorts__code", "state": "state"}
        return rows.filter(**{columns[name]: value for name, value in asked.items()})

    def post(self, request: Request, **kwargs: Any) -> Response:
        if not may_export(self.user):
            raise PermissionDenied
        given = ExportEntry.parsed(request.data)
        try:
            plan = make_plan(self.user, _wish(given), "default")
        except ExportRefused as refused:
            raise ValidationError(str(refused)) from refused
        if empty := empty_tables(plan):
            raise ValidationError({"tables": [f"{title}: {why}" for title, why in empty.items()]})
        job = export_request(user=self.user, wish=plan.wish, plan=plan)
        transaction.on_commit(ring_for_exports)
        return Response(ExportPresenter(job).data, status=201)

    def describe(self, method: str) -> Told:
        if method == "POST":
            return Told("Ask for an export", ExportEntry, ExportPresenter, status=201)
        return super().describe(method)


def _wish(given: dict[str, Any]) -> Wish:
    return Wish(
        cohorts=tuple(sorted(set(given["cohorts"]))),
        part=given.get("part", ""),
        tables=tuple(dict.fromkeys(given.get("tables", ()))),
        is_ready=given["is_ready"],
        left_out={table: tuple(names) for table, names in given.get("left_out", {}).items() if names},
        profile=Profile(given["profile"]),
        shift_dates=given["shift_dates"],
        smallest_cell=given["smallest_cell"],
        version=given["version"],
        stale_accepted=given["stale_accepted"],
        formats=("csv", *sorted(given.get("formats", ("xlsx", "parquet")))),
        purpose=given["purpose"],
        recipient=given["recipient"],
    )


class _OfExport:
    user: Any
    kwargs: dict[str, Any]

    def row(self) -> ExportJob:
        return access_export(self.user, self.kwargs["pk"])


class OneExport(_OfExport, Item):
    reading = CLINICAL
    presenter = OneExportPresenter


class Nothing(Entry):
    """Nothing is to be said."""


class CancelledExport(_OfExport, Act):
    """By whoever asked for it, or an administrator; what is over cannot be cancelled."""

    writing = CLINICAL
    summary = "Cancel"
    entry = Nothing
    presenter = ExportPresenter
    is_locked = False
    tag = "exports"

    def act(self, row: ExportJob, given: dict[str, Any]) -> ExportJob:
        if row.asked_by_id != self.user.pk and not self.user.has_role(Role.ADMINISTRATOR):
            raise ValidationError(_("Only whoever asked for an export, or an administrator, can cancel it."))
        if not export_cancel(job=row):
            raise ValidationError(_("It was over before it could be cancelled."))
        return access_export(self.user, row.pk)


class ExportBundle(_OfExport, Download):
    """The bundle as a ZIP, for whoever asked; the change log has the download before the first byte leaves."""

    reading = CLINICAL
    media_type = "application/zip"
    tag = "exports"

    def file(self) -> HttpResponseBase:
        job = self.row()
        if job.asked_by_id != self.user.pk:
            raise ValidationError(_("Only whoever asked for an export can download it."))
        if not job.can_be_downloaded or not job.path.is_file():
            raise Http404
        opened = job.path.open("rb")
        export_downloaded(job=job, user=self.user)
        return FileResponse(opened, as_attachment=True, filename=job.bundle_name, content_type=self.media_type)
