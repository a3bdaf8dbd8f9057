"""`analyse table1` on tables made here and on the study's printed counts, against R where R is installed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.analysis.tables.command import analyse, refused, reproduced_by_r, table
from tests.services.r import R


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    random = np.random.default_rng(11)
    lines = ["id,response,age,IL-6,sex,BCLC,grade,HBV"]
    for i in range(70):
        measured = [f"{random.normal(60, 9):.1f}", "" if i in (3, 40) else f"{random.lognormal(3, 1):.2f}"]
        known = ["F" if random.random() < 0.25 else "T", "ABC"[random.integers(0, 3)], str(random.integers(1, 4))]
        lines.append(",".join([f"patient {i}", ("CR", "PD")[i % 2], *measured, *known, str(int(i in (4, 5, 9)))]))
    return table(tmp_path, "\n".join(lines) + "\nlast,,60,3,T,A,1,0\n")


COLUMNS = "age,IL-6,sex,BCLC,factor(grade),HBV"


def heads(output: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["variable"]: row for row in reversed(output["rows"])}


def test_r_gives_the_same_numbers(r: R, patients: Path, tmp_path: Path) -> None:
    output = reproduced_by_r(r, tmp_path, "table1", patients, "--group", "response", "--columns", COLUMNS)
    assert output["n"] == 70
    assert output["dropped"] == {"no value of response": 1}
    found = heads(output)
    assert {name: row["test"] for name, row in found.items()} == {
        "age": "Student's t test",
        "IL-6": "Mann-Whitney test",
        "sex": "chi-square test with Yates' correction",
        "BCLC": "chi-square test",
        "grade": "chi-square test",
        "HBV": "Fisher's exact test",
    }
    assert " ± " in found["age"]["groups"][0]["text"]
    assert " [" in found["IL-6"]["groups"][0]["text"]
    assert found["HBV"]["why"].startswith("An expected count is 1.5, below 5, therefore")
    assert [group["missing"] for group in found["IL-6"]["groups"]] == [1, 1]
    assert all(row["smd"] >= 0 for row in output["rows"])


def test_r_gives_the_same_numbers_for_three_groups(r: R, patients: Path, tmp_path: Path) -> None:
    output = reproduced_by_r(r, tmp_path, "table1", patients, "--group", "BCLC", "--columns", "age,IL-6,sex,HBV")
    found = heads(output)
    assert found["IL-6"]["test"] == "Kruskal-Wallis test"
    assert len(found["sex"]["smds"]) == 3
    assert found["sex"]["smd"] == pytest.approx(np.mean(found["sex"]["smds"]))


def test_every_level_has_its_row_with_counts_and_the_test_of_the_whole(patients: Path) -> None:
    output = analyse("table1", patients, "--group", "response", "--columns", "BCLC")
    assert [row["level"] for row in output["rows"]] == ["A", "B", "C"]
    assert len({row["p"] for row in output["rows"]}) == 1
    for group in (0, 1):
        assert sum(row["groups"][group]["count"] for row in output["rows"]) == output["sizes"][group]["n"]
        assert sum(row["groups"][group]["share"] for row in output["rows"]) == pytest.approx(1)


def test_without_columns_all_are_taken_but_names_of_patients(patients: Path) -> None:
    output = analyse("table1", patients, "--group", "response")
    assert list(heads(output)) == ["HBV", "grade", "BCLC", "sex", "IL-6", "age"]
    assert output["warnings"][0].startswith("id has 71 levels and is left out")


STUDY = [
    ("sex", "31,6;20,7", 0.5229, 0.3403),
    ("AFP", "20,17;11,16", 0.4241, 0.2926),
    ("Child-Pugh", "27,10;13,14", 0.0776, 0.0428),
    ("BCLC", "16,21;7,20", 0.2452, 0.1539),
    ("PIVKA-II", "11,26;3,24", 0.1407, 0.0752),
]


@pytest.mark.parametrize(("name", "counts", "yates", "pearson"), STUDY, ids=[row[0] for row in STUDY])
def test_the_studys_counts_give_the_recomputed_ps(
    r: R, tmp_path: Path, name: str, counts: str, yates: float, pearson: float
) -> None:
    output = reproduced_by_r(r, tmp_path, "table1", "--from-counts", counts, "--columns", name)
    for row in output["rows"]:
        assert row["variable"] == name
        assert row["test"] == "chi-square test with Yates' correction"
        assert round(row["p"], 4) == round(row["chi2_yates"]["p"], 4) == yates
        assert round(row["chi2"]["p"], 4) == pearson
    assert [group["n"] for group in output["rows"][0]["groups"]] == [37, 27]


def test_the_exact_p_of_pivka_is_the_printed_one() -> None:
    row = analyse("table1", "--from-counts", "11,26;3,24")["rows"][0]
    assert round(row["fisher"]["p"], 4) == 0.1247
    assert row["difference"] == row["fisher"]["odds_ratio"]


@pytest.mark.parametrize("turned", [(), ("--groups-in", "columns")])
def test_the_printed_p_of_hepatitis_is_not_reproduced(r: R, tmp_path: Path, turned: tuple[str, ...]) -> None:
    """Printed 0.065; its counts give 0.654, whichever way they are read."""
    output = reproduced_by_r(r, tmp_path, "table1", "--from-counts", "31,24;5,3;1,0", *turned)
    row = output["rows"][0]
    assert round(row["p"], 3) == round(row["chi2"]["p"], 3) == 0.654
    assert row["chi2_yates"] is None
    assert "An expected count is 0.42" in output["warnings"][0]
    assert output["sizes"][0]["n"] == (37 if turned else 55)


def test_too_few_either_way_have_no_p(r: R, tmp_path: Path) -> None:
    output = reproduced_by_r(r, tmp_path, "table1", "--from-counts", "3,1;1,2")
    assert output["refused"] == "No test: group 1 has 4 patients with a value, fewer than 10."
    assert output["rows"][0]["p"] is None
    assert output["rows"][0]["groups"][0]["text"] == "3 (75.0%)"


def test_few_with_a_value_refuse_that_variable_only(r: R, tmp_path: Path) -> None:
    lines = "".join(f"{'ab'[i % 2]},{i},{'' if i > 17 else 'xy'[i % 3 == 0]},\n" for i in range(40))
    path = table(tmp_path, f"g,v,c,nothing\n{lines}")
    output = reproduced_by_r(r, tmp_path, "table1", path, "--group", "g", "--columns", "v,c,nothing")
    found = heads(output)
    assert output["refused"] is None
    assert found["v"]["p"] is not None
    assert found["c"]["refused"] == "No test: a has 9 patients with a value, fewer than 10."
    assert found["c"]["overall"]["missing"] == 22
    assert found["nothing"]["refused"] == "No test: nobody has a value."
    only = analyse("table1", path, "--group", "g", "--columns", "c")
    assert only["refused"] == found["c"]["refused"]


def test_one_level_or_one_group_is_said(patients: Path) -> None:
    one = analyse("table1", patients, "--group", "response", "--columns", "sex", "--where", "sex=T")
    assert one["refused"].startswith("No test: A table needs at least two rows and two columns")
    alone = analyse("table1", patients, "--group", "response", "--columns", "sex,age", "--where", "response=CR")
    assert alone["refused"].startswith("No test: only one group")
    assert alone["rows"][0]["smd"] is None
    nobody = analyse("table1", patients, "--group", "response", "--columns", "sex", "--where", "age>200")
    assert nobody["n"] == 0
    assert nobody["refused"]


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_the_figures_are_drawn(patients: Path, tmp_path: Path, ending: str) -> None:
    drawn, counts = tmp_path / f"balance.{ending}", tmp_path / f"counts.{ending}"
    analyse("table1", patients, "--group", "response", "--columns", COLUMNS, "--figure", drawn)
    analyse("table1", "--from-counts", "31,6;20,7", "--figure", counts)
    assert drawn.stat().st_size > 2000
    assert counts.stat().st_size > 2000


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("--columns", "age"), ("--group",)),
        (("--group", "response", "--columns", "weight"), ("'weight'", "id, response")),
        (("--group", "response", "--columns", "age,response"), ("'response'", "tells the groups")),
        (("--group", "response", "--columns", "grade,factor(grade)"), ("'grade'", "twice")),
        (("--group", "response", "--columns", "age,,sex"), ("empty column",)),
        (("--group", "age", "--cutoff", "optimal"), ("--cutoff optimal",)),
        (("--group", "sex", "--cutoff", "median"), ("Column sex", "row 2")),
        (("--from-counts", "1,2;3,4"), ("not both",)),
    ],
)
def test_wrong_wishes_are_one_sentence(patients: Path, arguments: tuple[str, ...], parts: tuple[str, ...]) -> None:
    sentence = refused("table1", patients, *arguments)
    assert all(part in sentence for part in parts), sentence


@pytest.mark.parametrize(
    ("counts", "part"),
    [
        ("31,6;20", "at least two rows and two columns"),
        ("31,6", "at least two rows"),
        ("31;6", "at least two rows"),
        ("31,6;20,x", "row 2: 'x'"),
        ("31,6;20,-7", "row 2: '-7'"),
        ("31,6.5;20,7", "row 1: '6.5'"),
    ],
)
def test_printed_counts_that_make_no_sense_are_named(counts: str, part: str) -> None:
    assert part in refused("table1", "--from-counts", counts)


def test_without_a_file_or_counts_there_is_no_table() -> None:
    assert "--from-counts" in refused("table1", "--group", "g")


def test_an_empty_level_of_printed_counts_has_no_test() -> None:
    output = analyse("table1", "--from-counts", "31,0;20,0")
    assert "empty" in output["refused"]


def test_a_marker_may_tell_the_groups(r: R, patients: Path, tmp_path: Path) -> None:
    output = reproduced_by_r(
        r, tmp_path, "table1", patients, "--group", "age", "--cutoff", "60", "--columns", "sex,IL-6"
    )
    assert output["names"] == ["low", "high"]
    assert output["cutoff"]["value"] == 60
