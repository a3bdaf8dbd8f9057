"""Analyses with their current result, and reports. A number is never without its freshness and its run."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analysis.access import access_analysis, access_report, access_reported_cohort, visible_analyses, visible_reports
from analysis.engine.doorbell import ring, ring_for_reports
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_cancel, analysis_retry
from analysis.presenting import shown
from analysis.reports.models import Report
from analysis.reports.services import request_report
from registry.api.endpoints import Act, Item, Listing, Told
from registry.api.serializers import Entry, Presented, referred
from registry.people.roles import CLINICAL


class FreshnessPresenter(serializers.Serializer[Any]):
    state = serializers.ChoiceField(["fresh", "stale", "running", "failed", "waiting"])
    as_of = serializers.DateTimeField(allow_null=True)
    run = serializers.IntegerField(source="run_id", allow_null=True)
    moved = serializers.ListField(child=serializers.CharField(), help_text="Streams that moved since the result.")
    error = serializers.CharField(allow_blank=True)


class AnalysisPresenter(Presented):
    cohort = serializers.CharField(source="cohort.code")
    simulated = serializers.BooleanField(source="cohort.is_simulated")
    freshness = serializers.SerializerMethodField()
    owner = serializers.CharField(source="owner_name", help_text="Who defined it; empty for a mapping or a command.")
    look = serializers.SerializerMethodField(help_text="How many results there were, this one included.")
    headline = serializers.SerializerMethodField()

    class Meta:
        model = Analysis
        fields = (
            "id",
            "version",
            "cohort",
            "slug",
            "title",
            "kind",
            "parameters",
            "is_registered",
            "waits_for_plan",
            "retired_reason",
            "owner",
            "simulated",
            "freshness",
            "look",
            "headline",
        )

    def get_freshness(self, analysis: Analysis) -> dict[str, Any]:
        return dict(FreshnessPresenter(freshness_of(analysis)).data)

    def get_look(self, analysis: Analysis) -> int:
        return analysis.current.look if analysis.current else 0

    def get_headline(self, analysis: Analysis) -> list[dict[str, Any]]:
        return analysis.current.claims if analysis.current else []


class AnalysisFilters(Entry):
    cohort = serializers.CharField(required=False, max_length=40)
    kind = serializers.CharField(required=False, max_length=40)


class Analyses(Listing):
    reading = CLINICAL
    presenter = AnalysisPresenter
    filters = AnalysisFilters
    orderings = {"order": "order", "slug": "slug", "cohort": "cohort__code"}

    def rows(self) -> QuerySet[Analysis]:
        return visible_analyses(self.user)

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        columns = {"cohort": "cohort__code", "kind": "kind"}
        return rows.filter(**{columns[name]: value for name, value in asked.items()})


class _OfAnalysis:
    user: Any
    kwargs: dict[str, Any]

    def row(self) -> Analysis:
        return access_analysis(self.user, self.kwargs["code"], self.kwargs["slug"])


class OneAnalysis(_OfAnalysis, Item):
    reading = CLINICAL
    presenter = AnalysisPresenter
    tag = "analyses"


class ResultPresenter(serializers.Serializer[Any]):
    analysis = serializers.CharField()
    simulated = serializers.BooleanField()
    freshness = FreshnessPresenter()
    run = serializers.IntegerField(allow_null=True)
    look = serializers.IntegerField()
    fingerprint = serializers.CharField()
    kind_version = serializers.IntegerField()
    exploratory = serializers.BooleanField(help_text="Rests on a cutoff that was chosen from the same data.")
    threshold = serializers.FloatField(help_text="The p below which the verdicts hold.")
    spending = serializers.DictField(allow_null=True, help_text="The look of a spending plan that gave the threshold.")
    headline = serializers.ListField(child=serializers.DictField())
    output = serializers.DictField()
    provenance = serializers.DictField()


class CurrentResult(_OfAnalysis, Item):
    """What the last run computed. Whether it still stands is said by its freshness."""

    reading = CLINICAL
    presenter = ResultPresenter
    tag = "analyses"

    def shown(self, row: Analysis) -> Response:
        if row.current is None:
            raise Http404
        seen = shown(row, row.current)
        content = {
            "analysis": f"{row.cohort.code}/{row.slug}",
            "simulated": row.cohort.is_simulated,
            "freshness": freshness_of(row),
            "run": seen.run.pk if seen.run else None,
            "look": seen.result.look,
            "fingerprint": seen.result.frame_id,
            "kind_version": seen.result.kind_version,
            "exploratory": seen.is_exploratory,
            "threshold": seen.result.threshold,
            "spending": seen.result.spending_values,
            "headline": seen.claims,
            "output": seen.output,
            "provenance": seen.provenance,
        }
        return Response(ResultPresenter(content).data)


class Nothing(Entry):
    """Nothing is to be said."""


class Rerun(_OfAnalysis, Act):
    """Asks for a new run; the answer is the analysis as it stands."""

    writing = CLINICAL
    summary = "Compute again"
    entry = Nothing
    presenter = AnalysisPresenter
    is_locked = False
    tag = "analyses"

    def act(self, row: Analysis, given: dict[str, Any]) -> Analysis:
        analysis_retry(row)
        transaction.on_commit(ring)
        return row


class Cancel(_OfAnalysis, Act):
    """Stops the run that is under way; the same data are not computed again by themselves."""

    writing = CLINICAL
    summary = "Cancel the run"
    entry = Nothing
    presenter = AnalysisPresenter
    is_locked = False
    tag = "analyses"

    def act(self, row: Analysis, given: dict[str, Any]) -> Analysis:
        analysis_cancel(analysis=row, by=self.by)
        return row


class ReportPresenter(Presented):
    cohort = serializers.CharField(source="cohort.code")
    simulated = serializers.BooleanField(source="cohort.is_simulated")

    class Meta:
        model = Report
        fields: tuple[str, ...] = (
            "id",
            "cohort",
            "simulated",
            "state",
            "trigger",
            "requested_by",
            "started_at",
            "finished_at",
            "verdict",
        )


class OneReportPresenter(ReportPresenter):
    content = serializers.DictField(source="content_values")

    class Meta(ReportPresenter.Meta):
        fields = (*ReportPresenter.Meta.fields, "content")


class ReportFilters(Entry):
    cohort = serializers.CharField(required=False, max_length=40)


class ReportEntry(Entry):
    cohort = serializers.CharField(max_length=40)


class Reports(Listing):
    """POST asks for a report; one that is already under way is that report."""

    reading = CLINICAL
    writing = CLINICAL
    presenter = ReportPresenter
    filters = ReportFilters
    orderings = {"newest": "pk"}

    def rows(self) -> QuerySet[Report]:
        return visible_reports(self.user)

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        return rows.filter(cohort__code=asked["cohort"]) if "cohort" in asked else rows

    def post(self, request: Request, **kwargs: Any) -> Response:
        code = ReportEntry.parsed(request.data)["cohort"]
        message = _("There is no cohort with this code.")
        cohort = referred("cohort", lambda: access_reported_cohort(self.user, code), message)
        report = request_report(cohort=cohort, trigger="api", requested_by=self.user.username)
        transaction.on_commit(ring_for_reports)
        return Response(ReportPresenter(report).data, status=201)

    def describe(self, method: str) -> Told:
        if method == "POST":
            return Told("Ask for a report", ReportEntry, ReportPresenter, status=201)
        return super().describe(method)


class OneReport(Item):
    reading = CLINICAL
    presenter = OneReportPresenter

    def row(self) -> Report:
        return access_report(self.user, self.kwargs["pk"])
