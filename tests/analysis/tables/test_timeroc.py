"""`analyse timeroc` on tables made here, against R where R is installed, and its refusals."""

from pathlib import Path

import numpy as np
import pytest

from analysis.charts import time_roc as chart
from tests.analysis.tables.command import analyse, refused, reproduced_by_r, table
from tests.services.r import R


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    """Ties in time and marker; status 0 censored, 1 transplanted, 2 dead; a marker that protects, blanks, text."""
    random = np.random.default_rng(8)
    lines = ["id,months,status,dead,FAP,albumin,same,site"]
    for i in range(160):
        fap, albumin = random.integers(0, 13), random.normal(40, 5)
        time = random.exponential(40 * np.exp(-0.12 * fap + 0.05 * (albumin - 40)))
        leaving = random.exponential(50)
        status = (2 if i % 6 else 1) if time <= leaving else 0
        months = "" if i == 11 else f"{min(time, leaving):.0f}"
        marker = "" if i == 7 else str(fap)
        lines.append(f"{i},{months},{status},{int(status == 2)},{marker},{albumin:.1f},1,Berlin")
    return table(tmp_path, "\n".join(lines) + "\n")


DEATH = ("--time", "months", "--event", "status", "--event-value", "2")


@pytest.mark.parametrize("competing", [(), ("--competing", "1")])
@pytest.mark.parametrize("direction", ["<", ">", "auto"])
def test_r_gives_the_same_areas_errors_and_differences(
    r: R, patients: Path, tmp_path: Path, competing: tuple[str, ...], direction: str
) -> None:
    wish = ("--marker", "FAP,albumin", "--times", "24,6,12", "--direction", direction)
    output = reproduced_by_r(r, tmp_path, "timeroc", patients, *DEATH, *wish, *competing)
    assert output["refused"] is None
    assert output["dropped"] == {"no value of FAP": 1, "no value of months": 1}
    assert [(row["marker"], row["time"]) for row in output["times"]] == [
        (marker, time) for marker in ("FAP", "albumin") for time in (6, 12, 24)
    ]
    assert [pair["time"] for pair in output["comparisons"]] == [6, 12, 24]
    found = [marker["direction"] for marker in output["markers"]]
    assert found == (["<", ">"] if direction == "auto" else [direction] * 2)


def test_everybody_is_a_case_a_control_or_censored(patients: Path) -> None:
    output = analyse("timeroc", patients, *DEATH, "--marker", "FAP", "--times", "6,12", "--competing", "1")
    for row in output["times"]:
        assert row["n_cases"] + row["n_controls"] + row["n_competing"] + row["n_censored"] == output["n"] == 158
        assert row["low"] < row["auc"] < row["high"]
        assert row["p"] < 0.05
    assert output["times"][1]["n_competing"] > 0


def test_competing_events_are_controls_and_the_output_says_so(patients: Path) -> None:
    wish = ("--marker", "FAP", "--times", "12")
    plain = analyse("timeroc", patients, *DEATH, *wish)
    competing = analyse("timeroc", patients, *DEATH, *wish, "--competing", "1")
    assert (plain["notes"], plain["n_competing"]) == ([], None)
    assert "counts as a control" in competing["notes"][0]
    assert competing["times"][0]["auc"] != plain["times"][0]["auc"]
    assert competing["times"][0]["auc"] != competing["times"][0]["auc_event_free"]


def test_the_area_under_the_drawn_curve_is_the_area(patients: Path) -> None:
    output = analyse("timeroc", patients, *DEATH, "--marker", "FAP", "--times", "12", "--competing", "1")
    [row] = output["times"]
    drawn = np.trapezoid(row["curve"]["sensitivity"], row["curve"]["false_positive"])
    assert drawn == pytest.approx(row["auc"])


def test_beside_a_competing_value_the_event_is_1_unless_named(patients: Path) -> None:
    wish = ("--marker", "FAP", "--times", "12", "--competing", "2", "--time", "months", "--event", "status")
    output = analyse("timeroc", patients, *wish)
    assert output["n_competing"] > output["events"] > 0


def test_a_marker_turned_over_has_its_area_on_the_other_side(patients: Path) -> None:
    wish = (*DEATH, "--marker", "albumin", "--times", "12")
    up, down = (analyse("timeroc", patients, *wish, "--direction", side)["times"][0] for side in "<>")
    assert up["auc"] + down["auc"] == pytest.approx(1)
    assert up["se"] == pytest.approx(down["se"])
    assert down["curve"]["threshold"][0] == "-Inf"
    assert any("below 0.5" in said for said in analyse("timeroc", patients, *wish)["warnings"])


