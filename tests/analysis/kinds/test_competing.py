from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.canonical import plain
from analysis.charts import cumulative_incidence
from analysis.frames.building import build_frame
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.kinds.base import ParameterError
from analysis.kinds.competing import COMPETING_RISKS
from registry.clinical.services import follow_up_add, outcome_event_add
from registry.cohorts.models import Cohort
from registry.cohorts.services import endpoint_set
from tests.analysis.charts.drawing import colours, texts
from tests.analysis.tables.command import frame_reproduced_by_r
from tests.registry.fixtures import BY, RESECTED, enrol
from tests.services.r import R

CAPSULE, AGE = "extra:capsule", "baseline:age"
COLUMNS: dict[str, dict[str, Any]] = {
    AGE: {"label": "age (years)", "unit": ""},
    CAPSULE: {"label": "Capsule", "unit": "", "levels": {"0": "absent", "1": "present"}},
}


def cohort(n: int = 160) -> Frame:
    random = np.random.default_rng(4)
    rows = []
    for i in range(n):
        end = int(random.choice(3, p=[0.1, 0.7, 0.2] if i % 2 else [0.4, 0.3, 0.3]))
        rows.append(
            {
                "patient": f"P{i:03d}",
                "months": float(random.exponential(40 - 20 * (i % 2))),
                "event": end == 1,
                "competing": end == 2,
                AGE: float(random.integers(30, 80)),
                CAPSULE: str(i % 2),
            }
        )
    return Frame(rows, columns=COLUMNS)


def run(frame: Frame, **parameters: Any) -> dict[str, Any]:
    wanted = {"endpoint": "TTR", "competing": "OS"} | parameters
    COMPETING_RISKS.check(wanted)
    return dict(plain(COMPETING_RISKS.compute(frame, wanted)))


def test_groups_are_named_by_the_levels_of_their_column() -> None:
    output = run(cohort(), group=CAPSULE, times=[12, 24])
    assert [(group["name"], group["level"]) for group in output["groups"]] == [("absent", "0"), ("present", "1")]
    assert output["gray"]["df"] == 1


def test_the_claims_are_the_test_the_incidences_and_the_ratios() -> None:
    output = run(cohort(), group=CAPSULE, covariates=[AGE, CAPSULE], times=[12])
    claims = {claim.name: claim for claim in COMPETING_RISKS.headline(output)}
    assert claims["gray_p"].value == output["gray"]["p"]
    assert claims["gray_p"].verdict == "Capsule splits the incidence of TTR"
    assert claims["cif_present_12"].label == "Incidence of TTR by 12 months, present"
    assert claims["cif_present_12"].value == output["groups"][1]["at"][0]["cif"]
    assert claims[f"shr_{CAPSULE}1"].verdict == "Capsule: present against absent: higher incidence"
    assert claims[f"cshr_{CAPSULE}1"].verdict == "Capsule: present against absent: higher hazard"


def test_tables_and_figures_show_both_events() -> None:
    output = run(cohort(), group=CAPSULE, covariates=[AGE], times=[12])
    assert [table.name for table in COMPETING_RISKS.tables(output)] == [
        "groups",
        "times",
        "tests",
        "fine_gray",
        "cause_specific",
        "fine_gray_competing",
        "cause_specific_competing",
    ]
    assert [figure.name for figure in COMPETING_RISKS.figures(output)] == ["incidence", "fine_gray", "cause_specific"]


def test_the_picture_has_both_events_and_no_colours(capfd: pytest.CaptureFixture[str]) -> None:
    spec = cumulative_incidence.chart(run(cohort(), group=CAPSULE))
    drawn = texts(spec, capfd)
    assert "Incidence of TTR" in drawn
    assert "Competing: OS" in drawn
    assert "At risk; events / competing / censored so far" in drawn
    assert sum(text.startswith("present: n 80") for text in drawn) == 1
    assert list(colours(spec)) == []


def test_the_risk_table_adds_up_at_its_last_tick() -> None:
    output = run(cohort(), group=CAPSULE)
    for row in output["risk_table"]["rows"]:
        assert row["events"][-1] + row["competing"][-1] + row["censored"][-1] == 80


def test_r_gives_the_same_numbers_from_the_rows_of_a_cohort(r: R, tmp_path: Path) -> None:
    wanted = {"endpoint": "TTR", "competing": "OS", "group": CAPSULE, "covariates": [AGE, CAPSULE], "times": [6, 24]}
    frame_reproduced_by_r(r, tmp_path, COMPETING_RISKS, cohort().canonical(), wanted)


def test_few_patients_leave_no_test() -> None:
    output = run(cohort(16), group=CAPSULE)
    assert output["refused"] == "No test: absent has 8 patients, fewer than 10."
    claims = {claim.name: claim for claim in COMPETING_RISKS.headline(output)}
    assert claims["gray_p"].verdict == "no test"


def test_nobody_with_all_facts_is_an_answer() -> None:
    output = run(Frame([], columns=COLUMNS), group=CAPSULE)
    assert output["refused"]
    assert COMPETING_RISKS.figures(output) == []
    assert COMPETING_RISKS.tables(output) == []


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"competing": "OS"}, "endpoint"),
        ({"endpoint": "TTR"}, "competing"),
        ({"endpoint": "OS", "competing": "OS"}, "competing"),
        ({"endpoint": "TTR", "competing": "OS", "group": 3}, "group"),
        ({"endpoint": "TTR", "competing": "OS", "times": [-1]}, "times"),
        ({"endpoint": "TTR", "competing": "OS", "categories": [AGE]}, "categories"),
        ({"endpoint": "TTR", "competing": "OS", "marker": AGE}, "marker"),
    ],
)
def test_parameters_that_make_no_sense_are_named(parameters: dict[str, Any], name: str) -> None:
    with pytest.raises(ParameterError) as caught:
        COMPETING_RISKS.check(parameters)
    assert caught.value.name == name


def test_a_death_before_a_recurrence_competes_and_one_after_it_does_not(a_cohort: Cohort) -> None:
    endpoint_set(cohort=a_cohort, code="TTR", name="Time to recurrence", event_kinds=["recurrence"], by=BY)
    ends = {"A": {"recurrence": 100, "death": 200}, "B": {"death": 150}, "C": {}, "D": {"recurrence": 90, "death": 90}}
    for name, events in ends.items():
        patient = enrol(a_cohort, name).patient
        follow_up_add(patient=patient, day=RESECTED + timedelta(days=60), by=BY)
        for kind, days in events.items():
            outcome_event_add(patient=patient, kind=kind, day=RESECTED + timedelta(days=days), by=BY)
    frame = build_frame(a_cohort, FrameRequest(endpoint="TTR", competing="OS"), "default").frame
    found = {row["patient"]: (round(row["months"] * 30.4375), row["event"], row["competing"]) for row in frame.rows}
    assert found == {"A": (100, True, False), "B": (150, False, True), "C": (60, False, False), "D": (90, True, False)}
