from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.canonical import plain
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.kinds.base import ParameterError, TabledKind
from analysis.kinds.registry import KINDS
from analysis.kinds.timeroc import TIMEROC
from tests.analysis.charts.drawing import colours, texts
from tests.analysis.tables.command import frame_reproduced_by_r
from tests.services.r import R

FAP, CD8 = "ihc:FAP@tumour", "blood:CD8"
COLUMNS = {FAP: {"label": "FAP", "unit": ""}, CD8: {"label": "CD8", "unit": "/µL"}}
WISH = {"endpoint": "OS", "markers": [FAP, CD8], "times": [24, 12]}


def frame(n: int = 120) -> Frame:
    random = np.random.default_rng(2)
    rows = []
    for number in range(n):
        score, cells = int(random.integers(0, 13)), float(random.normal(300, 80))
        death = random.exponential(30 * np.exp(-0.15 * score + 0.004 * (cells - 300)))
        leaving = random.exponential(40)
        follow_up = {"months": min(death, leaving), "event": bool(death <= leaving)}
        rows.append({"patient": f"P{number:03d}", FAP: score, CD8: cells} | follow_up)
    left_out = [{"patient": "P999", "reason": "no value of FAP"}]
    return Frame(rows, left_out, columns=COLUMNS, notes=["OS of some patients was imported."]).canonical()


def run(given: Frame, **parameters: Any) -> dict[str, Any]:
    wanted = WISH | parameters
    TIMEROC.check(wanted)
    return dict(plain(TIMEROC.compute(given, wanted)))


def test_it_is_registered_with_tables_for_its_page() -> None:
    assert KINDS["timeroc"] is TIMEROC
    assert isinstance(TIMEROC, TabledKind)


def test_it_reads_the_endpoint_and_requires_every_marker() -> None:
    assert TIMEROC.request(WISH) == FrameRequest(variables=(FAP, CD8), required=(FAP, CD8), endpoint="OS")


def test_the_output_of_a_cohort_counts_and_estimates_in_months() -> None:
    output = run(frame())
    assert (output["n"], output["time_unit"], output["dropped"]) == (120, "months", {"no value of FAP": 1})
    assert output["notes"] == ["OS of some patients was imported."]
    assert [row["time"] for row in output["times"]] == [12, 24, 12, 24]
    for marker in output["markers"]:
        at = {point["time"]: point["auc"] for point in marker["over_time"]}
        assert at[12] == next(
            row["auc"] for row in output["times"] if (row["marker"], row["time"]) == (marker["name"], 12)
        )
        assert list(at) == sorted(at)


def test_the_same_frame_gives_the_same_output() -> None:
    assert run(frame()) == run(frame())


def test_claims_say_what_is_told_by_when() -> None:
    claims = {claim.name: claim for claim in TIMEROC.headline(run(frame()))}
    fap = claims[f"auc_{FAP}_12"]
    assert fap.label == "AUC of FAP at 12 months"
    assert fap.verdict == "FAP tells who has the event by then"
    assert claims[f"auc_{CD8}_24"].verdict == "CD8 tells, the other way round, who has the event by then"
    assert claims[f"difference_{FAP}_{CD8}_12"].verdict == "the areas of FAP and CD8 differ"
    turned = {claim.name: claim for claim in TIMEROC.headline(run(frame(), direction="auto"))}
    assert turned[f"auc_{CD8}_24"].label == "AUC of CD8 (lower = event) at 24 months"


def test_too_few_are_refused_in_claims_tables_and_figures() -> None:
    output = run(Frame(frame().rows[:8], columns=COLUMNS))
    assert output["refused"].startswith("No AUC at 12: ")
    assert {claim.verdict for claim in TIMEROC.headline(output)[2:]} == {"no AUC", "no test"}
    assert TIMEROC.figures(output) == []
    areas, differences = TIMEROC.tables(output)
    assert areas.rows[0][2].startswith("No AUC at 12")
    assert differences.rows[0][2].startswith("No test")
    assert run(Frame([], columns=COLUMNS))["refused"] == "Nobody has all the facts that this analysis needs."


def test_a_category_has_no_area() -> None:
    rows = [row | {FAP: "high" if row[FAP] > 6 else "low"} for row in frame().rows]
    output = run(Frame(rows, columns=COLUMNS))
    assert output["markers"][0]["refused"] == "No AUC: the marker is not a number."
    assert output["refused"] is None


def test_the_tables_have_a_cell_for_every_column() -> None:
    tables = TIMEROC.tables(run(frame()))
    assert [table.name for table in tables] == ["areas", "differences", "censoring"]
    assert all(len(row) == len(table.columns) for table in tables for row in table.rows)
    assert "inverse probability of censoring" in tables[0].notes[0]


def test_both_figures_are_drawn_without_colours(capfd: pytest.CaptureFixture[str]) -> None:
    curves, areas = TIMEROC.figures(run(frame(), direction="auto"))
    assert list(colours(curves.spec)) == list(colours(areas.spec)) == []
    said = texts(curves.spec, capfd)
    assert "OS: cases by 12 months" in said
    assert any(text.startswith("CD8 (lower = event): AUC 0.") for text in said)
    drawn = texts(areas.spec, capfd)
    assert {"Months", "AUC (pointwise 95 % CI)", "FAP"} <= set(drawn)


def test_one_marker_has_its_times_in_one_square(capfd: pytest.CaptureFixture[str]) -> None:
    curves, _areas = TIMEROC.figures(run(frame(), markers=[FAP]))
    said = texts(curves.spec, capfd)
    assert "OS: FAP" in said
    assert any(text.startswith("24 months: AUC 0.") for text in said)


def test_r_reads_the_rows_of_a_cohort_too(r: R, tmp_path: Path) -> None:
    given, output = frame(), run(frame())
    frame_reproduced_by_r(r, tmp_path, TIMEROC, given, WISH, output)


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"endpoint": None}, "endpoint"),
        ({"markers": []}, "markers"),
        ({"markers": [FAP, FAP]}, "markers"),
        ({"times": []}, "times"),
        ({"times": [0]}, "times"),
        ({"times": [12, True]}, "times"),
        ({"times": [12, 12]}, "times"),
        ({"times": "12"}, "times"),
        ({"direction": "up"}, "direction"),
        ({"cutoff": 3}, "cutoff"),
    ],
)
def test_parameters_that_make_no_sense_are_named(parameters: dict[str, Any], name: str) -> None:
    with pytest.raises(ParameterError) as caught:
        TIMEROC.check(WISH | parameters)
    assert caught.value.name == name
