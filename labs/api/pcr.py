"""Runs of real-time PCR: files in, wells, samples and fold changes, through the gates of the PCR bench."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from labs.api.files import FileEntry, Foreseen, Preview
from labs.api.references import specimen_named
from labs.formats.plate import PlateRun
from labs.formats.recognise import recognise
from labs.qpcr.access import access_run, access_well
from labs.qpcr.assigning import AssignRule
from labs.qpcr.models import Exclusion, PcrRun, PcrWell
from labs.qpcr.results import Control, Gene, Result, Sample, run_results
from labs.qpcr.selectors import SampleOfRun, run_list, samples_of
from labs.qpcr.services import (
    run_accept,
    run_import,
    samples_assign,
    samples_assign_by_rule,
    well_exclude,
    well_include,
)
from labs.specimens.access import BENCH, visible_specimens
from labs.specimens.models import SpecimenKind
from registry.api.endpoints import Act, Endpoint, Item, Listing, Told
from registry.api.serializers import Because, Entry, OfVersion, Presented, Reasoned
from registry.patients.simulated import any_simulated


class PcrRunPresenter(Presented):
    wells = serializers.IntegerField(source="n_wells")
    wells_assigned = serializers.IntegerField(source="n_assigned")
    wells_left_out = serializers.IntegerField(source="n_left_out")
    format = serializers.CharField(source="file.kind")
    sha256 = serializers.CharField(source="file.sha256")

    class Meta:
        model = PcrRun
        fields = (
            "id",
            "version",
            "name",
            "run_on",
            "instrument",
            "format",
            "sha256",
            "wells",
            "wells_assigned",
            "wells_left_out",
            "is_accepted",
        )


class PcrWellPresenter(Presented):
    specimen = serializers.CharField(source="specimen.code", allow_null=True, default=None)

    class Meta:
        model = PcrWell
        fields = (
            "id",
            "version",
            "row",
            "position",
            "fluor",
            "target",
            "content",
            "sample",
            "specimen",
            "is_calibrator",
            "ct",
            "ct_mean_in_file",
            "ct_sd_in_file",
            "exclusion",
            "exclusion_note",
        )


class PcrSamplePresenter(serializers.Serializer[SampleOfRun]):
    sample = serializers.CharField(source="name")
    wells = serializers.IntegerField()
    targets = serializers.ListField(child=serializers.CharField())
    specimen = serializers.CharField(source="specimen.code", allow_null=True, default=None)
    is_calibrator = serializers.BooleanField()


class PcrControlPresenter(serializers.Serializer[Control]):
    target = serializers.CharField()
    state = serializers.CharField(source="state.value")
    is_failed = serializers.BooleanField()


class PcrGenePresenter(serializers.Serializer[Gene]):
    """Replicates of one gene in one sample: mean and SD of Ct, and the wells that were used."""

    name = serializers.CharField()
    mean = serializers.FloatField(allow_null=True)
    sd = serializers.FloatField(allow_null=True)
    used = PcrWellPresenter(many=True)
    remarks = serializers.ListField(child=serializers.CharField())


class PcrDeltaPresenter(serializers.Serializer[Sample]):
    of = serializers.CharField(source="label", help_text="A specimen, or the common calibrator.")
    delta_ct = serializers.FloatField(source="delta.value", allow_null=True, default=None)
    genes = PcrGenePresenter(many=True)
    problem = serializers.CharField(help_text="Why there is no ΔCt; empty when there is one.")


class PcrFoldPresenter(serializers.Serializer[Result]):
    specimen = serializers.CharField(source="specimen.code")
    marker = serializers.CharField(source="marker.code")
    reference_gene = serializers.CharField()
    fold = serializers.FloatField(source="fold.fold", allow_null=True, default=None)
    delta_delta_ct = serializers.FloatField(source="fold.ddct", allow_null=True, default=None)
    sd = serializers.FloatField(source="fold.sd", allow_null=True, default=None)
    low = serializers.FloatField(source="fold.low", allow_null=True, default=None)
    high = serializers.FloatField(source="fold.high", allow_null=True, default=None)
    sample = PcrDeltaPresenter()
    calibrators = PcrDeltaPresenter(many=True)
    problem = serializers.CharField(help_text="Why there is no fold change; empty when there is one.")
    remarks = serializers.ListField(child=serializers.CharField())


class PcrComputedPresenter(serializers.Serializer[Any]):
    folds = PcrFoldPresenter(many=True, source="results")
    controls = PcrControlPresenter(many=True)
    missing = serializers.ListField(child=serializers.CharField(), help_text="What has to be said first.")


class PcrPlatePresenter(serializers.Serializer[Any]):
    run = PcrRunPresenter()
    simulated = serializers.BooleanField()
    wells = PcrWellPresenter(many=True)
    samples = PcrSamplePresenter(many=True)
    controls = PcrControlPresenter(many=True)
    missing = serializers.ListField(child=serializers.CharField())


class PcrImportedPresenter(serializers.Serializer[Any]):
    is_new = serializers.BooleanField(help_text="False: nothing was stored, by a preview or because it was before.")
    runs = serializers.ListField(child=serializers.IntegerField())
    foreseen = Foreseen(allow_null=True)


class PcrRuns(Listing):
    """Runs of the PCR bench. A file is sent in parts (multipart/form-data); the same bytes twice change nothing,
    nor does the same run in another file."""

    reading = BENCH
    writing = BENCH
    parser_classes = [MultiPartParser]
    presenter = PcrRunPresenter
    orderings = {"id": "pk", "run_on": "run_on"}

    def rows(self) -> QuerySet[Any]:
        return run_list(self.user)

    def post(self, request: Request, **kwargs: Any) -> Response:
        is_preview = Preview.parsed(request.query_params.dict())["preview"]
        file = FileEntry.parsed(request.data)["file"]
        content = file.read()
        if is_preview:
            foreseen = _foreseen(file.name, content)
            return Response(PcrImportedPresenter({"is_new": False, "runs": [], "foreseen": foreseen}).data)
        done = run_import(name=file.name, content=content, by=self.by)
        mine = self.rows().filter(pk__in=[run.pk for run in done.runs]).values_list("pk", flat=True)
        answer = {"is_new": done.is_new, "runs": sorted(mine), "foreseen": None}
        return Response(PcrImportedPresenter(answer).data)

    def describe(self, method: str) -> Told:
        if method == "POST":
            return Told("Store a file", FileEntry, PcrImportedPresenter, asks=Preview)
        return super().describe(method)


def _foreseen(name: str, content: bytes) -> dict[str, Any]:
    found = recognise(name, content)
    if found.error is not None:
        raise ValidationError({"file": str(found.error)})
    reading = found.reading
    runs = reading.document if reading else None
    is_pcr = isinstance(runs, tuple) and all(isinstance(run, PlateRun) for run in runs)
    return {
        "kind": found.kind,
        "would_store": (reading.would_store if reading and is_pcr else None) or {},
        "why_not": reading.why_not if reading else (),
        "warnings": reading.warnings if reading else (),
    }


class OnePcrRun(Item):
    """The run with its wells, samples and controls."""

    reading = BENCH
    presenter = PcrPlatePresenter

    def row(self) -> PcrRun:
        return access_run(self.user, self.kwargs["pk"])

    def shown(self, row: Any) -> Response:
        computed = run_results(row)
        wells = list(row.wells.filter(retired_reason="").select_related("specimen"))
        content = {
            "run": run_list(self.user).get(pk=row.pk),
            "simulated": any_simulated([well.specimen.patient_id for well in wells if well.specimen]),
            "wells": wells,
            "samples": samples_of(row),
            "controls": computed.controls,
            "missing": computed.missing,
        }
        return Response(PcrPlatePresenter(content).data)


class FoldsOfPcrRun(Endpoint):
    """What the wells of the run come to now, by its rules; accepting stores the fold changes."""

    reading = BENCH
    tag = "pcr-runs"

    def get(self, request: Request, **kwargs: Any) -> Response:
        return Response(PcrComputedPresenter(run_results(access_run(self.user, self.kwargs["pk"]))).data)

    def describe(self, method: str) -> Told:
        return Told("Fold changes of a run", None, PcrComputedPresenter)


class PcrAssignment(Entry):
    sample = serializers.CharField(max_length=120, help_text="As it is named in the file.")
    specimen = serializers.CharField(max_length=60, required=False, allow_null=True)
    is_calibrator = serializers.BooleanField(default=False, help_text="The common calibrator.")


class PcrAssignments(Reasoned):
    """Samples one by one, all or none; or a rule for those that are not assigned yet."""

    samples = PcrAssignment(many=True, required=False)
    rule = serializers.ChoiceField(AssignRule.choices, required=False)


class PcrAssignedPresenter(serializers.Serializer[Any]):
    samples = PcrSamplePresenter(many=True)


class SamplesOfPcrRun(Endpoint):
    """Which specimen each sample of the file is. Accepted fold changes follow."""

    reading = BENCH
    writing = BENCH
    tag = "pcr-runs"

    def get(self, request: Request, **kwargs: Any) -> Response:
        run = access_run(self.user, self.kwargs["pk"])
        return Response(PcrAssignedPresenter({"samples": samples_of(run)}).data)

    def post(self, request: Request, **kwargs: Any) -> Response:
        run = access_run(self.user, self.kwargs["pk"])
        given = PcrAssignments.parsed(request.data)
        if ("rule" in given) == ("samples" in given):
            raise serializers.ValidationError({"samples": ["Send samples, or a rule."]})
        if "rule" in given:
            among = visible_specimens(self.user).exclude(kind=SpecimenKind.BLOOD)
            samples_assign_by_rule(run=run, rule=AssignRule(given["rule"]), among=among, by=self.by)
        else:
            choices = {row["sample"]: (self._specimen(row), row["is_calibrator"]) for row in given["samples"]}
            samples_assign(run=run, choices=choices, by=self.by, reason=given.get("reason", ""))
        return self.get(request)

    def _specimen(self, row: dict[str, Any]) -> Any:
        return specimen_named(self.user, row["specimen"]) if row.get("specimen") else None

    def describe(self, method: str) -> Told:
        if method == "POST":
            return Told("Assign samples", PcrAssignments, PcrAssignedPresenter)
        return Told("Samples of a run", None, PcrAssignedPresenter)


class PcrAcceptance(Reasoned):
    replace = serializers.BooleanField(default=False, help_text="Values entered by hand or of another run, too.")


class PcrLeftPresenter(serializers.Serializer[Any]):
    specimen = serializers.CharField()
    why = serializers.CharField()


class PcrAcceptedPresenter(serializers.Serializer[Any]):
    stored = serializers.ListField(child=serializers.IntegerField(), help_text="Numbers of the fold changes.")
    left = PcrLeftPresenter(many=True)


class AcceptedPcrRun(Act):
    """Stores the fold changes. A control that amplified and replicates that differ ask for a reason."""

    writing = BENCH
    tag = "pcr-runs"
    summary = "Accept the fold changes"
    entry = PcrAcceptance
    presenter = PcrAcceptedPresenter
    is_locked = False

    def row(self) -> PcrRun:
        return access_run(self.user, self.kwargs["pk"])

    def act(self, row: PcrRun, given: dict[str, Any]) -> dict[str, Any]:
        done = run_accept(run=row, by=self.by, **given)
        left = [{"specimen": result.specimen.code, "why": why} for result, why in done.left]
        return {"stored": [fold.pk for fold in done.stored], "left": left}


class OnePcrWell(Item):
    reading = BENCH
    presenter = PcrWellPresenter

    def row(self) -> PcrWell:
        return access_well(self.user, self.kwargs["pk"])


class PcrExclusion(OfVersion):
    exclusion = serializers.ChoiceField([row for row in Exclusion.choices if row[0] != Exclusion.IN_FILE])
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)


class _OfWell(Act):
    writing = BENCH
    presenter = PcrWellPresenter
    tag = "pcr-wells"

    def row(self) -> PcrWell:
        return access_well(self.user, self.kwargs["pk"])


class ExcludedPcrWell(_OfWell):
    """A well is left out for a coded reason, never deleted. Accepted fold changes follow."""

    summary = "Leave a well out"
    entry = PcrExclusion

    def act(self, row: PcrWell, given: dict[str, Any]) -> PcrWell:
        version = self.seen_version(given)
        return well_exclude(well=row, expected_version=version, by=self.by, **given)


class IncludedPcrWell(_OfWell):
    """The well counts again."""

    summary = "Take a well back"
    entry = Because

    def act(self, row: PcrWell, given: dict[str, Any]) -> PcrWell:
        version = self.seen_version(given)
        return well_include(well=row, expected_version=version, by=self.by, reason=given["reason"])
