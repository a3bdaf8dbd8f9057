"""Decision curves of cohorts: frames made here, and once through the engine to the page and the R script."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from analysis.canonical import plain
from analysis.engine.execution import run_stale
from analysis.engine.services import analysis_define
from analysis.frames.frame import Frame
from analysis.kinds.base import ParameterError
from analysis.kinds.decision import DECISION
from labs.ihc.services import read_correct
from registry.people.models import User
from tests.analysis.fixtures import Scored
from tests.analysis.tables.command import frame_reproduced_by_r
from tests.registry.fixtures import BY
from tests.registry.people import client_of
from tests.services.r import R

IL6, SEX = "blood:IL6", "baseline:sex"
FAP = "ihc:FAP@tumour"


def frame(n: int = 60) -> Frame:
    rows = []
    for number in range(n):
        responder = number % 3 == 0
        il6 = 10.0 + number % 11 + (0 if responder else 5)
        row = {"patient": f"P{number:02d}", "responder": responder, IL6: il6, SEX: "m" if number % 2 else "f"}
        rows.append(row)
    return Frame(rows, columns={IL6: {"label": "IL-6", "unit": "pg/mL"}, SEX: {"label": "Sex", "unit": ""}})


def run(given: Frame, **parameters: Any) -> dict[str, Any]:
    wanted: dict[str, Any] = {"models": {"IL-6": [IL6], "both": [IL6, SEX]}, "positive": "non-responder"} | parameters
    DECISION.check(wanted)
    return dict(plain(DECISION.compute(given, wanted)))


def test_models_of_response_are_judged_for_the_class_that_is_meant() -> None:
    output = run(frame())
    assert (output["n"], output["events"], output["prevalence"]) == (60, 40, pytest.approx(40 / 60))
    assert run(frame(), positive="responder")["events"] == 20
    claims = {claim.name: claim for claim in DECISION.headline(output)}
    assert claims["gain_IL-6"].verdict == "IL-6 is of use at some thresholds"
    assert claims["gain_IL-6"].value == output["models"][0]["gain"]
    # Words are categories without saying so.
    assert [row["term"] for row in output["models"][1]["coefficients"]] == [IL6, f"{SEX}m"]


@pytest.mark.parametrize("positive", ["responder", "non-responder"])
def test_r_gives_the_same_curves_of_response(r: R, tmp_path: Path, positive: str) -> None:
    wish = {"models": {"both": [IL6, SEX]}, "positive": positive}
    frame_reproduced_by_r(r, tmp_path, DECISION, frame(), wish, run(frame(), **wish))


def test_tables_and_figure_come_from_the_output() -> None:
    output = run(frame())
    tables = DECISION.tables(output)
    assert [result.name for result in tables] == ["benefit", "models"]
    assert all(len(row) == len(result.columns) for result in tables for row in result.rows)
    [figure] = DECISION.figures(output)
    assert "Threshold: risk of response non-responder" in str(figure.spec)


def test_too_few_patients_are_refused_in_words() -> None:
    output = run(frame(9))
    assert output["refused"].startswith("No curve: 9 patients")
    assert DECISION.figures(output) == []
    assert DECISION.tables(output) == []


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"models": {}}, "models"),
        ({"models": {"a": []}}, "models"),
        ({"models": {"a": ["age"]}}, "models"),
        ({"models": {"a": [IL6]}, "risks": ["a"]}, "models"),
        ({"positive": "PD"}, "positive"),
        ({"horizon": 12}, "horizon"),
        ({"endpoint": "PFS"}, "positive"),
        ({"from": 0.9, "to": 0.1}, "from"),
        ({"by": 0.00001}, "by"),
        ({"rule": "<"}, "rule"),
        ({"cutoff": 3}, "cutoff"),
    ],
)
def test_parameters_that_make_no_sense_are_named(parameters: dict[str, Any], name: str) -> None:
    with pytest.raises(ParameterError) as caught:
        DECISION.check({"models": {"IL-6": [IL6]}, "positive": "responder"} | parameters)
    assert caught.value.name == name


@pytest.mark.django_db
def test_a_marker_of_a_cohort_is_judged_for_its_endpoint(scored: Scored, alice: User) -> None:
    analysis = analysis_define(
        cohort=scored.cohort,
        slug="decision",
        title="Acting on FAP",
        kind="decision",
        parameters={"endpoint": "PFS", "horizon": 8, "models": {"FAP": [FAP]}},
        by=BY,
    )
    # One patient against the rule, for a marker that orders all events has no estimate.
    read_correct(read=scored.reads[2], intensity=1, percent=20, by=BY, reason="wrong slide")
    run_stale("test")
    analysis.refresh_from_db()
    assert analysis.current is not None
    output = analysis.current.output_values
    assert (output["n"], output["refused"]) == (24, None)
    assert output["models"][0]["useful"]
    client = client_of(alice)
    page = client.get(analysis.get_absolute_url()).content.decode()
    assert "Net benefit per patient" in page
    assert "Better than all and none at" in page
    archive = client.get(reverse("analysis:analysis-r", args=["resection", "decision"]))
    with zipfile.ZipFile(io.BytesIO(archive.content)) as found:
        script = next(name for name in found.namelist() if name.endswith(".R"))
        assert f'rows[["{FAP}"]]' in found.read(script).decode()