def test_censoring_that_depends_on_the_marker_is_found(patients: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    lines = ["t,e,x"]
    for _ in range(150):
        x = random.normal()
        time, leaving = random.exponential(10), random.exponential(10 * np.exp(-x))
        lines.append(f"{min(time, leaving):.2f},{int(time <= leaving)},{x:.3f}")
    follow_up = ("--time", "t", "--event", "e", "--marker", "x", "--times", "5")
    output = analyse("timeroc", table(tmp_path, "\n".join(lines), "leaving.csv"), *follow_up)
    assert output["markers"][0]["censoring"]["p"] < 0.05
    assert "censoring depends on it" in output["warnings"][0]
    assert analyse("timeroc", patients, *DEATH, "--marker", "FAP", "--times", "12")["markers"][0]["censoring"]


def test_a_time_with_too_few_cases_or_controls_is_refused_and_the_others_are_not(
    r: R, patients: Path, tmp_path: Path
) -> None:
    wish = ("--marker", "FAP,albumin", "--times", "0.5,12,10000")
    output = reproduced_by_r(r, tmp_path, "timeroc", patients, *DEATH, *wish)
    early, middle, late = output["times"][:3]
    assert early["refused"].startswith("No AUC at 0.5: ")
    assert early["auc"] is early["se"] is early["p"] is None
    assert early["n_controls"] > 100
    assert middle["refused"] is None
    assert "0 controls" in late["refused"]
    assert [pair["p"] is None for pair in output["comparisons"]] == [True, False, True]
    assert output["refused"] is None
    assert len([said for said in output["warnings"] if "No AUC at" in said]) == 4


def test_without_any_time_that_can_be_answered_the_whole_is_refused(r: R, patients: Path, tmp_path: Path) -> None:
    wish = ("--marker", "FAP", "--times", "12", "--where", "id<9")
    output = reproduced_by_r(r, tmp_path, "timeroc", patients, *DEATH, *wish)
    assert output["refused"].startswith("No AUC at 12: ")
    assert (output["n"], output["warnings"]) == (8, [])
    same = analyse("timeroc", patients, *DEATH, "--marker", "same", "--times", "12")
    assert same["refused"] == "No AUC: everybody has the same value."


@pytest.mark.parametrize("markers", ["FAP", "FAP,albumin"])
def test_the_figure_is_drawn(patients: Path, tmp_path: Path, markers: str) -> None:
    for ending in ("svg", "pdf"):
        drawn = tmp_path / f"curves.{ending}"
        analyse("timeroc", patients, *DEATH, "--marker", markers, "--times", "6,12", "--figure", drawn)
        assert drawn.stat().st_size > 2000


def test_each_square_draws_its_own_time(patients: Path) -> None:
    spec = chart.chart(analyse("timeroc", patients, *DEATH, "--marker", "FAP,albumin", "--times", "6,12"))
    names = [layer["name"] for square in spec["concat"] for layer in square["layer"]]
    assert len(names) == len(set(names)) == 4
    assert [square["title"] for square in spec["concat"]] == ["months: cases by 6", "months: cases by 12"]


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ((*DEATH, "--marker", "site", "--times", "12"), ("Column site", "row 2", "'Berlin'")),
        ((*DEATH, "--marker", "x", "--times", "12"), ("no column 'x'",)),
        ((*DEATH, "--marker", "FAP,FAP", "--times", "12"), ("'FAP'", "twice")),
        ((*DEATH, "--marker", "FAP", "--times", "0,12"), ("--times", "above zero")),
        ((*DEATH, "--marker", "FAP", "--times", "12,12"), ("--times", "once")),
        ((*DEATH, "--marker", "FAP", "--times", "inf"), ("--times", "above zero")),
        ((*DEATH, "--marker", "FAP", "--times", "a year"), ("--times 'a year'",)),
        ((*DEATH, "--marker", "FAP"), ("--times",)),
        ((*DEATH, "--times", "12"), ("--marker",)),
        ((*DEATH, "--marker", "FAP", "--times", "12", "--competing", "7"), ("Column status", "'7'")),
        ((*DEATH, "--marker", "FAP", "--times", "12", "--competing", "2"), ("--competing '2'", "the event")),
        (("--time", "months", "--event", "status", "--marker", "FAP", "--times", "9"), ("Column status", "'2'")),
        (("--marker", "FAP", "--times", "12", "--event", "dead"), ("--time",)),
    ],
)
def test_wrong_input_is_one_sentence_that_names_the_place(
    patients: Path, options: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    sentence = refused("timeroc", patients, *options)
    for part in parts:
        assert part in sentence
    assert "\n" not in sentence


def test_a_marker_with_the_name_of_follow_up_does_not_become_it(tmp_path: Path) -> None:
    path = table(tmp_path, "t,e,event\n1,0,7\n2,1,8\n")
    sentence = refused("timeroc", path, "--time", "t", "--event", "e", "--marker", "event", "--times", "1")
    assert "Column event" in sentence
