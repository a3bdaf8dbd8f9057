"""Table 1 of a cohort: categories and measurements by group, what is claimed, shown and drawn."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analysis.canonical import plain
from analysis.engine.execution import run_stale
from analysis.engine.services import analysis_define
from analysis.frames.frame import Frame
from analysis.kinds.base import ParameterError, TabledKind, TableKind
from analysis.kinds.registry import KINDS
from analysis.kinds.table1 import TABLE1
from analysis.kinds.table1_tables import variables
from registry.people.models import User
from tests.analysis.charts.drawing import colours, texts
from tests.analysis.fixtures import Scored
from tests.analysis.kinds.groups import AGE, ECOG, FAP, MVI, SEX, cohort_frame
from tests.analysis.tables.command import frame_reproduced_by_r
from tests.registry.fixtures import BY
from tests.registry.people import client_of
from tests.services.r import R

COLUMNS = [AGE, SEX, ECOG, MVI]


def run(given: Frame, **parameters: Any) -> dict[str, Any]:
    TABLE1.check(parameters)
    return dict(plain(TABLE1.compute(given.canonical(), parameters)))


def by_response(**parameters: Any) -> dict[str, Any]:
    return run(cohort_frame(), group="response", columns=COLUMNS, **parameters)


def test_the_kind_is_on_the_list_and_works_on_tables_and_pages() -> None:
    assert KINDS["table1"] is TABLE1
    assert isinstance(TABLE1, TableKind)
    assert isinstance(TABLE1, TabledKind)


def test_numbers_are_measurements_and_words_and_yes_or_no_are_categories() -> None:
    output = by_response()
    assert [(row["variable"], row["level"]) for row in output["rows"]] == [
        (AGE, None),
        (SEX, "female"),
        (SEX, "male"),
        (ECOG, None),
        (MVI, "no"),
        (MVI, "yes"),
    ]
    assert output["sizes"] == [{"name": "responder", "n": 20}, {"name": "non-responder", "n": 20}]
    as_category = by_response(categorical=[ECOG])
    assert [row["level"] for row in as_category["rows"] if row["variable"] == ECOG] == ["0", "1", "2"]


def test_missing_values_are_counted_by_group_and_not_in_the_share() -> None:
    age = by_response()["rows"][0]
    assert [group["missing"] for group in age["groups"]] == [0, 1]
    assert age["overall"]["missing"] == 1
    assert age["n"] == 39


def test_claims_are_a_p_and_a_difference_for_each_variable() -> None:
    claims = {claim.name: claim for claim in TABLE1.headline(by_response())}
    assert claims["n"].value == 40
    assert claims[f"{SEX}_p"].verdict == "sex differs"
    assert claims[f"{MVI}_p"].verdict == "no difference of microvascular invasion shown"
    assert claims[f"{MVI}_smd"].value == 0


def test_few_patients_have_no_p_but_are_described() -> None:
    output = run(cohort_frame(18), group="response", columns=COLUMNS)
    assert output["refused"] == "No test: responder has 9 patients with a value, fewer than 10."
    assert all(row["p"] is None and row["groups"][0]["text"] for row in output["rows"])
    assert {claim.verdict for claim in TABLE1.headline(output) if claim.name.endswith("_p")} == {
        f"no test of {label}" for label in ("age (years)", "sex", "ECOG", "microvascular invasion")
    }


def test_the_table_is_what_is_printed() -> None:
    main, checks = TABLE1.tables(by_response())
    assert main.columns == ["", "responder (n = 20)", "non-responder (n = 20)", "All (n = 40)", "p", "Test", "SMD"]
    names = [row[0] for row in main.rows]
    assert names == [
        "age (years)",
        "age (years): missing",
        "sex: female",
        "sex: male",
        "ECOG",
        "microvascular invasion: no",
        "microvascular invasion: yes",
    ]
    female = main.rows[2]
    assert female[1:4] == ["0 (0.0%)", "10 (50.0%)", "10 (25.0%)"]
    assert main.rows[3][4:] == ["", "", ""]
    assert any("chi-square" in note for note in main.notes)
    assert checks.rows[0][0] == "age (years): normality of responder"


def test_the_balance_is_drawn_with_its_bound(capfd: pytest.CaptureFixture[str]) -> None:
    output = by_response()
    [figure] = TABLE1.figures(output)
    assert figure.title == "Standardised differences by response"
    drawn = texts(figure.spec, capfd)
    assert {"age (years)", "sex", "ECOG", "small below 0.1", "Standardised mean difference"} <= set(drawn)
    assert list(colours(figure.spec)) == []


def test_groups_without_a_common_level_have_no_finite_difference_and_no_place_in_the_figure() -> None:
    given = cohort_frame()
    apart = replace(given, rows=[row | {SEX: "m" if row["responder"] else "f"} for row in given.rows])
    output = run(apart, group="response", columns=[SEX])
    assert output["rows"][0]["smd"] is None
    assert output["rows"][0]["p"] < 0.001
    assert TABLE1.figures(output) == []
    assert [claim.name for claim in TABLE1.headline(output)] == ["n", f"{SEX}_p"]


def test_nobody_is_an_answer() -> None:
    output = run(replace(cohort_frame(), rows=[]), group="response", columns=COLUMNS)
    assert output["refused"]
    assert not (TABLE1.figures(output) or TABLE1.tables(output) or variables(output))


def test_a_marker_at_its_cutoff_tells_the_groups() -> None:
    output = run(cohort_frame(), group=FAP, cutoff=6, columns=[SEX])
    assert [size["name"] for size in output["sizes"]] == ["low", "high"]
    assert TABLE1.request({"group": FAP, "cutoff": "published", "columns": [SEX]}).cutoffs[0].status == "published"


WISHES: list[dict[str, Any]] = [
    {"group": "response", "columns": [AGE, SEX, ECOG, MVI]},
    {"group": FAP, "cutoff": "median", "columns": [AGE, SEX]},
    {"group": ECOG, "columns": [MVI, SEX, AGE]},
]


@pytest.mark.parametrize("wish", WISHES)
def test_r_reads_the_rows_of_a_cohort_too(r: R, tmp_path: Path, wish: dict[str, Any]) -> None:
    given = cohort_frame(60).canonical()
    output = run(given, **wish)
    frame_reproduced_by_r(r, tmp_path, TABLE1, given, wish, output)


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"columns": [AGE]}, "group"),
        ({"group": "response"}, "columns"),
        ({"group": "response", "columns": [AGE, AGE]}, "columns"),
        ({"group": SEX, "columns": [SEX]}, "columns"),
        ({"group": "response", "columns": [AGE], "categorical": [SEX]}, "categorical"),
        ({"group": "response", "columns": [AGE], "categorical": 3}, "categorical"),
        ({"group": SEX, "columns": [AGE], "cutoff": "optimal"}, "cutoff"),
        ({"group": SEX, "columns": [AGE], "from_counts": True}, "from_counts"),
    ],
)
def test_parameters_that_make_no_sense_are_named(parameters: dict[str, Any], name: str) -> None:
    with pytest.raises(ParameterError) as caught:
        TABLE1.check(parameters)
    assert caught.value.name == name


@pytest.mark.django_db
def test_a_table_1_of_a_cohort_has_a_page(scored: Scored, alice: User) -> None:
    parameters = {"group": "ihc:FAP@tumour", "cutoff": 6, "columns": ["ihc:FAP@tumour"]}
    with pytest.raises(ParameterError):
        TABLE1.check(parameters)
    analysis_define(
        cohort=scored.cohort,
        slug="table-1",
        title="Patients by FAP",
        kind="table1",
        parameters=parameters | {"columns": ["baseline:age", "baseline:bclc"]},
        by=BY,
    )
    assert run_stale("test") == 1
    response = client_of(alice).get(f"/cohorts/{scored.cohort.code}/analyses/table-1/")
    assert response.status_code == 200
    text = response.content.decode()
    assert "low (n = 12)" in text
    assert "nobody has a value" in text
