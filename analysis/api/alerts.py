"""Alerts, and two results of an analysis side by side."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analysis.access import access_alert, access_analysis, visible_alerts
from analysis.alerts.models import Alert
from analysis.alerts.selectors import in_state
from analysis.alerts.services import alert_acknowledge
from analysis.api.analyses import FreshnessPresenter
from analysis.diffing.content import difference
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis, Result
from registry.api.endpoints import Act, Endpoint, Listing, Told
from registry.api.serializers import Entry, Presented, WholeField
from registry.log.access import visible_changes
from registry.people.roles import CLINICAL


class AlertPresenter(Presented):
    cohort = serializers.CharField(source="analysis.cohort.code")
    analysis = serializers.CharField(source="analysis.slug")
    simulated = serializers.BooleanField(source="analysis.cohort.is_simulated")
    freshness = serializers.SerializerMethodField(help_text="Of the analysis: the sentence quotes its numbers.")
    state = serializers.ChoiceField(["open", "acknowledged", "closed"])
    before = serializers.IntegerField(source="movement.before.look", allow_null=True, default=None)
    after = serializers.IntegerField(source="movement.after.look", allow_null=True, default=None)

    class Meta:
        model = Alert
        fields = (
            "id",
            "version",
            "cohort",
            "analysis",
            "simulated",
            "freshness",
            "level",
            "sentence",
            "state",
            "at",
            "before",
            "after",
            "acknowledged_at",
            "acknowledged_by",
            "comment",
            "closed_at",
            "closed_note",
        )

    def get_freshness(self, alert: Alert) -> dict[str, Any]:
        return dict(FreshnessPresenter(freshness_of(alert.analysis)).data)


class AlertFilters(Entry):
    cohort = serializers.CharField(required=False, max_length=40)
    state = serializers.ChoiceField(["open", "acknowledged", "closed"], required=False)


class Alerts(Listing):
    reading = CLINICAL
    presenter = AlertPresenter
    filters = AlertFilters
    orderings = {"newest": "pk"}

    def rows(self) -> QuerySet[Alert]:
        return visible_alerts(self.user)

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        rows = in_state(rows, asked.get("state", ""))
        return rows.filter(analysis__cohort__code=asked["cohort"]) if "cohort" in asked else rows


class AcknowledgeEntry(Entry):
    comment = serializers.CharField(max_length=500, help_text="What you make of it; kept in the change log.")


class Acknowledge(Act):
    """The first to say so stands; an alert that turned back by itself is no longer open."""

    writing = CLINICAL
    summary = "Acknowledge"
    entry = AcknowledgeEntry
    presenter = AlertPresenter
    is_locked = False
    tag = "alerts"

    def row(self) -> Alert:
        return access_alert(self.user, self.kwargs["pk"])

    def act(self, row: Alert, given: dict[str, Any]) -> Alert:
        return alert_acknowledge(alert=row, comment=given["comment"], by=self.by)


class Looks(Entry):
    """Two results by their look."""

    before = WholeField(min_value=1, max_value=10**8)
    after = WholeField(min_value=1, max_value=10**8)


class DifferencePresenter(serializers.Serializer[Any]):
    analysis = serializers.CharField()
    title = serializers.CharField()
    simulated = serializers.BooleanField()
    freshness = serializers.CharField()
    before = serializers.DictField(help_text="Look, run, data, version of the kind, threshold.")
    after = serializers.DictField()
    flipped = serializers.BooleanField()
    claims = serializers.ListField(child=serializers.DictField())
    setup = serializers.ListField(child=serializers.DictField(), help_text="Parameters, method and software.")
    patients = serializers.DictField(help_text="Who came, went, changed group, and values that changed.")
    changes = serializers.DictField(help_text="Entries of the change log in between.")


class Difference(Endpoint):
    """Two results claim by claim, with the patients, values and entries of the log between them."""

    reading = CLINICAL
    tag = "analyses"

    def get(self, request: Request, **kwargs: Any) -> Response:
        analysis = access_analysis(self.user, self.kwargs["code"], self.kwargs["slug"])
        asked = Looks.parsed(request.query_params.dict())
        ends = [self._result(analysis, asked[name]) for name in ("before", "after")]
        content = difference(analysis, ends[0], ends[1], visible_changes(self.user))
        return Response(DifferencePresenter(content).data)

    def _result(self, analysis: Analysis, look: int) -> Result:
        found = analysis.results.filter(look=look).first()
        if found is None:
            raise Http404
        return found

    def describe(self, method: str) -> Told:
        return Told("Two results side by side", None, DifferencePresenter, asks=Looks)
