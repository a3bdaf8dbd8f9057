"""Specimens, stains, reads and results through the interface."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labs.ihc.models import Read
from labs.ihc.services import read_record
from labs.markers.models import Stain
from labs.markers.services import marker_set
from registry.log.models import Change
from registry.patients.models import Enrolment
from registry.people.models import User
from tests.labs.rounds.fixtures import reading
from tests.registry.api.asking import Program, messages, program_of
from tests.registry.fixtures import BY

pytestmark = pytest.mark.django_db


@pytest.fixture
def bench(tom: User) -> Program:
    return program_of(tom)


@pytest.fixture
def tissue(bench: Program, enrolled: Enrolment) -> dict[str, Any]:
    marker_set(code="FAP", name="FAP", scale="score", by=BY)
    made: dict[str, Any] = bench.post("specimens/", patient="P-001", code="T-1", kind="tumour", collected="2022-03-05")
    return made


@pytest.fixture
def draw(bench: Program, enrolled: Enrolment) -> dict[str, Any]:
    made: dict[str, Any] = bench.post("specimens/", patient="P-001", code="B-1", kind="blood", collected="2022-03-01")
    return made


def sources() -> list[tuple[str, str, str]]:
    rows = Change.objects.exclude(actor_name="system:tests").exclude(actor_name__startswith="system:")
    return list(rows.order_by("id").values_list("subject_type", "action", "source"))


def test_a_specimen_is_recorded_corrected_and_retired(bench: Program, tissue: dict[str, Any]) -> None:
    one = f"specimens/{tissue['id']}/"
    changed = bench.patch(one, collected="2022-03-06", version=1, reason="label misread")
    assert (changed["collected"], changed["version"]) == ("2022-03-06", 2)
    bench.refusal("PATCH", one, 409, collected="2022-03-07", version=1)
    twice = bench.refusal("POST", "specimens/", 400, patient="P-001", code="T-1", kind="tumour", collected="2022-03-05")
    assert messages(twice, "code")
    bench.post(f"{one}retire/", status=200, version=2, reason="never arrived")
    assert bench.get("specimens/")["count"] == 0
    assert [row for row in sources() if row[0] == "specimen"] == [
        ("specimen", action, "api") for action in ("create", "update", "retire")
    ]


RESULTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("blots", {"marker": "FAP", "gel": "G1", "loading_control": "GAPDH", "ratio": 2.0}, {"ratio": 2.5}),
    ("folds", {"marker": "FAP", "fold": 1.5, "reference_gene": "ACTB"}, {"fold": 1.75}),
]


@pytest.mark.parametrize(("path", "entry", "change"), RESULTS)
def test_a_result_is_corrected_by_a_revision(
    bench: Program, tissue: dict[str, Any], path: str, entry: dict[str, Any], change: dict[str, Any]
) -> None:
    made = bench.post(f"{path}/", specimen="T-1", **entry)
    assert {name: made[name] for name in entry} == entry
    corrected = bench.patch(f"{path}/{made['id']}/", version=1, reason="read anew", **change)
    assert corrected["id"] != made["id"]
    assert (corrected["version"], corrected["is_current"], corrected["recorded_by"]) == (2, True, "tom")
    assert bench.get(f"{path}/{made['id']}/")["is_current"] is False
    stale = bench.refusal("PATCH", f"{path}/{made['id']}/", 409, version=1, reason="again", **change)
    assert "tom: " in messages(stale)
    bench.refusal("PATCH", f"{path}/{corrected['id']}/", 400, version=2, **change)
    gone = bench.post(f"{path}/{corrected['id']}/retract/", status=200, version=2, reason="wrong lane")
    assert (gone["is_retracted"], bench.get(f"{path}/", specimen="T-1")["count"]) == (True, 0)
    assert {row[2] for row in sources()} == {"api"}


def test_a_panel_is_stored_whole_or_not_at_all(bench: Program, draw: dict[str, Any]) -> None:
    path = f"specimens/{draw['id']}/panel/"
    rows = [{"analyte": "ALB", "value": "41", "unit": "g/L"}, {"analyte": "AFP", "value": "1,5", "unit": "ng/mL"}]
    refused = bench.refusal("POST", path, 400, rows=rows)
    assert [(field["row"], field["field"]) for field in refused["fields"]] == [(2, "value")]
    assert bench.get("blood-results/")["count"] == 0
    rows[1]["value"] = "<1.5"
    stored = bench.post(path, status=200, rows=rows)["results"]
    assert {row["analyte"]: (row["comparator"], row["value"]) for row in stored} == {
        "ALB": ("", 41.0),
        "AFP": ("<", 1.5),
    }
    again = [{"analyte": "ALB", "value": "42", "unit": "g/L", "version": 1}]
    assert bench.refusal("POST", path, 400, rows=again)["fields"][0]["field"] == "reason"
    bench.post(path, status=200, rows=again, reason="typo")
    assert bench.refusal("POST", path, 409, rows=again, reason="typo")["code"] == "changed_meanwhile"
    unknown = bench.refusal("POST", path, 400, rows=[{"analyte": "GOLD", "value": "1"}])
    assert [(field["row"], field["field"]) for field in unknown["fields"]] == [(1, "analyte")]


def test_one_blood_result(bench: Program, draw: dict[str, Any]) -> None:
    made = bench.post("blood-results/", specimen="B-1", analyte="ALB", value="4.1", unit="g/dL")
    assert (made["value"], made["unit"], made["entered_value"]) == (pytest.approx(41.0), "g/L", "4.1")
    corrected = bench.patch(f"blood-results/{made['id']}/", version=1, value="42", unit="g/L", reason="typo")
    assert corrected["value"] == 42.0
    impossible = bench.refusal("POST", "blood-results/", 400, specimen="B-1", analyte="PLT", value="-5", unit="10*9/L")
    assert messages(impossible)
    bench.post(f"blood-results/{corrected['id']}/retract/", status=200, version=2, reason="haemolytic")


@pytest.fixture
def stain(bench: Program, tissue: dict[str, Any]) -> Stain:
    made = bench.post("stains/", specimen="T-1", marker="FAP")
    return Stain.objects.get(pk=made["id"])


def test_a_pathologist_saves_corrects_and_retracts_the_own_read(bob: User, stain: Stain) -> None:
    mine, path = program_of(bob), f"stains/{stain.pk}/read/"
    assert mine.get(path)["version"] == 0
    saved = mine.put(path, intensity=3, percent=60, version=0)
    assert (saved["extent"], saved["value"], saved["version"]) == (3, 9.0, 1)
    assert mine.refusal("PUT", path, 409, intensity=2, percent=60, version=0)["code"] == "changed_meanwhile"
    contradiction = mine.refusal("PUT", path, 400, intensity=0, percent=60, version=1, reason="x")
    assert messages(contradiction, "percent")
    for wrong in (40.5, "many", True, [1], -1, 101):
        assert mine.refusal("PUT", path, 400, intensity=2, percent=wrong, version=1, reason="x")
    assert mine.put(path, intensity=2, percent=60, version=1, reason="second look")["value"] == 6.0
    assert mine.get("reads/")["results"][0]["value"] == 6.0
    assert mine.get("stains/")["results"][0]["my_value"] == 6.0
    assert mine.post(f"{path}retract/", status=200, version=2, reason="wrong slide")["is_retracted"] is True
    assert mine.get("reads/")["count"] == 0
    assert [row for row in sources() if row[0] == "read"] == [
        ("read", action, "api") for action in ("create", "correct", "retire")
    ]


def test_nobody_sees_the_reads_of_another(bob: User, dora: User, stain: Stain) -> None:
    read_record(stain=stain, reader="bert", intensity=3, percent=90, comment="bert was here", by=BY)
    for user in (bob, dora):
        program = program_of(user)
        for path in ("reads/", "stains/", f"stains/{stain.pk}/", f"stains/{stain.pk}/read/"):
            answer = program.ask("GET", path)
            assert answer.status_code == 200
            assert "bert" not in answer.content.decode()
            assert "12" not in str(answer.json().get("my_value", ""))
        refused = program.refusal("POST", f"stains/{stain.pk}/read/retract/", 400, version=1, reason="mine")
        assert messages(refused) == "You have not read this stain."
    assert Read.objects.current().get().reader == "bert"


def test_a_reader_works_through_the_queue_of_a_round(a_cohort: Any) -> None:
    found = reading(a_cohort, patients=2)
    mine, theirs = program_of(found.first), program_of(found.second)
    base = f"my-rounds/{found.round.code}/"
    assert [row["round"] for row in mine.get("my-rounds/")["results"]] == [found.round.code]
    queue = mine.get(f"{base}next/")
    slide = queue["next"]
    assert (queue["done"], slide["version"], slide["read"]) == (0, 0, None)
    body = {"intensity": 2, "percent": 60} if slide["scale"] == "score" else {"field_counts": [1, 2, 3, 4, 5]}
    saved = mine.put(f"{base}slides/{slide['slide']}/", version=0, **body)
    assert (saved["version"], saved["read"]["value"] is not None) == (1, True)
    assert mine.refusal("PUT", f"{base}slides/{slide['slide']}/", 409, version=0, **body)
    assert mine.get(f"{base}next/")["done"] == 1
    assert theirs.get(f"{base}next/")["done"] == 0
    assert theirs.get(f"{base}slides/{slide['slide']}/")["read"] is None


def test_markers_antibodies_and_analytes_are_listed(bench: Program, tissue: dict[str, Any]) -> None:
    assert "FAP" in [row["code"] for row in bench.get("markers/")["results"]]
    assert bench.get("analytes/")["count"] > 10
    bench.get("antibodies/", marker="FAP")


@pytest.mark.parametrize("path", ["specimens/", "stains/", "blots/", "reads/"])
def test_the_number_of_queries_does_not_grow_with_the_rows(bench: Program, dora: User, tissue: Any, path: str) -> None:
    program = program_of(dora)

    def asked() -> int:
        program.get(path)
        with CaptureQueriesContext(connection) as queries:
            program.get(path)
        return len(queries)

    def more(start: int) -> None:
        for number in range(start, start + 3):
            code = f"T-1{number}"
            bench.post("specimens/", patient="P-001", code=code, kind="tumour", collected="2022-03-05")
            made = bench.post("stains/", specimen=code, marker="FAP")
            bench.post("blots/", specimen=code, marker="FAP", gel="G1", loading_control="ACTB", ratio=1)
            program.put(f"stains/{made['id']}/read/", intensity=2, percent=60, version=0)

    more(0)
    few = asked()
    more(10)
    assert asked() == few
