"""Gels of the blot bench: densitometry files in, lanes and bands, ratios, through the gates of the pages."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from labs.api.files import FileEntry, Foreseen, Preview
from labs.api.references import antibody_numbered, marker_named, specimen_named
from labs.blots.access import access_band, access_gel, access_lane, access_probe, visible_gels
from labs.blots.forms import GelForm
from labs.blots.models import Band, Gel, GelProbe, Lane, LaneExclusion
from labs.blots.reading import gels_in
from labs.blots.results import gel_results
from labs.blots.selectors import gel_list, gel_probes, patients_of, preview_of
from labs.blots.services import (
    band_correct,
    gel_accept,
    gel_exclude_lane,
    gel_import,
    gel_include_lane,
    gel_retire,
    gel_settle,
    lane_assign,
    lanes_assign_by_code,
    probe_set,
)
from labs.formats.recognise import recognise
from labs.specimens.access import BENCH, visible_specimens
from registry.api.endpoints import Act, CorrectedItem, Item, Listing, Retirement, Told
from registry.api.serializers import (
    Because,
    Entry,
    FiniteField,
    ModelEntry,
    OfVersion,
    Presented,
    Reasoned,
    Seen,
    WholeField,
)
from registry.patients.simulated import any_simulated


class GelPresenter(Presented):
    lanes = serializers.IntegerField(source="n_lanes")
    lanes_assigned = serializers.IntegerField(source="n_assigned")

    class Meta:
        model = Gel
        fields = (
            "id",
            "version",
            "code",
            "made_on",
            "percent",
            "membrane",
            "detection",
            "background",
            "saturated_at",
            "when_saturated",
            "is_accepted",
            "lanes",
            "lanes_assigned",
        )


class GelProbePresenter(Presented):
    marker = serializers.CharField(source="marker.code", allow_null=True, default=None)

    class Meta:
        model = GelProbe
        fields = ("id", "version", "name", "role", "marker", "antibody", "protein")


class GelLanePresenter(Presented):
    specimen = serializers.CharField(source="specimen.code", allow_null=True, default=None)

    class Meta:
        model = Lane
        fields = (
            "id",
            "version",
            "number",
            "name",
            "sample",
            "content",
            "specimen",
            "exclusion",
            "exclusion_note",
        )


class GelBandPresenter(Presented):
    class Meta:
        model = Band
        fields = (
            "id",
            "version",
            "lane",
            "probe",
            "row",
            "number",
            "volume",
            "adjusted",
            "background",
            "area",
            "greatest",
            "is_saturated",
        )


class GelRatioPresenter(serializers.Serializer[Any]):
    """One target in one specimen: the mean of its lanes."""

    specimen = serializers.CharField(source="specimen.code")
    marker = serializers.CharField(source="target.marker.code")
    loading_control = serializers.CharField(source="control.protein")
    ratio = serializers.FloatField(source="value", allow_null=True)
    n = serializers.IntegerField(source="found.n", allow_null=True, default=None)
    sd = serializers.FloatField(source="found.sd", allow_null=True, default=None)
    is_saturated = serializers.BooleanField()
    problem = serializers.CharField(help_text="Why there is no ratio; empty when there is one.")


class GelPairPresenter(serializers.Serializer[Any]):
    tumour = serializers.CharField(source="tumour.specimen.code")
    normal = serializers.CharField(source="normal.specimen.code")
    marker = serializers.CharField(source="tumour.target.marker.code")
    relative = serializers.FloatField(allow_null=True)
    log2 = serializers.FloatField(allow_null=True)
    problem = serializers.CharField()


class WholeGelPresenter(serializers.Serializer[Any]):
    gel = GelPresenter()
    simulated = serializers.BooleanField()
    probes = GelProbePresenter(many=True)
    lanes = GelLanePresenter(many=True)
    bands = GelBandPresenter(many=True)
    ratios = GelRatioPresenter(many=True)
    pairs = GelPairPresenter(many=True)
    missing = serializers.ListField(child=serializers.CharField(), help_text="What has to be said first.")


class GelImportedPresenter(serializers.Serializer[Any]):
    is_new = serializers.BooleanField(help_text="False: nothing was stored, by a preview or because it was before.")
    gels = serializers.ListField(child=serializers.IntegerField())
    foreseen = Foreseen(allow_null=True)


class GelFile(FileEntry):
    """A gel that has this code already gets the probes of the file in addition."""

    code = serializers.CharField(max_length=60)
    made_on = serializers.DateField(required=False)


class Gels(Listing):
    """Gels of the bench. A file is sent in parts (multipart/form-data); the same bytes twice change nothing."""

    reading = BENCH
    writing = BENCH
    parser_classes = [MultiPartParser]
    presenter = GelPresenter
    orderings = {"id": "pk", "made_on": "made_on", "code": "code"}

    def rows(self) -> QuerySet[Any]:
        return gel_list(self.user)

    def post(self, request: Request, **kwargs: Any) -> Response:
        is_preview = Preview.parsed(request.query_params.dict())["preview"]
        given = GelFile.parsed(request.data)
        file = given.pop("file")
        name, content = file.name, file.read()
        readings = gels_in(name, content)
        if is_preview:
            told = preview_of(name, content, readings)
            foreseen = {"kind": recognise(name, content).kind, "would_store": told["counts"], **told}
            return Response(GelImportedPresenter({"is_new": False, "gels": [], "foreseen": foreseen}).data)
        if Gel.objects.filter(code=given["code"]).exclude(pk__in=visible_gels(self.user)).exists():
            raise ValidationError({"code": _("This code is taken.")})
        done = gel_import(name=name, content=content, by=self.by, **given)
        mine = visible_gels(self.user).filter(pk__in=[gel.pk for gel in done.gels]).values_list("pk", flat=True)
        return Response(GelImportedPresenter({"is_new": done.is_new, "gels": sorted(mine), "foreseen": None}).data)

    def describe(self, method: str) -> Told:
        if method == "POST":
            return Told("Store a densitometry file", GelFile, GelImportedPresenter, asks=Preview)
        return super().describe(method)


class OneGel(Item):
    """The gel with lanes, bands, and what they come to now; accepting stores the ratios."""

    reading = BENCH
    presenter = WholeGelPresenter

    def row(self) -> Gel:
        return access_gel(self.user, self.kwargs["pk"])

    def shown(self, row: Any) -> Response:
        computed = gel_results(row)
        content = {
            "gel": gel_list(self.user).get(pk=row.pk),
            "simulated": any_simulated(patients_of(row)),
            "probes": gel_probes(row),
            "lanes": row.lanes.filter(retired_reason="").select_related("specimen"),
            "bands": Band.objects.valid().filter(lane__gel=row),
            "ratios": computed.results,
            "pairs": computed.pairs,
            "missing": computed.missing,
        }
        return Response(WholeGelPresenter(content).data)


class GelSettings(Seen, ModelEntry):
    class Meta:
        model = Gel
        fields = (*GelForm.columns(), "version", "reason")


class SettingsOfGel(CorrectedItem):
    """Day, gel, membrane and the rules (background, saturation). Accepted ratios follow."""

    reading = BENCH
    writing = BENCH
    presenter = GelPresenter
    changes = GelSettings
    tag = "gels"

    def row(self) -> Gel:
        access_gel(self.user, self.kwargs["pk"])
        return gel_list(self.user).get(pk=self.kwargs["pk"])

    def correct(self, row: Any, changes: dict[str, Any], version: int, reason: str) -> Any:
        gel = access_gel(self.user, row.pk)
        return gel_settle(gel=gel, changes=changes, expected_version=version, by=self.by, reason=reason)


class RetiredGel(Retirement):
    """Its ratios are retracted."""

    writing = BENCH
    tag = "gels"

    def row(self) -> Gel:
        return access_gel(self.user, self.kwargs["pk"])

    def act(self, row: Gel, given: dict[str, Any]) -> Gel:
        version = self.seen_version(given)
        return gel_retire(gel=row, expected_version=version, by=self.by, reason=given["reason"])


class GelAcceptance(Reasoned):
    replace = serializers.BooleanField(default=False, help_text="Ratios that were entered by hand, too.")


class GelLeftPresenter(serializers.Serializer[Any]):
    specimen = serializers.CharField()
    why = serializers.CharField()


class GelAcceptedPresenter(serializers.Serializer[Any]):
    stored = serializers.ListField(child=serializers.IntegerField(), help_text="Numbers of the ratios.")
    left = GelLeftPresenter(many=True)


class _OfGel(Act):
    writing = BENCH
    tag = "gels"
    is_locked = False

    def row(self) -> Gel:
        return access_gel(self.user, self.kwargs["pk"])


class AcceptedGel(_OfGel):
    """Stores the ratios."""

    summary = "Accept the ratios"
    entry = GelAcceptance
    presenter = GelAcceptedPresenter

    def act(self, row: Gel, given: dict[str, Any]) -> dict[str, Any]:
        done = gel_accept(gel=row, by=self.by, **given)
        left = [{"specimen": result.specimen.code, "why": why} for result, why in done.left]
        return {"stored": [ratio.pk for ratio in done.stored], "left": left}


class GelByCode(Entry):
    by = serializers.ChoiceField([("code", "code")], default="code")


class GelAssignedPresenter(serializers.Serializer[Any]):
    assigned = serializers.DictField(child=serializers.CharField(), help_text="Lane: specimen.")


class AssignedGel(_OfGel):
    """Each lane whose sample in the file is the code of a specimen is assigned to it; other lanes stay."""

    summary = "Assign lanes by code"
    entry = GelByCode
    presenter = GelAssignedPresenter

    def act(self, row: Gel, given: dict[str, Any]) -> dict[str, Any]:
        found = lanes_assign_by_code(gel=row, among=visible_specimens(self.user), by=self.by)
        return {"assigned": {str(number): specimen.code for number, specimen in found.items()}}


class GelProbeChanges(Seen):
    role = serializers.ChoiceField(GelProbe.Role.choices)
    marker = serializers.CharField(max_length=30, required=False, allow_null=True)
    antibody = WholeField(required=False, allow_null=True, min_value=1, max_value=2**31 - 1)
    protein = serializers.CharField(max_length=40, required=False, allow_blank=True)


class OneGelProbe(CorrectedItem):
    """What the bands of a probe show: the target with its marker, or the loading control."""

    reading = BENCH
    writing = BENCH
    presenter = GelProbePresenter
    changes = GelProbeChanges

    def row(self) -> GelProbe:
        return access_probe(self.user, self.kwargs["pk"])

    def correct(self, row: Any, changes: dict[str, Any], version: int, reason: str) -> Any:
        if changes.get("marker"):
            changes["marker"] = marker_named(self.user, changes["marker"])
        if "antibody" in changes:
            changes["antibody"] = antibody_numbered(changes["antibody"])
        return probe_set(probe=row, changes=changes, expected_version=version, by=self.by, reason=reason)


class GelLaneChanges(Seen):
    content = serializers.ChoiceField(Lane.Content.choices)
    specimen = serializers.CharField(max_length=60, required=False, allow_null=True)


class OneGelLane(CorrectedItem):
    """What a lane holds. Accepted ratios follow."""

    reading = BENCH
    writing = BENCH
    presenter = GelLanePresenter
    changes = GelLaneChanges

    def row(self) -> Lane:
        return access_lane(self.user, self.kwargs["pk"])

    def correct(self, row: Any, changes: dict[str, Any], version: int, reason: str) -> Any:
        code = changes.get("specimen", row.specimen.code if row.specimen else None)
        specimen = specimen_named(self.user, code) if code else None
        content = changes.get("content", row.content)
        return lane_assign(
            lane=row, specimen=specimen, content=content, expected_version=version, by=self.by, reason=reason
        )


class GelLaneExclusion(OfVersion):
    exclusion = serializers.ChoiceField(LaneExclusion.choices)
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)


class _OfLane(Act):
    writing = BENCH
    presenter = GelLanePresenter
    tag = "gel-lanes"

    def row(self) -> Lane:
        return access_lane(self.user, self.kwargs["pk"])


class ExcludedGelLane(_OfLane):
    """A lane is left out for a coded reason, never deleted. Accepted ratios follow."""

    summary = "Leave a lane out"
    entry = GelLaneExclusion

    def act(self, row: Lane, given: dict[str, Any]) -> Lane:
        version = self.seen_version(given)
        return gel_exclude_lane(lane=row, expected_version=version, by=self.by, **given)


class IncludedGelLane(_OfLane):
    """The lane counts again."""

    summary = "Take a lane back"
    entry = Because

    def act(self, row: Lane, given: dict[str, Any]) -> Lane:
        version = self.seen_version(given)
        return gel_include_lane(lane=row, expected_version=version, by=self.by, reason=given["reason"])


class GelBandChanges(Because):
    volume = FiniteField(required=False, allow_null=True)
    adjusted = FiniteField(required=False, allow_null=True)
    background = FiniteField(required=False, allow_null=True)
    area = FiniteField(required=False, allow_null=True)
    is_saturated = serializers.BooleanField(required=False)


class OneGelBand(CorrectedItem):
    """A band, in the arbitrary units of the densitometer."""

    reading = BENCH
    writing = BENCH
    presenter = GelBandPresenter
    changes = GelBandChanges

    def row(self) -> Band:
        return access_band(self.user, self.kwargs["pk"])

    def correct(self, row: Any, changes: dict[str, Any], version: int, reason: str) -> Any:
        return band_correct(band=row, changes=changes, expected_version=version, by=self.by, reason=reason)
