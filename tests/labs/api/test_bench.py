"""The PCR bench and the gels through the interface."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from labs.blots.models import Gel
from labs.markers.services import marker_set
from labs.qpcr.models import PcrRun
from labs.qpcr.services import target_set
from labs.specimens.services import specimen_create
from registry.log.models import Change
from registry.patients.models import Enrolment
from registry.people.models import User
from registry.people.roles import Role
from tests.labs.blots.gels import FILE
from tests.labs.qpcr.plates import paired_plate
from tests.registry.api.asking import ROOT, Program, in_error_shape, messages, program_of
from tests.registry.fixtures import BY
from tests.registry.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def bench(tom: User, enrolled: Enrolment) -> Program:
    for code, name in (("FAP", "FAP"), ("S100A11", "S100A11")):
        marker_set(code=code, name=name, scale="score", by=BY)
    for code, kind in (("T-1", "tumour"), ("N-1", "normal")):
        specimen_create(patient=enrolled.patient, code=code, kind=kind, collected=date(2022, 3, 5), by=BY)
    return program_of(tom)


def upload(program: Program, path: str, content: bytes, **fields: Any) -> Any:
    file = SimpleUploadedFile("file.csv", content)
    headers = {"Authorization": f"Bearer {program.secret}"}
    return program.client.post(ROOT + path, {"file": file, **fields}, headers=headers)


def sources() -> set[str]:
    rows = Change.objects.filter(actor_name="tom").exclude(subject_type="user")
    return set(rows.values_list("source", flat=True))


def test_a_plate_is_looked_at_stored_assigned_and_accepted(bench: Program) -> None:
    target_set(name="ACTB", role="reference", gene="ACTB", by=BY)
    target_set(name="S100A11", role="marker", marker=_marker("S100A11"), gene="S100A11", by=BY)
    plate = paired_plate("T-1", "N-1")
    before = Change.objects.count()
    seen = upload(bench, "pcr-runs/?preview=1", plate).json()
    assert (seen["is_new"], seen["runs"]) == (False, [])
    assert sum(seen["foreseen"]["would_store"].values()) > 0
    assert (PcrRun.objects.count(), Change.objects.count()) == (0, before)
    (pk,) = upload(bench, "pcr-runs/", plate).json()["runs"]
    stored = Change.objects.count()
    assert upload(bench, "pcr-runs/", plate).json() == {"is_new": False, "runs": [pk], "foreseen": None}
    assert Change.objects.count() == stored
    run = f"pcr-runs/{pk}/"
    assert [row["id"] for row in bench.get("pcr-runs/")["results"]] == [pk]
    assert bench.post(f"{run}samples/", status=200, rule="sample")["samples"][0]["specimen"] in ("T-1", "N-1")
    whole = bench.get(run)
    assert (len(whole["wells"]), whole["run"]["wells_assigned"], whole["missing"]) == (14, 12, [])
    (fold,) = bench.get(f"{run}folds/")["folds"]
    assert (fold["specimen"], fold["fold"], fold["delta_delta_ct"]) == ("T-1", pytest.approx(4), pytest.approx(-2))
    (number,) = bench.post(f"{run}accept/", status=200)["stored"]
    assert bench.get(f"folds/{number}/")["fold"] == pytest.approx(4)
    assert sources() == {"api"}


def test_a_well_is_left_out_and_taken_back_by_version(bench: Program) -> None:
    (pk,) = upload(bench, "pcr-runs/", paired_plate("T-1", "N-1")).json()["runs"]
    well = bench.get(f"pcr-runs/{pk}/")["wells"][0]
    one = f"pcr-wells/{well['id']}/"
    left = bench.post(f"{one}exclude/", status=200, version=1, exclusion="pipetting")
    assert (left["exclusion"], left["version"]) == ("pipetting", 2)
    bench.refusal("POST", f"{one}exclude/", 409, version=1, exclusion="curve")
    bench.refusal("POST", f"{one}exclude/", 400, version=2, exclusion="mood")
    assert messages(bench.refusal("POST", f"{one}include/", 400, version=2), "reason")
    assert bench.post(f"{one}include/", status=200, version=2, reason="it was fine")["exclusion"] == ""
    assert bench.get(one)["version"] == 3


def test_what_is_no_plate_is_refused_with_its_sentence(bench: Program) -> None:
    for path in ("pcr-runs/", "pcr-runs/?preview=1"):
        answer = upload(bench, path, b"")
        assert answer.status_code == 400
        assert "empty" in messages(in_error_shape(answer), "file")
    assert upload(bench, "pcr-runs/", b"a,b\n1,2\n").status_code == 400
    assert bench.refusal("POST", "pcr-runs/", 415)["code"] == "unsupported_media_type"
    assert PcrRun.objects.count() == 0


def test_a_gel_is_looked_at_stored_explained_and_accepted(bench: Program) -> None:
    content = FILE.encode()
    seen = upload(bench, "gels/?preview=true", content, code="G1").json()
    assert (seen["is_new"], Gel.objects.count(), sum(seen["foreseen"]["would_store"].values()) > 0) == (False, 0, True)
    (pk,) = upload(bench, "gels/", content, code="G1", made_on="2022-03-09").json()["gels"]
    assert upload(bench, "gels/", content, code="G1").json()["is_new"] is False
    gel = f"gels/{pk}/"
    whole = bench.get(gel)
    assert (whole["gel"]["made_on"], len(whole["lanes"]), len(whole["bands"])) == ("2022-03-09", 4, 8)
    probes = {row["name"]: f"gel-probes/{row['id']}/" for row in whole["probes"]}
    bench.patch(probes["FAP"], version=1, role="target", marker="FAP")
    bench.patch(probes["ACTB"], version=1, role="control", protein="ACTB")
    bench.refusal("PATCH", probes["ACTB"], 409, version=1, role="other")
    assert bench.post(f"{gel}assign/", status=200) == {"assigned": {}}
    lanes = {row["number"]: f"gel-lanes/{row['id']}/" for row in whole["lanes"]}
    for number, code in ((1, "T-1"), (2, "T-1"), (3, "N-1")):
        assert bench.patch(lanes[number], version=1, specimen=code)["specimen"] == code
    bench.patch(lanes[4], version=1, content="blank")
    bench.refusal("PATCH", lanes[1], 409, version=1, specimen="N-1")
    assert messages(bench.refusal("PATCH", lanes[1], 400, version=2, specimen="X-9"), "specimen")
    ratios = {row["specimen"]: row for row in bench.get(gel)["ratios"]}
    assert (set(ratios), ratios["T-1"]["n"]) == ({"T-1", "N-1"}, 2)
    assert len(bench.get(gel)["pairs"]) == 1
    stored = bench.post(f"{gel}accept/", status=200)["stored"]
    assert bench.get("blots/", specimen="T-1")["results"][0]["ratio"] == pytest.approx(ratios["T-1"]["ratio"])
    assert (len(stored), sources()) == (2, {"api"})


def test_a_lane_is_left_out_and_a_band_corrected(bench: Program) -> None:
    (pk,) = upload(bench, "gels/", FILE.encode(), code="G1").json()["gels"]
    whole = bench.get(f"gels/{pk}/")
    lane, band = f"gel-lanes/{whole['lanes'][0]['id']}/", f"gel-bands/{whole['bands'][0]['id']}/"
    assert bench.post(f"{lane}exclude/", status=200, version=1, exclusion="smear")["exclusion"] == "smear"
    bench.refusal("POST", f"{lane}exclude/", 409, version=1, exclusion="bubble")
    assert bench.post(f"{lane}include/", status=200, version=2, reason="it was fine")["exclusion"] == ""
    assert messages(bench.refusal("PATCH", band, 400, version=1, volume=900), "reason")
    assert bench.patch(band, version=1, volume=900, reason="drawn anew")["volume"] == 900
    bench.refusal("PATCH", band, 409, version=1, volume=901, reason="drawn anew")


def test_other_roles_are_refused_in_the_one_shape(bench: Program) -> None:
    for role in (Role.PATHOLOGIST, Role.INVESTIGATOR):
        program = program_of(person(role, username=f"only-{role}"))
        for path in ("pcr-runs/", "gels/", "pcr-wells/1/", "gel-lanes/1/"):
            assert program.refusal("GET", path, 403)["code"] == "not_allowed"
        answer = upload(program, "gels/", FILE.encode(), code="G1")
        assert (answer.status_code, in_error_shape(answer)["code"]) == (403, "not_allowed")
    assert Gel.objects.count() == 0


def _marker(code: str) -> Any:
    return marker_set(code=code, name=code, scale="score", by=BY)
