"""What programs of a laboratory send in bulk: panels, tables, pictures; and the stages and rules that follow."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from labs.blood.models import BloodResult
from labs.rounds.adjudicating import adjudication_start
from labs.rounds.closing import round_close
from labs.rounds.images.models import SlideImage
from labs.specimens.models import Specimen
from registry.clinical.models import Baseline
from registry.cohorts.models import Cohort
from registry.patients.models import Enrolment
from registry.people.models import User
from registry.people.roles import Role
from tests.labs.api.test_bench import upload
from tests.labs.blots.gels import FILE
from tests.labs.qpcr.plates import paired_plate
from tests.labs.rounds.fixtures import proof_of, read_everything, reading
from tests.labs.rounds.pictures import a_picture
from tests.registry.api.asking import ROOT, Program, in_error_shape, messages, program_of
from tests.registry.fixtures import BY
from tests.registry.people import person

pytestmark = pytest.mark.django_db
TABLE = b"draw,patient,date,ALB (g/L),AFP (ng/mL)\nB-7,P-001,2022-03-01,41,12\nB-8,P-001,2022-03-02,abc,9\n"


@pytest.fixture
def bench(tom: User, enrolled: Enrolment) -> Program:
    return program_of(tom)


def test_a_draw_and_its_panel_are_stored_together_or_not_at_all(bench: Program) -> None:
    rows: list[Any] = [{"analyte": "ALB", "value": "4,1", "unit": "g/L"}, {"analyte": "WHAT", "value": "1"}]
    draw: dict[str, Any] = {"patient": "P-001", "specimen": "B-7", "collected": "2022-03-01"}
    unknown = bench.refusal("POST", "blood-panels/", 400, **draw, rows=rows)
    assert [(field["row"], field["field"]) for field in unknown["fields"]] == [(2, "analyte")]
    rows[1] = {"analyte": "AFP", "value": "12", "unit": "bananas"}
    refused = bench.refusal("POST", "blood-panels/", 400, **draw, rows=rows)
    assert {field["row"] for field in refused["fields"]} == {1, 2}
    assert not Specimen.objects.exists()
    rows = [{"analyte": "ALB", "value": "41", "unit": "g/L"}, {"analyte": "AFP", "value": "<1.5", "unit": "ng/mL"}]
    made = bench.post("blood-panels/", **draw, rows=rows)
    assert {row["analyte"]: row["value"] for row in made["results"]} == {"ALB": 41, "AFP": 1.5}
    assert bench.get(f"specimens/{made['id']}/panel/")["results"] == made["results"]
    bench.refusal("POST", "blood-panels/", 400, **draw, rows=rows)
    bench.refusal("POST", "blood-panels/", 400, **draw | {"patient": "P-9"}, rows=rows)
    assert (Specimen.objects.count(), BloodResult.objects.count()) == (1, 2)


def test_a_table_is_looked_at_refused_by_row_and_stored_once(bench: Program) -> None:
    seen = upload(bench, "blood-uploads/?preview=1", TABLE, registers_draws="true").json()
    assert (seen["counts"]["new"], seen["counts"]["refused"], seen["stored"]) == (3, 1, None)
    assert seen["new_draws"] == ["B-7", "B-8"]
    refused = in_error_shape(upload(bench, "blood-uploads/", TABLE, registers_draws="true"))
    assert [(field["row"], field["field"]) for field in refused["fields"]] == [(3, "ALB (g/L)")]
    assert not BloodResult.objects.exists()
    key = {"Idempotency-Key": "k1", "Authorization": f"Bearer {bench.secret}"}
    sent = {"registers_draws": "true", "valid_rows_only": "true"}
    answers = [_again(bench, key, sent) for _ in range(2)]
    assert [answer.json()["stored"] for answer in answers] == [{"new": 2, "changed": 0, "draws": 1}] * 2
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert _again(bench, key, sent | {"valid_rows_only": "false"}).status_code == 422
    assert BloodResult.objects.count() == 2
    odd = b"x,patient,date,what\nB-9,P-001,2022-03-03,40\n"
    said = '{"x": ["draw", ""], "what": ["of:ALB", "g/L"]}'
    assert upload(bench, "blood-uploads/", odd, registers_draws="1", columns=said).json()["stored"]["new"] == 1
    for columns in ("[]", '{"x": 1}', '{"x": ["of:NOPE", ""]}', "{"):
        assert messages(in_error_shape(upload(bench, "blood-uploads/", odd, columns=columns)), "columns")
    assert messages(in_error_shape(upload(bench, "blood-uploads/", b"")), "file")


def _again(bench: Program, headers: dict[str, str], sent: dict[str, str]) -> Any:
    file = SimpleUploadedFile("file.csv", TABLE)
    return bench.client.post(f"{ROOT}blood-uploads/", {"file": file, **sent}, headers=headers)


def test_the_liver_is_staged_from_blood_and_from_what_is_typed(bench: Program, dora: User, enrolled: Enrolment) -> None:
    rows: list[Any] = [
        {"analyte": "ALB", "value": "41", "unit": "g/L"},
        {"analyte": "TBIL", "value": "12", "unit": "umol/L"},
    ]
    bench.post("blood-panels/", patient="P-001", specimen="B-1", collected=str(enrolled.index_date), rows=rows)
    program, path = program_of(dora), f"enrolments/{enrolled.pk}/liver/"
    before = program.get(path)
    assert (before["assessment"], before["baseline_version"]) == (None, 0)
    assert {row["name"]: row["value"] for row in before["blood"]}["clotting"] is None
    entry: dict[str, Any] = {"ascites": "none", "encephalopathy": "none", "version": 0, "baseline_version": 0}
    assert messages(program.refusal("POST", path, 400, **entry), "clotting")
    entry["clotting"] = {"value": "1.1", "unit": "INR"}
    looked = program.post(f"{path}?preview=1", status=200, **entry)
    assert (looked["computed"]["child_pugh"], looked["computed"]["score"], looked["assessment"]) == ("A", 5, None)
    assert not Baseline.objects.exists()
    stored = program.post(path, status=200, **entry, ecog=0, tumour_count=1, tumour_size_cm=4)
    assert (stored["assessment"]["child_pugh"], stored["assessment"]["albi_grade"]) == ("A", 1)
    program.refusal("POST", path, 409, **entry)
    assert program.get("liver-discordant/", cohort="resection")["results"] == []
    bench.refusal("POST", path, 403, **entry)


def test_a_section_has_one_picture_that_only_its_bench_sees(bench: Program, slides_root: Path, bob: User) -> None:
    specimen = bench.post("specimens/", patient="P-001", code="T-1", kind="tumour", collected="2022-03-05")
    stain = bench.post("stains/", specimen=specimen["code"], marker="S100A11")
    one = f"stains/{stain['id']}/image/"
    assert bench.ask("GET", one).status_code == 404
    headers = {"Authorization": f"Bearer {bench.secret}"}
    made = bench.client.post(ROOT + one, {"file": a_picture(), "um_per_pixel": "0.25"}, headers=headers)
    assert (made.status_code, made.json()["width"], made.json()["um_per_pixel"]) == (201, 40, 0.25)
    assert bench.get(one) == made.json() == bench.get("slide-images/", specimen="T-1")["results"][0]
    assert bench.ask("GET", f"{one}preview/", Accept="image/jpeg")["Content-Type"] == "image/jpeg"
    assert bench.client.post(ROOT + one, {"file": a_picture()}, headers=headers).status_code == 400
    assert upload(bench, one, b"no picture").status_code == 400
    assert program_of(bob).ask("GET", one).status_code == 403
    bench.post(f"{one}retire/", status=200, version=1, reason="of another block")
    assert not SlideImage.objects.filter(retired_reason="").exists()


def test_targets_rules_and_files_of_the_pcr_bench(bench: Program) -> None:
    (pk,) = upload(bench, "pcr-runs/", paired_plate("T-1", "N-1")).json()["runs"]
    assert {"name": "ACTB"} in bench.get("pcr-targets/unknown/")["results"]
    made = bench.post("pcr-targets/", name="ACTB", role="reference", gene="ACTB")
    bench.refusal("POST", "pcr-targets/", 400, name="ACTB", role="other", gene="ACTB")
    changed = bench.patch(f"pcr-targets/{made['id']}/", version=1, efficiency=1.9, reason="standard curve")
    assert (changed["efficiency"], changed["version"], changed["gene"]) == (1.9, 2, "ACTB")
    bench.refusal("PATCH", f"pcr-targets/{made['id']}/", 409, version=1, efficiency=1.8)
    rules = f"pcr-runs/{pk}/rules/"
    assert bench.patch(rules, version=bench.get(rules)["version"], max_sd=0.3, reason="strict")["max_sd"] == 0.3
    assert messages(bench.refusal("PATCH", rules, 400, version=2, reference_run=pk), "reference_run")
    assert bench.ask("GET", f"pcr-runs/{pk}/file/").content == paired_plate("T-1", "N-1")
    bench.post(f"pcr-runs/{pk}/retire/", status=200, version=2, reason="another plate")
    assert bench.get("pcr-runs/")["count"] == 0


def test_settings_and_picture_of_a_gel(bench: Program) -> None:
    (pk,) = upload(bench, "gels/", FILE.encode(), code="G1").json()["gels"]
    one = f"gels/{pk}/"
    assert bench.patch(f"{one}settings/", version=1, percent=10.0, reason="from the notebook")["percent"] == 10
    bench.refusal("PATCH", f"{one}settings/", 409, version=1, percent=12.0)
    bench.refusal("PATCH", f"{one}settings/", 400, version=2, background="magic")
    assert bench.ask("GET", f"{one}picture/").status_code == 404
    headers, picture = {"Authorization": f"Bearer {bench.secret}"}, a_picture(name="blot.png")
    content = picture.read()
    picture.seek(0)
    assert bench.client.post(f"{ROOT}{one}picture/", {"file": picture}, headers=headers).status_code == 201
    assert bench.ask("GET", f"{one}picture/").content == content
    bench.post(f"{one}retire/", status=200, version=bench.get(f"{one}settings/")["version"], reason="wrong membrane")
    assert bench.ask("GET", one).status_code == 404


def test_a_read_of_a_closed_round_is_amended_and_listed(a_cohort: Cohort) -> None:
    found, dana = reading(a_cohort, patients=2), person(Role.DATA_MANAGER, username="dana")
    read_everything(found, discordant=0)
    started = adjudication_start(round=found.round, expected_version=found.round.version, by=BY)
    round_close(round=started, expected_version=started.version, proof=proof_of(dana))
    program, base = program_of(dana), f"rounds/{found.round.code}/"
    slide = found.slides("FAP")[0].code
    path, given = f"{base}slides/{slide}/amend/", {"reader": found.first.username, "intensity": 2, "percent": 60}
    assert messages(program.refusal("POST", path, 400, **given, version=1), "reason")
    done = program.post(path, status=200, **given, version=1, reason="typing error")
    assert {row["intensity"] for row in done["reads"]} == {2, 3}
    program.refusal("POST", path, 409, **given, version=1, reason="again")
    listed = program.get(f"{base}amendments/")["results"]
    assert [row["reason"] for row in listed if row["of"] == "read"] == ["typing error"]
