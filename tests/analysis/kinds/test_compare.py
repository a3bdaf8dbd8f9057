"""Comparisons of groups in a cohort: what they read, what they claim, show and draw."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analysis.canonical import plain
from analysis.charts import boxes
from analysis.engine.execution import run_stale
from analysis.engine.services import analysis_define
from analysis.frames.frame import Frame
from analysis.headline.claims import compare as moved
from analysis.headline.exploratory import is_exploratory
from analysis.kinds.base import ParameterError, TabledKind, TableKind
from analysis.kinds.compare import COMPARE
from analysis.kinds.registry import KINDS
from analysis.presenting import shown
from registry.people.models import User
from tests.analysis.charts.drawing import colours, texts
from tests.analysis.fixtures import Scored
from tests.analysis.kinds.groups import AGE, ECOG, FAP, MVI, SEX, cohort_frame
from tests.analysis.tables.command import frame_reproduced_by_r
from tests.registry.fixtures import BY
from tests.registry.people import client_of
from tests.services.r import R


def run(given: Frame, **parameters: Any) -> dict[str, Any]:
    COMPARE.check(parameters)
    return dict(plain(COMPARE.compute(given.canonical(), parameters)))


def test_the_kind_is_on_the_list_and_works_on_tables_and_pages() -> None:
    assert KINDS["compare"] is COMPARE
    assert isinstance(COMPARE, TableKind)
    assert isinstance(COMPARE, TabledKind)


def test_response_tells_the_groups_and_responders_come_first() -> None:
    output = run(cohort_frame(), group="response", values=[AGE, FAP])
    assert output["names"] == ["responder", "non-responder"]
    age, fap = output["rows"]
    assert age["test"] == "Student's t test"
    assert age["difference"] == pytest.approx(-5, abs=1)
    assert [group["n"] for group in age["groups"]] == [20, 19]
    assert age["dropped"] == {"no value of age (years)": 1}
    assert fap["test"] == "Mann-Whitney test"
    assert output["n"] == 40
    assert output["dropped"] == {"no response": 1, "no value of age (years)": 1}


def test_many_values_are_judged_by_their_adjusted_p() -> None:
    output = run(cohort_frame(), group="response", values=[AGE, FAP, ECOG])
    claims = {claim.name: claim for claim in COMPARE.headline(output)}
    assert claims[f"{FAP}_adjusted_p"].verdict == "FAP differs"
    assert claims[f"{ECOG}_adjusted_p"].verdict == "no difference of ECOG shown"
    assert claims[f"{AGE}_p"].verdict == ""
    assert claims[f"{AGE}_difference"].low is not None
    alone = {claim.name: claim for claim in COMPARE.headline(run(cohort_frame(), group="response", values=[FAP]))}
    assert alone[f"{FAP}_p"].verdict == "FAP differs"
    assert alone[f"{FAP}_difference"].unit == "score"


def test_categories_are_compared_by_their_labels() -> None:
    output = run(cohort_frame(), group=SEX, values=[AGE])
    assert output["names"] == ["female", "male"]
    assert output["levels"] == {"male": "m", "female": "f"}
    yes_and_no = run(cohort_frame(60), group=MVI, values=[AGE])
    assert yes_and_no["names"] == ["no", "yes"]


def test_a_marker_splits_at_its_cutoff_and_the_split_is_exploratory_unless_declared() -> None:
    output = run(cohort_frame(), group=FAP, cutoff="median", values=[AGE])
    assert output["names"] == ["low", "high"]
    assert is_exploratory(output)
    declared = cohort_frame(cutoffs={f"{FAP}/registered": {"value": 6.0}})
    registered = run(declared, group=FAP, cutoff="registered", values=[AGE])
    assert not is_exploratory(registered)
    assert [group["n"] for group in registered["rows"][0]["groups"]] == [26, 13]
    assert "No registered cutoff" in run(cohort_frame(), group=FAP, cutoff="registered", values=[AGE])["refused"]
    assert "not a number" in run(cohort_frame(), group=SEX, cutoff=3, values=[AGE])["refused"]


def test_few_patients_and_words_are_refused_in_words() -> None:
    output = run(cohort_frame(18), group="response", values=[AGE])
    assert output["refused"] == "No test: responder has 9 patients with a value, fewer than 10."
    claims = {claim.name: claim for claim in COMPARE.headline(output)}
    assert claims[f"{AGE}_p"].value is None
    assert claims[f"{AGE}_p"].verdict == "no test of age (years)"
    assert "Not a number" in run(cohort_frame(), group="response", values=[SEX])["refused"]
    three = run(cohort_frame(), group=ECOG, values=[AGE], test="welch")
    assert "takes two groups, and here are 3" in three["refused"]


def test_nobody_is_an_answer_and_draws_nothing() -> None:
    output = run(replace(cohort_frame(), rows=[]), group="response", values=[AGE])
    assert output["refused"]
    assert COMPARE.figures(output) == []
    assert COMPARE.tables(output) == []
    assert [claim.value for claim in COMPARE.headline(output)] == [0]


def test_the_tables_say_groups_tests_reasons_and_assumptions() -> None:
    output = run(cohort_frame(), group="response", values=[AGE, FAP])
    main, checks = COMPARE.tables(output)
    assert main.columns[:3] == ["Value", "responder", "non-responder"]
    assert main.rows[0][1].startswith("n 20: 60 ± ")
    assert main.rows[1][1] == "n 20: 2 [2–2]"
    assert any("therefore the Student's t test" in note for note in main.notes)
    assert ["age (years): equal variances", "Levene"] in [row[:2] for row in checks.rows]
    pairs = COMPARE.tables(run(cohort_frame(60), group=ECOG, values=[AGE]))[-1]
    assert [row[0] for row in pairs.rows] == [f"age (years): {pair}" for pair in ("1 less 0", "2 less 0", "2 less 1")]


def test_every_panel_shows_its_own_values(capfd: pytest.CaptureFixture[str]) -> None:
    output = run(cohort_frame(), group="response", values=[AGE, FAP])
    [figure] = COMPARE.figures(output)
    assert figure.title == "age (years), FAP by response"
    drawn = texts(figure.spec, capfd)
    assert {"responder", "n 20", "n 19", "FAP, score", "age (years)"} <= set(drawn)
    # The two axes are their own: years on one, scores on the other.
    assert {"50", "70", "4", "8"} <= set(drawn)
    assert list(colours(figure.spec)) == []
    assert "P001" not in str(figure.spec)
    assert "Student's t test: p = " in figure.spec["description"]


def test_what_is_not_drawn_of_many_values_is_said() -> None:
    output = run(cohort_frame(), group="response", values=[AGE])
    many = output | {"rows": output["rows"] * 30}
    spec = boxes.chart(many)
    assert len(spec["concat"]) == boxes.MOST_PANELS
    assert "6 more are not drawn" in spec["description"]


def test_a_verdict_that_turns_is_a_flip() -> None:
    before = [claim.as_json() for claim in COMPARE.headline(run(cohort_frame(), group="response", values=[FAP]))]
    given = cohort_frame()
    mixed = replace(given, rows=[row | {FAP: float(i // 2 % 9)} for i, row in enumerate(given.rows)])
    after = [claim.as_json() for claim in COMPARE.headline(run(mixed, group="response", values=[FAP]))]
    assert {claim.name: claim for claim in moved(before, after)}[f"{FAP}_p"].is_flip


WISHES: list[dict[str, Any]] = [
    {"group": "response", "values": [AGE, FAP]},
    {"group": SEX, "values": [AGE]},
    {"group": ECOG, "values": [AGE, FAP]},
    {"group": FAP, "cutoff": 3, "values": [AGE]},
    {"group": MVI, "values": [AGE], "test": "welch"},
]


@pytest.mark.parametrize("wish", WISHES)
def test_r_reads_the_rows_of_a_cohort_too(r: R, tmp_path: Path, wish: dict[str, Any]) -> None:
    given = cohort_frame(60).canonical()
    output = run(given, **wish)
    frame_reproduced_by_r(r, tmp_path, COMPARE, given, wish, output)


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"values": [AGE]}, "group"),
        ({"group": "response"}, "values"),
        ({"group": "response", "values": []}, "values"),
        ({"group": "response", "values": [AGE, AGE]}, "values"),
        ({"group": FAP, "values": [FAP]}, "values"),
        ({"group": FAP, "values": [AGE], "test": "magic"}, "test"),
        ({"group": FAP, "values": [AGE], "test": "wilcoxon"}, "test"),
        ({"group": FAP, "values": [AGE], "cutoff": "optimal"}, "cutoff"),
        ({"group": FAP, "values": [AGE], "cutoff": float("nan")}, "cutoff"),
        ({"group": "response", "values": [AGE], "cutoff": 3}, "cutoff"),
        ({"group": FAP, "values": [AGE], "paired": "id"}, "paired"),
    ],
)
def test_parameters_that_make_no_sense_are_named(parameters: dict[str, Any], name: str) -> None:
    with pytest.raises(ParameterError) as caught:
        COMPARE.check(parameters)
    assert caught.value.name == name


def test_the_request_reads_the_groups_and_lets_values_be_missing() -> None:
    request = COMPARE.request({"group": FAP, "cutoff": "registered", "values": [AGE]})
    assert request.required == (FAP,)
    assert request.variables == (FAP, AGE)
    assert [wish.status for wish in request.cutoffs] == ["registered"]
    assert COMPARE.request({"group": "response", "values": [AGE]}).response


@pytest.mark.django_db
def test_a_comparison_of_a_cohort_has_a_page(scored: Scored, alice: User) -> None:
    analysis = analysis_define(
        cohort=scored.cohort,
        slug="fap-groups",
        title="FAP by FAP",
        kind="compare",
        parameters={"group": "ihc:FAP@tumour", "cutoff": "median", "values": ["baseline:age"]},
        by=BY,
    )
    assert run_stale("test") == 1
    analysis.refresh_from_db()
    assert analysis.current is not None
    seen = shown(analysis, analysis.current)
    assert seen.has_r_script
    response = client_of(alice).get(f"/cohorts/{scored.cohort.code}/analyses/fap-groups/")
    assert response.status_code == 200
    # Nobody's age is known: the page says so in place of a number.
    assert "No test: low has 0 patients with a value" in response.content.decode()
