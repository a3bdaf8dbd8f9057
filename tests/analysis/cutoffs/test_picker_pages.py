"""The cutoff picker's pages: choosing, marks in every file, saving as what it is, and the search in one click."""

import csv
import io
import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from analysis.cutoffs.models import Cutoff
from analysis.cutoffs.services import cutoff_declare
from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from labs.ihc.services import read_correct
from registry.log.models import Change
from registry.people.models import User
from tests.analysis.fixtures import Scored, define_pfs
from tests.registry.fixtures import BY
from tests.registry.people import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]
PAGE = "/cohorts/resection/analyses/pfs-fap/cutoff/"
FAP = "ihc:FAP@tumour"


@pytest.fixture
def client(alice: User) -> Client:
    return client_of(alice)


@pytest.fixture
def pfs(pfs_by_fap: Analysis) -> Analysis:
    run_stale("test")
    return pfs_by_fap


def text_of(client: Client, **query: str) -> str:
    answer = client.get(PAGE, query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_it_opens_at_the_registered_cutoff_without_a_ribbon_and_names_the_run(client: Client, pfs: Analysis) -> None:
    text = text_of(client)
    assert 'data-method="registered"' in text and "Registered &gt; 6" in text
    assert "ribbon-exploratory" not in text
    assert f'<span class="code">{pfs.runs.get().pk}</span>' in text
    assert "high 12 (9 events)" in text and "0 patients are in another group" in text


def test_another_step_is_exploratory_and_lists_who_changes_group(client: Client, pfs: Analysis) -> None:
    text = text_of(client, cutoff="1")
    assert "ribbon-exploratory" in text
    assert "12 patients are in another group than at the cutoff Registered (&gt; 6)" in text
    assert 'href="/patients/S-001/"' in text and 'href="/patients/S-000/"' not in text


def test_what_is_not_attained_is_said_and_splits_alike(client: Client, pfs: Analysis) -> None:
    assert "7.5 is not attained: 6 splits the patients alike." in text_of(client, cutoff="7.5")
    # A declared cutoff typed by hand is that cutoff.
    assert 'data-method="registered"' in text_of(client, cutoff="6.0")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"cutoff": "abc"}, "abc is not a number."),
        ({"cutoff": "nan"}, "nan is not a number."),
        ({"cutoff": "-1"}, "The lowest value that can be attained is 0."),
        ({"choice": "published"}, "Published: none is declared in this cohort."),
        ({"choice": "luck"}, "luck is no way to choose a cutoff."),
    ],
)
def test_what_makes_no_sense_is_said_and_the_result_stays(
    client: Client, pfs: Analysis, query: dict[str, str], said: str
) -> None:
    text = text_of(client, **query)
    assert said in text and 'data-method="registered"' in text
    assert client.get(f"{PAGE}preview.csv", query).status_code == 400


def test_a_marker_of_another_analysis_is_a_wrong_address(client: Client, pfs: Analysis) -> None:
    assert client.get(PAGE, {"marker": "ihc:CD206@tumour"}).status_code == 404


def test_the_mark_goes_with_every_file_and_only_with_an_exploratory_choice(client: Client, pfs: Analysis) -> None:
    chosen = {"cutoff": "3"}
    assert b"EXPLORATORY CUTOFF" in client.get(f"{PAGE}preview.svg", chosen).content
    assert client.get(f"{PAGE}preview.png", chosen).content.startswith(b"\x89PNG")
    assert client.get(f"{PAGE}preview.pdf", chosen).content.startswith(b"%PDF")
    rows = list(csv.DictReader(io.StringIO(client.get(f"{PAGE}preview.csv", chosen).content.decode("utf-8-sig"))))
    assert {row["marks"] for row in rows} == {"Exploratory cutoff"}
    numbers = json.loads(client.get(f"{PAGE}preview.json", chosen).content)
    assert numbers["exploratory"] is True and numbers["freshness"] == "fresh"
    assert numbers["run"] == pfs.runs.get().pk
    assert numbers["p"] is None or numbers["p_corrected"] is not None, "no p of one look alone"
    assert b"EXPLORATORY" not in client.get(f"{PAGE}preview.svg").content
    assert json.loads(client.get(f"{PAGE}preview.json").content)["exploratory"] is False


