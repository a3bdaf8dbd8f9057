"""Runs by their own address: as they were, whether they still stand, once more, and cited."""

import json
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path
from shutil import which

import pytest
from django.test import Client
from django.urls import reverse

from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis, Run
from analysis.engine.services import analysis_define
from analysis.reexecution.services import run_waiting
from labs.ihc.services import read_correct
from registry.log.models import Change
from registry.people.models import User
from tests.analysis.fixtures import Scored
from tests.registry.api.asking import program_of
from tests.registry.fixtures import BY
from tests.registry.people import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]


@pytest.fixture
def client(alice: User) -> Client:
    return client_of(alice)


@pytest.fixture
def old(scored: Scored, pfs_by_fap: Analysis) -> Run:
    """A run whose result is no longer the present one."""
    run_stale("test")
    run = pfs_by_fap.runs.get()
    read_correct(read=scored.reads[2], intensity=1, percent=20, by=BY, reason="wrong slide")
    run_stale("test")
    return run


def text(client: Client, name: str, *args: object) -> str:
    answer = client.get(reverse(f"analysis:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_run_shows_its_result_as_it_was_and_what_is_different_now(client: Client, old: Run) -> None:
    page = text(client, "run", old.pk)
    present = old.analysis.runs.latest("id")
    for part in ("No longer current", f"Now, run {present.pk}", "FAP splits PFS", f"run {old.pk}, data sha256"):
        assert part in page
    assert f"/runs/{old.pk}/figures/km.svg" in page
    assert 'data-state="fresh"' in text(client, "run", present.pk)
    listed = text(client, "runs", "resection", "pfs-fap")
    assert listed.index(f"/runs/{present.pk}/") < listed.index(f"/runs/{old.pk}/")


def test_a_result_keeps_its_kind_when_the_question_is_another(client: Client, old: Run) -> None:
    cohort = old.analysis.cohort
    wanted = {"group": "ihc:FAP@tumour", "cutoff": "registered", "values": ["baseline:age"]}
    analysis_define(cohort=cohort, slug="pfs-fap", title="Age by FAP", kind="compare", parameters=wanted, by=BY)
    assert "km-chart" in text(client, "analysis", "resection", "pfs-fap")
    run_stale("test")
    assert "km-chart" in text(client, "run", old.pk)
    assert "km-chart" not in text(client, "analysis", "resection", "pfs-fap")


def test_files_of_a_run_are_of_that_run_and_say_since_when_they_are_stale(
    client: Client, old: Run, tmp_path: Path
) -> None:
    assert old.result is not None
    numbers = json.loads(text(client, "run-json", old.pk))
    present = old.analysis.runs.latest("id").pk
    assert (numbers["run"], numbers["freshness"], numbers["superseded_by"]) == (old.pk, "stale", present)
    assert numbers["output"] == old.result.output_values
    mark = f"(run {present} has the result now)"
    assert mark in text(client, "run-rows", old.pk).splitlines()[1]
    archive = zipfile.ZipFile(BytesIO(client.get(reverse("analysis:run-r", args=[old.pk])).content))
    assert all(mark in archive.read(name).decode() for name in archive.namelist())
    for extension in ("svg", "png", "pdf"):
        content = client.get(reverse("analysis:run-figure", args=[old.pk, "km", extension])).content
        assert f"STALE since {numbers['stale_since'][:10]}".encode() in content
        assert old.result.frame_id.encode() in content
    if which("pdfinfo"):
        (tmp_path / "km.pdf").write_bytes(content)
        told = subprocess.run(["pdfinfo", tmp_path / "km.pdf"], capture_output=True, text=True, check=True)
        assert not told.stderr
        assert f"hepatica:run:{old.pk}, sha256:{old.result.frame_id}" in told.stdout


def test_re_execution_is_asked_for_waits_and_says_both_hashes(client: Client, alice: User, old: Run) -> None:
    for _press in range(2):
        assert client.post(reverse("analysis:run-reexecute", args=[old.pk])).status_code == 302
    waiting = text(client, "run-reexecutions", old.pk)
    assert "every 2s" in waiting
    assert run_waiting() == 1
    done = text(client, "run-reexecutions", old.pk)
    assert "every 2s" not in done
    found = old.reexecutions.get().findings
    assert done.count(found["stored_hash"]) == 2
    told = Change.objects.filter(subject_type="reexecution").order_by("pk")
    assert [(change.actor_name, change.new_values.get("verdict")) for change in told] == [
        ("alice", None),
        ("system:re-execution", "equal"),
    ]
    program = program_of(alice)
    assert program.post(f"runs/{old.pk}/reexecute/", status=200)["state"] == "waiting"
    run_waiting()
    assert [row["verdict"] for row in program.get(f"runs/{old.pk}/reexecutions/")["results"]] == ["equal", "equal"]
    assert program.get(f"runs/{old.pk}/result/")["freshness"]["state"] == "stale"


def test_a_failed_run_says_so_and_cannot_be_computed_again(client: Client, pfs_by_fap: Analysis) -> None:
    run = Run.objects.create(analysis=pfs_by_fap, state="failed", trigger="test", worker="w", error="Too few events.")
    assert "Too few events." in text(client, "run", run.pk)
    assert client.post(reverse("analysis:run-reexecute", args=[run.pk])).status_code == 404
    assert client.get(reverse("analysis:run-json", args=[run.pk])).status_code == 404


def test_a_run_is_cited_as_a_sentence_as_bibtex_and_as_ris(client: Client, old: Run) -> None:
    assert old.result is not None
    data = old.result.frame_id
    sentence = f"Hepatica 0.1.0. Cohort resection, PFS by FAP, run {old.pk}, data sha256 {data[:16]}…, computed 20"
    assert sentence in text(client, "run", old.pk)
    assert text(client, "run-bibtex", old.pk).startswith(f"@misc{{hepatica-run-{old.pk},\n")
    assert f"note = {{run {old.pk}; data sha256 {data}}}" in text(client, "run-bibtex", old.pk)
    assert f"N1  - run {old.pk}; data sha256 {data}" in text(client, "run-ris", old.pk)
