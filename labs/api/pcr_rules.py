"""What targets of the PCR bench mean, the rules of a run, its file, and taking it out."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework import serializers

from labs.api.references import marker_named
from labs.qpcr.access import access_run, access_target, visible_runs
from labs.qpcr.models import PcrRun, PcrTarget
from labs.qpcr.selectors import unknown_targets
from labs.qpcr.services import run_retire, run_settle, target_set
from labs.specimens.access import BENCH
from registry.api.endpoints import Collection, Computed, CorrectedItem, Download, Retirement
from registry.api.serializers import FiniteField, ModelEntry, Presented, Reasoned, Seen, WholeField

_COLUMNS = ("role", "gene", "primer_forward", "primer_reverse", "kit", "efficiency")


class PcrTargetPresenter(Presented):
    marker = serializers.CharField(source="marker.code", allow_null=True, default=None)

    class Meta:
        model = PcrTarget
        fields = ("id", "version", "name", "marker", *_COLUMNS)


class PcrTargetEntry(Reasoned, ModelEntry):
    marker = serializers.CharField(max_length=30, required=False, allow_null=True)
    efficiency = FiniteField(required=False, min_value=1.1, max_value=2.5)

    class Meta:
        model = PcrTarget
        fields = ("name", "marker", *_COLUMNS, "reason")


class PcrTargetChanges(Seen, ModelEntry):
    marker = serializers.CharField(max_length=30, required=False, allow_null=True)
    efficiency = FiniteField(required=False, min_value=1.1, max_value=2.5)

    class Meta:
        model = PcrTarget
        fields = ("marker", *_COLUMNS, "version", "reason")


class PcrTargets(Collection):
    """What the names of targets in the files mean, for every site."""

    reading = BENCH
    writing = BENCH
    of_site = False
    presenter = PcrTargetPresenter
    entry = PcrTargetEntry
    orderings = {"name": "name", "id": "pk"}

    def rows(self) -> QuerySet[PcrTarget]:
        return PcrTarget.objects.filter(retired_reason="").select_related("marker")

    def add(self, given: dict[str, Any]) -> Model:
        if PcrTarget.objects.filter(name=given["name"]).exists():
            raise ValidationError({"name": _("There is a target of this name: correct that one.")})
        if given.get("marker"):
            given["marker"] = marker_named(self.user, given["marker"])
        return target_set(by=self.by, **given)


class OnePcrTarget(CorrectedItem):
    """Accepted fold changes of every run that has the target follow."""

    reading = BENCH
    writing = BENCH
    of_site = False
    presenter = PcrTargetPresenter
    changes = PcrTargetChanges

    def row(self) -> PcrTarget:
        return access_target(self.kwargs["pk"])

    def correct(self, row: PcrTarget, changes: dict[str, Any], version: int, reason: str) -> PcrTarget:
        if changes.get("marker"):
            changes["marker"] = marker_named(self.user, changes["marker"])
        return target_set(name=row.name, expected_version=version, by=self.by, reason=reason, **changes)


class UnknownTarget(serializers.Serializer[Any]):
    name = serializers.CharField(source="*")


class UnknownPcrTargets(Computed):
    """Names in the runs that nobody has said the meaning of."""

    reading = BENCH
    presenter = UnknownTarget
    tag = "pcr-targets"

    def found(self, asked: dict[str, Any]) -> list[str]:
        return unknown_targets(self.user)

    def place(self, row: str) -> list[str]:
        return [row]


class PcrRulesPresenter(Presented):
    class Meta:
        model = PcrRun
        fields = ("id", "version", "outliers", "max_sd", "control_margin", "reference_run")


class PcrRulesChanges(Seen, ModelEntry):
    reference_run = WholeField(required=False, allow_null=True, min_value=1, max_value=2**31 - 1)

    class Meta:
        model = PcrRun
        fields = ("outliers", "max_sd", "control_margin", "reference_run", "version", "reason")


class RulesOfPcrRun(CorrectedItem):
    """Outliers, SD, controls, and the run of the reference gene. Accepted fold changes follow."""

    reading = BENCH
    writing = BENCH
    presenter = PcrRulesPresenter
    changes = PcrRulesChanges
    tag = "pcr-runs"

    def row(self) -> PcrRun:
        return access_run(self.user, self.kwargs["pk"])

    def correct(self, row: PcrRun, changes: dict[str, Any], version: int, reason: str) -> PcrRun:
        if changes.get("reference_run") is not None:
            found = visible_runs(self.user).exclude(pk=row.pk).filter(pk=changes["reference_run"]).first()
            if found is None:
                raise ValidationError({"reference_run": _("There is no other run with this number.")})
            changes["reference_run"] = found
        return run_settle(run=row, changes=changes, expected_version=version, by=self.by, reason=reason)


class RetiredPcrRun(Retirement):
    """Its fold changes are retracted."""

    writing = BENCH
    tag = "pcr-runs"

    def row(self) -> PcrRun:
        return access_run(self.user, self.kwargs["pk"])

    def act(self, row: PcrRun, given: dict[str, Any]) -> PcrRun:
        version = self.seen_version(given)
        return run_retire(run=row, expected_version=version, by=self.by, reason=given["reason"])


class FileOfPcrRun(Download):
    """The bytes as they were uploaded."""

    reading = BENCH
    tag = "pcr-runs"

    def file(self) -> HttpResponseBase:
        found = access_run(self.user, self.kwargs["pk"]).file
        headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
        return HttpResponse(bytes(found.content), content_type=self.media_type, headers=headers)
