"""Runs, their re-execution, and snapshots. A result of any run says whether it still stands."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from analysis.access import (
    access_analysis,
    access_reported_cohort,
    access_run,
    access_snapshot,
    visible_runs,
    visible_snapshots,
)
from analysis.citing import citation_of_run, citation_of_snapshot
from analysis.engine.doorbell import ring_for_reexecutions
from analysis.engine.models import Run
from analysis.presenting import shown
from analysis.reexecution.models import Reexecution
from analysis.reexecution.services import reexecution_request
from analysis.snapshots.models import Snapshot
from analysis.snapshots.selectors import shown_versions, snapshot_results
from analysis.snapshots.services import snapshot_make, snapshot_retire
from analysis.standing import standing_of
from registry.api.endpoints import Act, Collection, Item, Listing
from registry.api.serializers import Entry, Presented, referred
from registry.people.access import acting_user
from registry.people.roles import CLINICAL


class RunPresenter(Presented):
    cohort = serializers.CharField(source="analysis.cohort.code")
    analysis = serializers.CharField(source="analysis.slug")
    simulated = serializers.BooleanField(source="analysis.cohort.is_simulated")
    look = serializers.IntegerField(source="result.look", allow_null=True, default=None)
    fingerprint = serializers.CharField(source="result.frame_id", allow_null=True, default=None)

    class Meta:
        model = Run
        fields: tuple[str, ...] = (
            "id",
            "cohort",
            "analysis",
            "simulated",
            "state",
            "trigger",
            "versions",
            "look",
            "fingerprint",
            "error",
            "started_at",
            "finished_at",
        )


class Runs(Listing):
    reading = CLINICAL
    presenter = RunPresenter
    orderings = {"newest": "pk"}
    tag = "runs"

    def rows(self) -> QuerySet[Run]:
        analysis = access_analysis(self.user, self.kwargs["code"], self.kwargs["slug"])
        return visible_runs(self.user).filter(analysis=analysis)


class StandingPresenter(serializers.Serializer[Any]):
    state = serializers.ChoiceField(["fresh", "stale", "running", "failed"])
    at = serializers.DateTimeField()
    since = serializers.DateTimeField(allow_null=True)
    superseded_by = serializers.IntegerField(source="superseded_by.pk", allow_null=True, default=None)


class RunResultPresenter(serializers.Serializer[Any]):
    analysis = serializers.CharField()
    simulated = serializers.BooleanField()
    run = serializers.IntegerField()
    freshness = StandingPresenter()
    look = serializers.IntegerField()
    fingerprint = serializers.CharField()
    kind = serializers.CharField()
    kind_version = serializers.IntegerField()
    exploratory = serializers.BooleanField(help_text="Rests on a cutoff that was chosen from the same data.")
    headline = serializers.ListField(child=serializers.DictField())
    output = serializers.DictField()
    provenance = serializers.DictField()
    citation = serializers.CharField()


class _OfRun:
    user: Any
    kwargs: dict[str, Any]

    def row(self) -> Run:
        return access_run(self.user, self.kwargs["pk"])


class OneRun(_OfRun, Item):
    reading = CLINICAL
    presenter = RunPresenter
    tag = "runs"


class RunResult(_OfRun, Item):
    """What this run found, as it was, and whether it still stands."""

    reading = CLINICAL
    presenter = RunResultPresenter
    tag = "runs"

    def shown(self, row: Run) -> Response:
        if row.result is None:
            raise Http404
        seen = shown(row.analysis, row.result, row)
        content = {
            "analysis": row.analysis.log_code(),
            "simulated": row.analysis.cohort.is_simulated,
            "run": row.pk,
            "freshness": standing_of(row),
            "look": row.result.look,
            "fingerprint": row.result.frame_id,
            "kind": row.result.kind,
            "kind_version": row.result.kind_version,
            "exploratory": seen.is_exploratory,
            "headline": seen.claims,
            "output": seen.output,
            "provenance": seen.provenance,
            "citation": str(citation_of_run(row, row.result)),
        }
        return Response(RunResultPresenter(content).data)


class ReexecutionPresenter(Presented):
    class Meta:
        model = Reexecution
        fields: tuple[str, ...] = (
            "id",
            "run",
            "state",
            "verdict",
            "findings",
            "requested_by",
            "requested_at",
            "finished_at",
        )


class Asked(Entry):
    """Nothing is to be said."""


class Reexecute(_OfRun, Act):
    """Computes the result once more from its stored rows; the answer waits until a worker has compared the bytes."""

    writing = CLINICAL
    summary = "Re-execute"
    entry = Asked
    presenter = ReexecutionPresenter
    is_locked = False
    tag = "runs"

    def act(self, row: Run, given: dict[str, Any]) -> Reexecution:
        asked = reexecution_request(run=row, by=self.by)
        transaction.on_commit(ring_for_reexecutions)
        return asked


class RunReexecutions(Listing):
    """The re-executions of a run: what was compared, and what came of it."""

    reading = CLINICAL
    presenter = ReexecutionPresenter
    orderings = {"newest": "pk"}
    tag = "runs"

    def rows(self) -> QuerySet[Reexecution]:
        return Reexecution.objects.filter(run=access_run(self.user, self.kwargs["pk"]))


class SnapshotPresenter(Presented):
    cohort = serializers.CharField(source="cohort.code")
    simulated = serializers.BooleanField(source="cohort.is_simulated")
    fingerprint = serializers.CharField(source="table_id", help_text="sha256 of the frozen table.")
    retired_reason = serializers.CharField(source="retirement.reason", default="")
    versions = serializers.SerializerMethodField(help_text="Of every stream of facts, at that moment.")

    class Meta:
        model = Snapshot
        fields: tuple[str, ...] = (
            "id",
            "cohort",
            "simulated",
            "name",
            "purpose",
            "made_by",
            "taken_at",
            "versions",
            "log_head",
            "fingerprint",
            "retired_reason",
        )

    def get_versions(self, snapshot: Snapshot) -> dict[str, int]:
        return shown_versions(snapshot, acting_user(self.context["request"]))


class OneSnapshotPresenter(SnapshotPresenter):
    results = serializers.SerializerMethodField(help_text="What each analysis answered, with its run.")
    citation = serializers.SerializerMethodField()

    class Meta(SnapshotPresenter.Meta):
        fields = (*SnapshotPresenter.Meta.fields, "results", "citation")

    def get_results(self, snapshot: Snapshot) -> list[dict[str, Any]]:
        return [
            {
                "analysis": row.analysis.slug,
                "run": row.run_id,
                "freshness": "fresh" if row.was_fresh else "stale",
                "look": row.result.look,
                "fingerprint": row.result.frame_id,
                "headline": row.result.claims,
            }
            for row in snapshot_results(snapshot)
        ]

    def get_citation(self, snapshot: Snapshot) -> str:
        return str(citation_of_snapshot(snapshot))


class SnapshotFilters(Entry):
    cohort = serializers.CharField(required=False, max_length=40)


class SnapshotEntry(Entry):
    cohort = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=60)
    purpose = serializers.CharField(max_length=300)
    accept_stale = serializers.BooleanField(
        default=False, help_text="Take answers that are not up to date as they are."
    )


class Snapshots(Collection):
    reading = CLINICAL
    writing = CLINICAL
    presenter = SnapshotPresenter
    filters = SnapshotFilters
    entry = SnapshotEntry
    orderings = {"newest": "pk"}

    def rows(self) -> QuerySet[Snapshot]:
        return visible_snapshots(self.user)

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        return rows.filter(cohort__code=asked["cohort"]) if "cohort" in asked else rows

    def add(self, given: dict[str, Any]) -> Snapshot:
        code, message = given.pop("cohort"), _("There is no cohort with this code.")
        cohort = referred("cohort", lambda: access_reported_cohort(self.user, code), message)
        return snapshot_make(cohort=cohort, by=self.by, **given)


class SnapshotReason(Entry):
    reason = serializers.CharField(max_length=500)


class RetiredSnapshot(Act):
    """It stays readable, with the reason; its name stays taken."""

    writing = CLINICAL
    summary = "Retire"
    entry = SnapshotReason
    presenter = SnapshotPresenter
    is_locked = False
    tag = "snapshots"

    def row(self) -> Snapshot:
        return access_snapshot(self.user, self.kwargs["pk"])

    def act(self, row: Snapshot, given: dict[str, Any]) -> Snapshot:
        if hasattr(row, "retirement"):
            raise ValidationError(_("It is retired already."))
        snapshot_retire(snapshot=row, by=self.by, reason=given["reason"])
        return self.row()


class OneSnapshot(Item):
    reading = CLINICAL
    presenter = OneSnapshotPresenter

    def row(self) -> Snapshot:
        return access_snapshot(self.user, self.kwargs["pk"])