def test_a_stale_frame_is_said(client: Client, scored: Scored, pfs: Analysis) -> None:
    read_correct(read=scored.reads[0], intensity=1, percent=20, by=BY, reason="wrong slide")
    assert "its data have moved since" in text_of(client)


def test_a_choice_is_saved_as_exploratory_with_its_reason_and_no_other_way(client: Client, pfs: Analysis) -> None:
    sent = {"marker": FAP, "choice": "custom", "cutoff": "3"}
    refused = client.post(f"{PAGE}save/", sent)
    assert refused.status_code == 422 and not Cutoff.objects.filter(status="exploratory").exists()
    assert client.post(f"{PAGE}save/", sent | {"reason": "splits best by eye"}).status_code == 302
    saved = Cutoff.objects.get(status="exploratory")
    assert (saved.value, saved.method, saved.declared_by) == (3.0, "custom", "alice")
    assert Change.objects.get(subject_type="cutoff", subject_id=str(saved.pk)).reason == "splits best by eye"
    text = text_of(client)
    assert "splits best by eye" in text and "chosen on pfs-fap, run" in text
    # Kept once; what is registered already is not kept again as something else.
    client.post(f"{PAGE}save/", sent | {"reason": "again"})
    declared = client.post(f"{PAGE}save/", {"marker": FAP, "choice": "registered", "reason": "as it is"})
    assert "on record already" in declared.content.decode()
    assert Cutoff.objects.filter(status="exploratory").count() == 1


def test_what_was_chosen_after_looking_is_never_registered(pfs: Analysis) -> None:
    told: dict[str, Any] = {"cohort": pfs.cohort, "variable": FAP, "value": 3.0, "source": "picker", "by": BY}
    cutoff_declare(status="exploratory", method="custom", **told)
    with pytest.raises(ValidationError, match="chosen after looking at outcomes"):
        cutoff_declare(status="registered", **told)
    with pytest.raises(ValidationError, match="says how it was found"):
        cutoff_declare(status="exploratory", **told | {"value": 2.0})
    with pytest.raises(IntegrityError), transaction.atomic():
        Cutoff.objects.filter(status="registered").update(method="median")


def test_an_analysis_takes_the_saved_cutoff_and_its_page_wears_the_ribbon(
    client: Client, scored: Scored, pfs: Analysis
) -> None:
    client.post(f"{PAGE}save/", {"marker": FAP, "choice": "custom", "cutoff": "3", "reason": "by eye"})
    define_pfs(scored.cohort, slug="pfs-fap-explored", cutoff="exploratory")
    run_stale("test")
    text = client.get("/cohorts/resection/analyses/pfs-fap-explored/").content.decode()
    assert "Exploratory cutoff" in text
    found = Analysis.objects.get(slug="pfs-fap-explored").current
    assert found is not None and found.output_values["cutoff"]["p_corrected"] is not None


def test_the_search_is_defined_in_one_click_and_then_shown(client: Client, pfs: Analysis) -> None:
    assert "Define that analysis" in text_of(client)
    answer = client.post(f"{PAGE}search/", {"marker": FAP})
    made = Analysis.objects.get(kind="cutpoint")
    assert answer.headers["Location"] == made.get_absolute_url()
    assert made.parameters == {"endpoint": "PFS", "marker": FAP}
    client.post(f"{PAGE}search/", {"marker": FAP})
    assert Analysis.objects.filter(kind="cutpoint").count() == 1
    run_stale("test")
    text = text_of(client, choice="optimal")
    assert "curve-chart" in text and "in bootstrap resamples" in text and 'data-method="optimal"' in text


def test_a_part_holds_the_answer_and_the_summary_alone(client: Client, pfs: Analysis) -> None:
    part = client.get(PAGE, {"cutoff": "2"}, headers={"HX-Target": "picked"}).content.decode()
    assert "<html" not in part and "picker-form" not in part
    assert part.count('id="picked"') == 1 and 'hx-swap-oob="innerHTML:#picked-summary"' in part
