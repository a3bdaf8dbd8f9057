"""Western-blot ratios, qPCR fold changes and blood results. The address of a result is that of one revision."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from labs.api.references import analyte_named, antibody_numbered, marker_named, specimen_named
from labs.blood.models import BloodResult
from labs.blood.reading import Entered
from labs.blood.selectors import results_of_draw
from labs.blood.services import (
    PanelRow,
    blood_panel_record,
    blood_result_correct,
    blood_result_record,
    blood_result_retract,
)
from labs.rounds.blinding import blinded_markers
from labs.specimens.access import BENCH, MEASUREMENTS, access_specimen, visible_specimens
from labs.wetlab.models import BlotRatio, FoldChange
from labs.wetlab.services import (
    blot_correct,
    blot_record,
    blot_retract,
    fold_change_correct,
    fold_change_record,
    fold_change_retract,
)
from registry.api.endpoints import Act, Collection, CorrectedItem, Endpoint, Told
from registry.api.serializers import Because, Entry, FiniteField, OfVersion, Presented, Reasoned, WholeField
from registry.api.simulated import marked
from registry.log.facts import StaleWrite, changes_since
from registry.people.models import User

COLUMNS = ("id", "version", "specimen", "patient", "simulated")
REVISION = ("is_current", "is_retracted", "correction_reason", "recorded_by", "recorded_at")


class PresentedResult(Presented):
    specimen = serializers.CharField(source="specimen.code")
    patient = serializers.CharField(source="specimen.patient.study_number")
    simulated = serializers.BooleanField()
    is_current = serializers.SerializerMethodField(help_text="Neither corrected since nor retracted.")

    def get_is_current(self, result: Any) -> bool:
        return not result.is_retracted and not hasattr(result, "successor")


class ResultFilters(Entry):
    specimen = serializers.CharField(required=False, max_length=60)
    patient = serializers.CharField(required=False, max_length=40, help_text="Study number.")


class MarkerFilters(ResultFilters):
    marker = serializers.CharField(required=False, max_length=30)


class AnalyteFilters(ResultFilters):
    analyte = serializers.CharField(required=False, max_length=20)


class _Results:
    """All revisions on the specimens that the user may see."""

    model: ClassVar[type[Any]]
    user: User
    kwargs: dict[str, Any]

    def revisions(self) -> QuerySet[Any]:
        rows = self.model._default_manager.filter(specimen__in=visible_specimens(self.user))
        return marked(rows, "specimen__patient_id").select_related("specimen__patient", "successor")

    def row(self) -> Any:
        found = self.revisions().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found


class _OfMarker(_Results):
    def revisions(self) -> QuerySet[Any]:
        """Not of a marker that the user reads blind: what a blot says of a tissue would bias the read as well."""
        return super().revisions().exclude(marker__code__in=blinded_markers(self.user)).select_related("marker")


class _Current(Collection):
    reading = MEASUREMENTS
    writing = BENCH
    orderings = {"id": "pk", "specimen": "specimen__code", "recorded_at": "recorded_at"}

    def revisions(self) -> QuerySet[Any]:
        raise NotImplementedError  # abstract: of the mixin

    def rows(self) -> QuerySet[Any]:
        return self.revisions().filter(successor__isnull=True, is_retracted=False)

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        columns = {
            "specimen": "specimen__code",
            "patient": "specimen__patient__study_number",
            "marker": "marker__code",
            "analyte": "analyte__code",
        }
        return rows.filter(**{columns[name]: value for name, value in asked.items()})


class _Revision(CorrectedItem):
    """A correction is a new revision with an address of its own; the answer is that revision."""

    reading = MEASUREMENTS
    writing = BENCH

    def patch(self, request: Request, **kwargs: Any) -> Response:
        row = self.row()
        given = self.changes.parsed(request.data)
        expect_version(row, self.seen_version(given))
        reason = given.pop("reason", "")
        self.kwargs["pk"] = self.correct(row, given, row.version, reason).pk
        return self.shown(self.row())


def expect_version(row: Any, version: int) -> None:
    if row.version != version:
        raise StaleWrite(changes_since(row, version))


class _Retraction(Act):
    """The result leaves every list and analysis; its revisions stay."""

    writing = BENCH
    summary = "Retract"

    def post(self, request: Request, **kwargs: Any) -> Response:
        row = self.row()
        given = self.entry.parsed(request.data)
        expect_version(row, self.seen_version(given))
        self.kwargs["pk"] = self.act(row, given).pk
        return Response(self.presenter(self.row()).data)


class BlotPresenter(PresentedResult):
    marker = serializers.CharField(source="marker.code")

    class Meta:
        model = BlotRatio
        fields = (*COLUMNS, "marker", "gel", "antibody", "loading_control", "ratio", *REVISION)


class BlotEntry(Reasoned):
    specimen = serializers.CharField(max_length=60)
    marker = serializers.CharField(max_length=30)
    gel = serializers.CharField(max_length=60)
    loading_control = serializers.CharField(max_length=40)
    ratio = FiniteField(help_text="Target / loading control.")
    antibody = WholeField(required=False, allow_null=True, min_value=1, max_value=2**31 - 1)


class BlotChanges(Because):
    ratio = FiniteField()
    loading_control = serializers.CharField(required=False, max_length=40)


class Blots(_OfMarker, _Current):
    model = BlotRatio
    presenter = BlotPresenter
    entry = BlotEntry
    filters = MarkerFilters

    def add(self, given: dict[str, Any]) -> Model:
        return blot_record(
            specimen=specimen_named(self.user, given.pop("specimen")),
            marker=marker_named(self.user, given.pop("marker")),
            antibody=antibody_numbered(given.pop("antibody", None)),
            by=self.by,
            **given,
        )


class OneBlot(_OfMarker, _Revision):
    model = BlotRatio
    presenter = BlotPresenter
    changes = BlotChanges

    def correct(self, row: Any, changes: dict[str, Any], version: int, reason: str) -> Any:
        return blot_correct(blot=row, by=self.by, reason=reason, **changes)


class RetractedBlot(_OfMarker, _Retraction):
    model = BlotRatio
    presenter = BlotPresenter

    def act(self, row: Any, given: dict[str, Any]) -> Any:
        return blot_retract(blot=row, by=self.by, reason=given["reason"])


class FoldPresenter(PresentedResult):
    marker = serializers.CharField(source="marker.code")
    calibrator = serializers.CharField(source="calibrator.code", allow_null=True)

    class Meta:
        model = FoldChange
        fields = (*COLUMNS, "marker", "reference_gene", "calibrator", "fold", *REVISION)


class FoldEntry(Reasoned):
    specimen = serializers.CharField(max_length=60)
    marker = serializers.CharField(max_length=30)
    fold = FiniteField(help_text="2^-ΔΔCt.")
    calibrator = serializers.CharField(required=False, allow_null=True, max_length=60)
    reference_gene = serializers.CharField(required=False, max_length=30)


class FoldChanges(Because):
    fold = FiniteField()


class Folds(_OfMarker, _Current):
    model = FoldChange
    presenter = FoldPresenter
    entry = FoldEntry
    filters = MarkerFilters

    def revisions(self) -> QuerySet[Any]:
        return super().revisions().select_related("calibrator")

    def add(self, given: dict[str, Any]) -> Model:
        code = given.pop("calibrator", None)
        return fold_change_record(
            specimen=specimen_named(self.user, given.pop("specimen")),
            marker=marker_named(self.user, given.pop("marker")),
            calibrator=specimen_named(self.user, code, "calibrator") if code else None,
            by=self.by,
            **given,
        )


class OneFold(_OfMarker, _Revision):
    model = FoldChange
    presenter = FoldPresenter
    changes = FoldChanges

    def correct(self, row: Any, changes: dict[str, Any], version: int, reason: str) -> Any:
        return fold_change_correct(fold_change=row, by=self.by, reason=reason, **changes)


class RetractedFold(_OfMarker, _Retraction):
    model = FoldChange
    presenter = FoldPresenter

    def act(self, row: Any, given: dict[str, Any]) -> Any:
        return fold_change_retract(fold_change=row, by=self.by, reason=given["reason"])


class BloodPresenter(PresentedResult):
    analyte = serializers.CharField(source="analyte.code")
    unit = serializers.CharField(source="analyte.unit")

    class Meta:
        model = BloodResult
        fields = (
            *COLUMNS,
            "analyte",
            "comparator",
            "value",
            "unit",
            "coded",
            "is_unusual_accepted",
            "entered_value",
            "entered_unit",
            "status",
            "is_received",
            *REVISION,
        )


class Measured(Entry):
    value = serializers.CharField(max_length=30, help_text="As it is written: 41, 12.5, <0.5 or a word.")
    unit = serializers.CharField(required=False, allow_blank=True, max_length=30)
    loinc = serializers.CharField(required=False, allow_blank=True, max_length=10)
    accept_unusual = serializers.BooleanField(default=False)


class BloodEntry(Measured, Reasoned):
    specimen = serializers.CharField(max_length=60)
    analyte = serializers.CharField(max_length=20)


class BloodChanges(Measured, Because):
    pass


class BloodResults(_Results, _Current):
    model = BloodResult
    presenter = BloodPresenter
    entry = BloodEntry
    filters = AnalyteFilters

    def revisions(self) -> QuerySet[Any]:
        return super().revisions().select_related("analyte")

    def add(self, given: dict[str, Any]) -> Model:
        return blood_result_record(
            specimen=specimen_named(self.user, given.pop("specimen")),
            analyte=analyte_named(given.pop("analyte")),
            by=self.by,
            **given,
        )


class OneBloodResult(_Results, _Revision):
    model = BloodResult
    presenter = BloodPresenter
    changes = BloodChanges

    def correct(self, row: Any, changes: dict[str, Any], version: int, reason: str) -> Any:
        return blood_result_correct(result=row, by=self.by, reason=reason, **changes)


class RetractedBloodResult(_Results, _Retraction):
    model = BloodResult
    presenter = BloodPresenter

    def act(self, row: Any, given: dict[str, Any]) -> Any:
        return blood_result_retract(result=row, by=self.by, reason=given["reason"])


class PanelRowEntry(Measured, OfVersion):
    """With a version the row corrects the result that has it; without one it is the first of its analyte."""

    analyte = serializers.CharField(max_length=20)


class PanelEntry(Reasoned):
    rows = PanelRowEntry(many=True, allow_empty=False)


class PanelPresenter(serializers.Serializer[Any]):
    results = BloodPresenter(many=True)


class Panel(_Results, Endpoint):
    """All results of a draw at once: every row is stored, or none is and each one at fault is named."""

    reading = MEASUREMENTS
    writing = BENCH
    tag = "blood-results"
    model = BloodResult

    def get(self, request: Request, **kwargs: Any) -> Response:
        draw = access_specimen(self.user, self.kwargs["pk"])
        rows = self.revisions().filter(specimen=draw, successor__isnull=True, is_retracted=False)
        return Response({"results": BloodPresenter(rows.select_related("analyte").order_by("analyte"), many=True).data})

    def post(self, request: Request, **kwargs: Any) -> Response:
        draw = access_specimen(self.user, self.kwargs["pk"])
        given = PanelEntry.parsed(request.data)
        reason = given.get("reason", "")
        rows = panel_rows(given["rows"], results_of_draw(draw), reason)
        blood_panel_record(specimen=draw, rows=rows, by=self.by, reason=reason)
        return self.get(request)

    def describe(self, method: str) -> Told:
        return Told("Panel of a draw", PanelEntry if method == "POST" else None, PanelPresenter)


def panel_rows(entries: list[dict[str, Any]], known: dict[int, BloodResult], reason: str) -> list[PanelRow]:
    """Each row at fault is named at once."""
    problems: dict[Any, Any] = {}
    rows = []
    for index, entry in enumerate(entries):
        try:
            rows.append(_panel_row(entry, known, reason))
        except serializers.ValidationError as error:
            problems[index] = error.detail
    if problems:
        raise serializers.ValidationError(problems)
    return rows


def _panel_row(entry: dict[str, Any], known: dict[int, BloodResult], reason: str) -> PanelRow:
    analyte = analyte_named(entry.pop("analyte"))
    version, newest = entry.pop("version", None), known.get(analyte.pk)
    if version is not None:
        if newest is None:
            raise serializers.ValidationError({"version": [_("There is no result to correct.")]})
        expect_version(newest, version)
    return PanelRow(analyte, Entered(**entry), corrects=newest if version is not None else None, reason=reason)
