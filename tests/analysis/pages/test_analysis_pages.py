import csv
import io
import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.urls import reverse

from analysis.charts.render import SVG
from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from labs.ihc.services import read_correct
from labs.markers.services import marker_set, stain_create
from registry.cohorts.models import Cohort
from registry.people.models import User
from tests.analysis.fixtures import Scored
from tests.analysis.tables.command import compare
from tests.registry.fixtures import BY
from tests.registry.people import client_of
from tests.services.r import R

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]


def url(name: str, *more: str) -> str:
    return reverse(f"analysis:{name}", args=["resection", "pfs-fap", *more])


@pytest.fixture
def client(alice: User) -> Client:
    return client_of(alice)


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_before_the_first_run_the_page_says_that_it_waits(client: Client, pfs_by_fap: Analysis) -> None:
    text = page(client, url("analysis"))
    assert 'data-state="waiting"' in text
    assert "No result yet" in text


def test_the_page_shows_figure_numbers_provenance_and_who_was_left_out(client: Client, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    text = page(client, url("analysis"))
    run = pfs_by_fap.runs.get()
    for part in (
        'data-state="fresh"',
        "km-chart",
        "FAP splits PFS",
        "Log-rank",
        f">{run.pk}<",
        "ihc/FAP",
        "registered",
    ):
        assert part in text


def test_a_correction_is_told_on_the_page_before_and_after_the_new_run(
    client: Client, scored: Scored, pfs_by_fap: Analysis
) -> None:
    run_stale("test")
    read_correct(read=scored.reads[0], intensity=1, percent=20, by=BY, reason="wrong slide")
    text = page(client, url("analysis"))
    assert 'data-state="stale"' in text
    assert "these facts have changed: ihc/FAP" in text
    run_stale("test")
    text = page(client, url("analysis"))
    assert 'data-state="fresh"' in text
    assert "wrong slide" in text
    assert "T-000 FAP" in text


def test_the_badge_hears_nothing_while_nothing_is_new(client: Client, scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    run = pfs_by_fap.runs.get()
    seen = {"seen": f"fresh:{run.pk}"}
    assert client.get(url("analysis-freshness"), seen).status_code == 204
    read_correct(read=scored.reads[0], intensity=1, percent=20, by=BY, reason="wrong slide")
    response = client.get(url("analysis-freshness"), seen)
    assert response.status_code == 200
    assert response["HX-Trigger"] == "freshness-changed"
    assert b'data-state="stale"' in response.content
    assert 'data-state="stale"' not in page(client, url("analysis-answer"))
    assert "Not up to date" in page(client, url("analysis-answer"))


def test_files_carry_the_run_and_the_hash_of_the_data(client: Client, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    run = pfs_by_fap.runs.get()
    svg = client.get(url("analysis-figure", "km", "svg"))
    assert svg["Content-Type"] == "image/svg+xml"
    assert run.result is not None
    assert run.result.frame_id.encode() in svg.content
    # The metadata has the whole hash; what is drawn names the run once.
    root = ET.fromstring(svg.content)  # noqa: S314  # our own bytes
    drawn = " ".join(text for element in root.iter(f"{{{SVG}}}text") for text in element.itertext())
    assert drawn.count(f"Run {run.pk}") == 1
    assert "; run" not in drawn
    assert "Fresh at 2" in drawn
    assert client.get(url("analysis-figure", "km", "png")).content.startswith(b"\x89PNG")
    assert client.get(url("analysis-figure", "km", "pdf")).content.startswith(b"%PDF")
    answer = client.get(url("analysis-json"))
    assert answer["Content-Disposition"] == f'inline; filename="resection-pfs-fap-run{run.pk}.json"'
    numbers = json.loads(answer.content)
    assert (numbers["run"], numbers["fingerprint"]) == (run.pk, run.result.frame_id)
    assert numbers["output"]["logrank"]["df"] == 1


def test_the_table_has_the_rows_the_result_was_computed_from(client: Client, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    content = client.get(url("analysis-rows")).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert len(rows) == 24
    assert rows[0]["patient"] == "S-000"
    assert rows[0]["group"] == "high"
    assert rows[0]["ihc:FAP@tumour"] == "12.0"


@pytest.mark.parametrize("is_simulated", [False, True])
def test_the_r_script_comes_with_its_rows_its_run_and_the_mark_of_simulated_data(
    client: Client, pfs_by_fap: Analysis, r: R, tmp_path: Path, is_simulated: bool
) -> None:
    Cohort.objects.update(is_simulated=is_simulated)
    run_stale("test")
    run = pfs_by_fap.runs.get()
    assert run.result is not None
    answer = client.get(url("analysis-r"))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(tmp_path)
        assert sorted(archive.namelist()) == [f"resection-pfs-fap-run{run.pk}.{ending}" for ending in ("R", "csv")]
    script = tmp_path / f"resection-pfs-fap-run{run.pk}.R"
    first = script.read_text().splitlines()[0]
    assert f"Run {run.pk}, data {run.result.frame_id}" in first
    assert ("Simulated" in first) == is_simulated
    rows = list(csv.DictReader(io.StringIO(script.with_suffix(".csv").read_text())))
    assert {row.get("simulated") for row in rows} == {"yes" if is_simulated else None}
    compare(run.result.output_values, r.run(script))


def test_the_facts_page_names_the_read_behind_each_number(client: Client, scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    text = page(client, url("analysis-facts"))
    assert f"read {scored.reads[5].pk} v1" in text
    assert '<td>ihc:FAP@tumour</td><td class="num">2</td>' in text


def test_the_facts_page_tells_the_time_of_each_patient(client: Client, scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    text = page(client, url("analysis-facts"))
    # S-001: 307 days to the recurrence; S-005: 335 days to the last contact
    assert '<td>PFS</td><td class="num">10.1 months, event</td>' in text
    assert '<td>PFS</td><td class="num">11.0 months, censored</td>' in text


def test_compute_again_asks_for_a_run(client: Client, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    assert client.post(url("analysis-rerun")).status_code == 302
    assert run_stale("test") == 1


def test_the_list_shows_every_answer_with_its_freshness(client: Client, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    text = page(client, reverse("analysis:analyses"))
    assert "PFS by FAP" in text
    assert 'data-state="fresh"' in text
    assert "PFS by FAP" not in page(client, reverse("analysis:analyses") + "?cohort=other")


def test_a_stranger_and_a_pathologist_see_nothing(charlie: User, bob: User, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    for name, more in (
        ("analysis", ()),
        ("analysis-json", ()),
        ("analysis-rows", ()),
        ("analysis-figure", ("km", "svg")),
    ):
        assert client_of(charlie).get(url(name, *more)).status_code == 404
        assert client_of(bob).get(url(name, *more)).status_code == 403


def test_the_home_page_lists_what_waits(
    client: Client, dora: User, bob: User, scored: Scored, pfs_by_fap: Analysis
) -> None:
    assert "analysis is stale" in page(client, "/")
    assert "overdue" in page(client_of(dora), "/")
    assert "Nothing waits for you" in page(client_of(bob), "/")
    other = marker_set(code="S100A11", name="S100A11", scale="score", by=BY)
    stain_create(specimen=scored.reads[0].stain.specimen, marker=other, by=BY)
    text = page(client_of(bob), "/")
    assert "slide without a read of yours" in text
    assert "analysis is stale" not in text
