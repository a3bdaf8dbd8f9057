"""One of everything, and for each address of the project the arguments that lead to it."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.contrib import admin
from django.db import models
from django.utils import timezone

from analysis.alerts.models import Alert
from analysis.canonical import canonical_json
from analysis.datasets.models import Dataset
from analysis.engine.models import Analysis, Run
from analysis.engine.parts import run_parts
from analysis.exports.models import ExportJob
from analysis.exports.wish import Wish
from analysis.reports.documents import ReportDocument, StoredFigure
from analysis.reports.models import Report
from analysis.reports.services import request_report
from analysis.riskmodels import published
from analysis.snapshots.models import Snapshot
from analysis.snapshots.services import snapshot_make
from analysis.subcohorts.services import subcohort_define
from labs.blood.models import Analyte, BloodResult
from labs.blood.services import blood_result_record
from labs.blood.upload.models import PanelUpload
from labs.blood.upload.services import upload_keep
from labs.blood.upload.sheet import Options
from labs.blots.models import Band, Gel
from labs.expression.services import expression_import
from labs.formats.expression import ExpressionTable
from labs.inbox.keeping.services import raw_keep_for_now, raw_made
from labs.inbox.mapping.models import Authority, CodeMapping, Sender
from labs.inbox.mapping.services import authority_set, code_map, sender_set
from labs.inbox.models import MessageRow
from labs.inbox.services import raw_read
from labs.markers.models import Stain
from labs.outbox.models import Outbox
from labs.qpcr.services import run_import, samples_assign, target_set
from labs.quantified.models import QuPathImport
from labs.rounds.images.services import slide_image_add
from labs.rounds.models import Round
from labs.specimens.models import Specimen
from labs.specimens.services import specimen_create
from labs.wetlab.services import blot_record, fold_change_record
from registry.clinical.services import (
    assessment_add,
    extra_variable_set,
    follow_up_add,
    outcome_event_add,
    treatment_add,
)
from registry.cohorts.models import Cohort
from registry.cohorts.services import rule_set
from registry.patients.models import Patient
from registry.people.matrix import Address
from registry.people.models import User
from registry.tokens.services import token_create
from tests.analysis.datasets.small_discovery import discovery, tissue
from tests.analysis.fixtures import define_pfs, scored_cohort
from tests.labs.blots.gels import pictured_gel, waiting_upload
from tests.labs.qpcr.plates import paired_plate
from tests.labs.quantified.exports import an_import, waiting_export
from tests.labs.rounds.fixtures import reading
from tests.labs.rounds.pictures import a_picture
from tests.registry.fixtures import BY
from tests.registry.people import person


def _kind(address: Address) -> str:
    if "/datasets/" in address.pattern:
        return "signature" if ":form>" in address.pattern else "sets"
    return "survival" if address.pattern.startswith("/cohorts/") else "blots"


def _is_of_steps(address: Address) -> bool:
    return "/tables" in address.pattern or "/genes/" in address.pattern


def _outgoing() -> Outbox:
    return Outbox.objects.get_or_create(key="world", defaults={"next_attempt": timezone.now()})[0]


@dataclass
class World:
    cohort: Cohort
    patient: Patient
    facts: dict[str, models.Model]
    specimen: Specimen
    blood: Specimen
    stain: Stain
    round: Round
    # of the round, and nothing but a pathologist
    reader: User
    results: dict[str, models.Model]
    pcr: dict[str, models.Model]
    gel: Gel
    gel_upload: models.Model
    qupath: QuPathImport
    qupath_upload: models.Model
    analysis: Analysis
    run: Run
    snapshot: Snapshot
    alert: Alert
    report: Report
    export: models.Model
    upload: PanelUpload
    received: MessageRow
    dataset: Dataset
    # a run of discovery
    discovered: Run

    def arguments(self, address: Address) -> dict[str, Any]:
        """Says which argument of which address it does not know: a new page needs a line here."""
        return {name: self._argument(address, name) for name in address.arguments}

    def _argument(self, address: Address, name: str) -> Any:
        known: dict[str, Callable[[Address], Any]] = {
            "study_number": lambda _: self.patient.study_number,
            "code": self._code,
            **{name: lambda _: 0 for name in ("level", "x", "y")},
            "number": lambda _: 1,
            "key": lambda address: "file" if "/datasets/" in address.pattern else self._fhir_id(address),
            "slug": lambda _: self.analysis.slug,
            "part": lambda _: "fap-high",
            "item": lambda _: 9,
            "name": lambda _: "km",
            "extension": lambda _: "svg",
            "kind": _kind,
            "form": lambda _: "abis",
            "step": lambda _: "scored",
            "table": lambda _: "table",
            "list": lambda _: "up",
            "place": lambda _: 0,
            "pk": self._pk,
            "slide": lambda _: self.round.slides.filter(repeats__isnull=True).order_by("pk")[0].code,
            "file": lambda _: self.gel.probes.all()[0].file_id,
            "object_id": self._object_id,
            "app_label": lambda _: "registry",
        }
        if name not in known:
            raise LookupError(f"tests/contracts/world.py has no sample for <{name}> of {address.pattern}")
        return known[name](address)

    def _code(self, address: Address) -> str:
        if address.pattern.startswith("/models/"):
            return published.CODE
        return (
            self.round.code
            if address.pattern.startswith(("/rounds/", "/api/v1/my-rounds/", "/api/v1/rounds/"))
            else self.cohort.code
        )

    def _fhir_id(self, address: Address) -> str:
        ids = {"Patient": f"{self.patient.pk}", "Observation": f"{self.blood.pk}-{self._analyte()}"}
        return ids.get(address.pattern.split("/")[3], f"{self.blood.pk}")

    def _analyte(self) -> int:
        return int(Analyte.objects.get(code="ALB").pk)

    def _pk(self, address: Address) -> int:
        if address.pattern.startswith("/api/v1/"):
            return self._api_pk(address)
        parts: dict[str, Callable[[], models.Model | None]] = {
            "reports": lambda: self.report,
            "runs": lambda: self.discovered if _is_of_steps(address) else self.run,
            "datasets": lambda: self.dataset,
            "snapshots": lambda: self.snapshot,
            "exports": lambda: self.export,
            "alerts": lambda: self.alert,
            "ihc": lambda: self.stain,
            "stains": lambda: self.stain,
            "blood": lambda: self.upload if address.pattern.startswith("/blood/upload/") else self.blood,
            "pcr": lambda: self._of_pcr(address),
            "results": lambda: self.results["blots"],
            "gels": lambda: self._of_gel(address),
            "inbox": lambda: self._of_inbox(address),
            "qupath": lambda: self._of_qupath(address),
            "other-systems": _outgoing,
            "specimens": lambda: self.specimen,
        }
        of_fact = self.facts.get(address.name.removeprefix("registry:").rsplit("-", 1)[0])
        row = parts.get(address.pattern.split("/")[1], lambda: of_fact)()
        if row is None:
            raise LookupError(f"tests/contracts/world.py has no row for {address.pattern}")
        return int(row.pk)

    def _api_pk(self, address: Address) -> int:
        rows: dict[str, models.Model | None] = {
            "enrolments": self.patient.enrolments.first(),
            "treatments": self.facts["treatment"],
            "assessments": self.facts["assessment"],
            "follow-ups": self.facts["follow-up"],
            "outcome-events": self.facts["event"],
            "specimens": self.blood,
            "stains": self.stain,
            "blots": self.results["blots"],
            "folds": self.results["folds"],
            "blood-results": self.results["blood"],
            "reports": self.report,
            "runs": self.discovered if _is_of_steps(address) else self.run,
            "datasets": self.dataset,
            "snapshots": self.snapshot,
            "alerts": self.alert,
            "pcr-runs": self.pcr["runs"],
            "pcr-wells": self.pcr["wells"],
            "pcr-targets": self.pcr["targets"],
            "exports": self.export,
            "qupath-imports": self.qupath,
            "qupath-rows": self.qupath.rows.all()[0],
            "gels": self.gel,
            "gel-probes": Band.objects.filter(lane__gel=self.gel)[0].probe,
            "gel-lanes": Band.objects.filter(lane__gel=self.gel)[0].lane,
            "gel-bands": Band.objects.filter(lane__gel=self.gel)[0],
            "message-rows": self.received,
            "messages": self.received.message.raw,
            "code-mappings": CodeMapping.objects.first(),
            "senders": Sender.objects.first(),
            "number-authorities": Authority.objects.first(),
        }
        row = rows.get(address.pattern.split("/")[3])
        if row is None:
            raise LookupError(f"tests/contracts/world.py has no row for {address.pattern}")
        return int(row.pk)

    def _of_pcr(self, address: Address) -> models.Model:
        part = next((part for part in ("wells", "targets") if f"/{part}/" in address.pattern), "runs")
        return self.pcr[part]

    def _of_qupath(self, address: Address) -> models.Model:
        parts: dict[str, models.Model] = {"rows": self.qupath.rows.all()[0], "uploads": self.qupath_upload}
        return parts.get(address.pattern.split("/")[2], self.qupath)

    def _of_inbox(self, address: Address) -> models.Model:
        parts: dict[str, models.Model | None] = {
            "rows": self.received,
            "messages": self.received.message.raw,
            "mappings": CodeMapping.objects.first(),
            "senders": Sender.objects.first(),
            "authorities": Authority.objects.first(),
        }
        row = parts[address.pattern.split("/")[2]]
        assert row is not None
        return row

    def _of_gel(self, address: Address) -> models.Model:
        band = Band.objects.filter(lane__gel=self.gel)[0]
        parts = {"probes": band.probe, "lanes": band.lane, "bands": band, "uploads": self.gel_upload}
        return parts.get(address.pattern.split("/")[2], self.gel)

    def _object_id(self, address: Address) -> int:
        for model in admin.site._registry:
            if f"/{model._meta.app_label}/{model._meta.model_name}/" in address.pattern:
                return int(model._default_manager.order_by("pk")[0].pk)
        raise LookupError(address.pattern)


def leave_behind(report: Report) -> None:
    """What a worker leaves of a finished report, without the work."""
    drawn = StoredFigure.objects.create(
        fingerprint="f" * 64, packed=zlib.compress(b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    )
    figure = {
        "number": 1,
        "drawn": drawn.pk,
        "run": "1",
        "data": "d" * 64,
        "marks": [],
        "title": "",
        "caption": "",
        "alt": "",
    }
    blocks = [{"kind": "figures", "caption": "", "figures": [figure]}]
    report.content = canonical_json({"sections": [{"name": "results", "title": "Analyses", "blocks": blocks}]})
    report.state, report.finished_at = Report.State.DONE, report.started_at
    report.save()
    ReportDocument.objects.create(report=report, pdf=b"%PDF-1.7", sha256="0" * 64)


def _expression(cohort: Cohort, patient: Patient) -> None:
    table = ExpressionTable(["FAP"], [patient.study_number], np.array([[1.5]]), "0" * 64)
    expression_import(
        cohort=cohort,
        table=table,
        patients={patient.study_number: patient.study_number},
        unit="TPM",
        identifiers="symbol",
        source="a laboratory",
        by=BY,
    )


def build_world(cohort: Cohort, compute: Callable[[Analysis], object]) -> World:
    somebody = person(username="somebody")
    token_create(owner=somebody, name="analyser", days=30, by=BY)
    scored = scored_cohort(cohort)
    stain = scored.reads[0].stain
    patient = stain.specimen.patient
    extra_variable_set(cohort=cohort, code="ggt", label="GGT", type="number", by=BY)
    _expression(cohort, patient)
    analysis = define_pfs(cohort)
    dataset, discovered = tissue(cohort), discovery(cohort)
    compute(analysis)
    run_parts()
    high = [{"variable": "ihc:FAP@tumour", "operator": "above", "bounds": [6]}]
    subcohort_define(cohort=cohort, code="fap-high", name="FAP high", conditions=high, by=BY)
    snapshot = snapshot_make(cohort=cohort, name="Draft 1", purpose="a paper", by=BY)
    # After the run: nobody has a known age, so nobody would be left to compute from.
    rule_set(cohort=cohort, text="Adults", kind="include", variable="age", operator="between", bounds=[18, 80], by=BY)
    blood = specimen_create(patient=patient, code="B-1", kind="blood", collected=date(2022, 3, 1), by=BY)
    read_blind = reading(cohort, patients=2)
    for shown in {stain, *(slide.stain for slide in read_blind.round.slides.all())}:
        slide_image_add(stain=shown, upload=a_picture(), by=BY)
    return World(
        cohort=cohort,
        patient=patient,
        facts={
            "treatment": treatment_add(patient=patient, kind="tace", start=date(2022, 4, 1), by=BY),
            "assessment": assessment_add(patient=patient, day=date(2022, 4, 1), mrecist="SD", by=BY),
            "follow-up": follow_up_add(patient=patient, day=date(2022, 4, 1), by=BY),
            "event": outcome_event_add(patient=patient, kind="progression", day=date(2023, 4, 1), by=BY),
        },
        specimen=stain.specimen,
        blood=blood,
        stain=stain,
        round=read_blind.round,
        reader=read_blind.first,
        pcr=_pcr(stain),
        gel=pictured_gel(stain.specimen),
        gel_upload=waiting_upload(),
        results={"blots": _blot(stain), "folds": _fold(stain), "blood": _albumin(blood)},
        qupath=an_import(stain),
        qupath_upload=waiting_export(),
        analysis=analysis,
        run=analysis.runs.latest("id"),
        snapshot=snapshot,
        alert=_alert(analysis),
        report=request_report(cohort=cohort, trigger="person", requested_by="alice"),
        export=_export(cohort, somebody),
        upload=upload_keep(content=b"draw,ALB (g/L)\nB-1,40\n", options=Options(), user=somebody),
        received=_received(patient),
        dataset=dataset,
        discovered=discovered.runs.latest("id"),
    )


def _alert(analysis: Analysis) -> Alert:
    """As if a run of it had failed; there may have been none."""
    lost = {"state": Run.State.LOST, "trigger": "test", "worker": "gone"}
    return Alert.objects.create(
        analysis=analysis,
        run=analysis.runs.first() or Run.objects.create(analysis=analysis, **lost),
        level=Alert.Level.FAILURE,
        sentence="the run failed: FAP of T-000 was lost. Result 1 stays on show, marked stale.",
    )


def _export(cohort: Cohort, user: User) -> models.Model:
    job = ExportJob.objects.create(
        asked_by=user, profile="limited", purpose="audit", recipient="Dr Wu", wish=Wish((cohort.code,)).as_json()
    )
    job.cohorts.add(cohort)
    return job


def _pcr(stain: Stain) -> dict[str, models.Model]:
    code = stain.specimen.code
    run = run_import(name="plate.csv", content=paired_plate(code, "pool"), by=BY).runs[0]
    target = target_set(name="ACTB", role="reference", gene="ACTB", by=BY)
    target_set(name="S100A11", role="marker", marker=stain.marker, gene="S100A11", by=BY)
    samples_assign(run=run, choices={code: (stain.specimen, False), "pool": (None, True)}, by=BY)
    return {"runs": run, "wells": run.wells.all()[0], "targets": target}


def _blot(stain: Stain) -> models.Model:
    return blot_record(
        specimen=stain.specimen, marker=stain.marker, gel="G1", loading_control="GAPDH", ratio=2.0, by=BY
    )


def _fold(stain: Stain) -> models.Model:
    return fold_change_record(specimen=stain.specimen, marker=stain.marker, fold=1.5, by=BY)


def _albumin(blood: Specimen) -> BloodResult:
    analyte = Analyte.objects.get(code="ALB")
    return blood_result_record(specimen=blood, analyte=analyte, value="41", unit="g/L", by=BY)


def _received(patient: Patient) -> MessageRow:
    """A result that a laboratory of the patient's site sent, which is placed."""
    authority_set(name="STUDY", site=patient.site, kind="study", by=BY)
    sender_set(pattern="LAB|EAST", site=patient.site, by=BY)
    code_map(sender="LAB|EAST", code="HB", analyte=Analyte.objects.get(code="HGB"), by=BY)
    lines = (
        r"MSH|^~\&|LAB|EAST|HEP|HOSP|20220308||ORU^R01|1|P|2.5",
        f"PID|1||{patient.study_number}^^^STUDY",
        "OBR|1||A1|PANEL|||202203080800",
        "OBX|1|NM|HB^Haemoglobin||128|g/L|||||F",
    )
    raw = raw_made(data="\r".join(lines).encode(), source="mllp", port="production", peer="", file_name="", by=BY)
    # The world stands in a transaction, and what is received asks for one of its own.
    raw_keep_for_now(raw=raw)
    return MessageRow.objects.get(message=raw_read(raw=raw, by=BY).message)
