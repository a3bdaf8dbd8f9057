from pathlib import Path
from typing import Any

import pytest

from analysis.canonical import plain
from analysis.frames.frame import Frame
from analysis.headline.claims import compare
from analysis.kinds.base import ParameterError
from analysis.kinds.survival import SURVIVAL
from tests.analysis.tables.command import frame_reproduced_by_r
from tests.services.r import R

MARKER = "ihc:FAP@tumour"


def frame(rows: list[tuple[float, bool, Any]], **constants: Any) -> Frame:
    listed = [
        {"patient": f"P{number:03d}", "months": months, "event": event, MARKER: value}
        for number, (months, event, value) in enumerate(rows)
    ]
    return Frame(listed, columns={MARKER: {"label": "FAP", "unit": ""}}, constants=constants)


def two_groups(n: int = 12) -> Frame:
    early = [(5.0 + i, True, 9) for i in range(n)]
    late = [(25.0 + i, i % 2 == 0, 2) for i in range(n)]
    return frame(early + late)


def run(given: Frame, **parameters: Any) -> dict[str, Any]:
    wanted = {"endpoint": "PFS", "marker": MARKER} | parameters
    SURVIVAL.check(wanted)
    return dict(plain(SURVIVAL.compute(given, wanted)))


def test_high_means_above_the_cutoff_not_at_it() -> None:
    output = run(frame([(float(i), True, value) for i, value in enumerate([1, 2, 3, 4, 4, 4, 6, 9] * 4, 1)]), cutoff=4)
    assert {group["name"]: group["n"] for group in output["groups"]} == {"low": 24, "high": 8}


def test_the_median_split_of_tied_scores_puts_the_ties_below() -> None:
    output = run(frame([(float(i), True, value) for i, value in enumerate([4] * 15 + [9] * 10, 1)]))
    assert output["cutoff"]["value"] == 4
    assert output["cutoff"]["status"] == "exploratory"
    assert {group["name"]: group["n"] for group in output["groups"]} == {"low": 15, "high": 10}


def test_a_registered_cutoff_is_looked_up_and_refused_when_none_is_declared() -> None:
    declared = two_groups()
    with_cutoff = Frame(
        declared.rows, columns=declared.columns, constants={"cutoffs": {f"{MARKER}/registered": {"value": 6.0}}}
    )
    assert run(with_cutoff, cutoff="registered")["cutoff"] == {
        "value": 6.0,
        "operator": ">",
        "method": "registered",
        "status": "registered",
        "p_corrected": None,
    }
    refused = run(declared, cutoff="registered")
    assert "No registered cutoff" in refused["refused"]
    assert refused["logrank"] is None


def test_too_few_patients_or_events_refuse_the_test_in_words_and_in_the_headline() -> None:
    output = run(two_groups(9), cutoff=6)
    assert output["refused"] == "No test: low has 9 patients, fewer than 10."
    claims = {claim.name: claim for claim in SURVIVAL.headline(output)}
    assert claims["logrank_p"].value is None
    assert claims["logrank_p"].verdict == "no test"


def test_nobody_with_all_facts_is_an_answer_and_no_error() -> None:
    output = run(frame([]))
    assert output["n"] == 0
    assert output["refused"]
    assert SURVIVAL.figures(output) == []


def test_one_group_only_is_said() -> None:
    assert run(two_groups(), cutoff=100)["refused"].startswith("Only one group")


def test_without_marker_or_group_it_is_the_survival_of_all_patients() -> None:
    given = Frame([{name: row[name] for name in ("patient", "months", "event")} for row in two_groups().rows])
    wanted = {"endpoint": "PFS"}
    SURVIVAL.check(wanted)
    assert SURVIVAL.request(wanted).variables == ()
    output = dict(plain(SURVIVAL.compute(given, wanted)))
    assert output["refused"] is None
    [group] = output["groups"]
    assert (group["name"], group["n"], group["median"]) == ("all patients", 24, 20.5)
    assert [claim.name for claim in SURVIVAL.headline(output)] == ["n", "events", "median_all patients"]
    assert [figure.title for figure in SURVIVAL.figures(output)] == ["PFS of all patients"]


def test_medians_and_hazard_ratio_name_their_groups() -> None:
    output = run(two_groups(), cutoff=6)
    medians = {group["name"]: group["median"] for group in output["groups"]}
    assert medians == {"low": pytest.approx(33.0), "high": pytest.approx(10.5)}
    assert (output["hr"] or output["warnings"]) is not None
    names = [figure.name for figure in SURVIVAL.figures(output)]
    assert names == ["km", "distribution"]


def test_the_risk_table_adds_up_at_every_tick() -> None:
    output = run(two_groups(), cutoff=6)
    for row in output["risk_table"]["rows"]:
        total = next(group["n"] for group in output["groups"] if group["name"] == row["name"])
        assert row["n_risk"][0] == total
        assert all(a >= b for a, b in zip(row["n_risk"], row["n_risk"][1:], strict=False))
        assert row["events"][-1] + row["censored"][-1] == total


def test_categories_are_compared_by_their_labels() -> None:
    rows = [(float(i), True, "0" if i % 2 else "1") for i in range(1, 41)]
    given = frame(rows)
    named = Frame(
        given.rows, columns={MARKER: {"label": "Capsule", "unit": "", "levels": {"0": "absent", "1": "present"}}}
    )
    wanted = {"endpoint": "OS", "group": MARKER}
    SURVIVAL.check(wanted)
    output = SURVIVAL.compute(named, wanted)
    assert [group["name"] for group in output["groups"]] == ["absent", "present"]
    assert output["logrank"]["df"] == 1


@pytest.mark.parametrize("extra", [{}, {"landmark": 4}])
def test_r_gives_the_same_numbers_for_a_group_of_yes_and_no(r: R, tmp_path: Path, extra: dict[str, Any]) -> None:
    given = frame([(float(i), i % 3 > 0, i % 2 == 0) for i in range(1, 61)])
    frame_reproduced_by_r(r, tmp_path, SURVIVAL, given.canonical(), {"endpoint": "OS", "group": MARKER} | extra)


def test_from_a_landmark_only_those_at_risk_then_are_split() -> None:
    output = run(two_groups(), cutoff=6, landmark=10)
    assert output["endpoint"] == "PFS from 10 months"
    assert {group["name"]: group["n"] for group in output["groups"]} == {"low": 12, "high": 6}
    assert output["dropped"] == {"event by the landmark of 10 months": 6}


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"marker": MARKER}, "endpoint"),
        ({"endpoint": "OS", "marker": MARKER, "group": MARKER}, "marker"),
        ({"endpoint": "OS", "marker": MARKER, "cutoff": "best"}, "cutoff"),
        ({"endpoint": "OS", "marker": MARKER, "cutoff": float("inf")}, "cutoff"),
        ({"endpoint": "OS", "group": MARKER, "cutoff": 4}, "cutoff"),
        ({"endpoint": "OS", "cutoff": 4}, "cutoff"),
        ({"endpoint": "OS", "landmark": 0}, "landmark"),
        ({"endpoint": "OS", "marker": MARKER, "colour": "red"}, "colour"),
    ],
)
def test_parameters_that_make_no_sense_are_named(parameters: dict[str, Any], name: str) -> None:
    with pytest.raises(ParameterError) as caught:
        SURVIVAL.check(parameters)
    assert caught.value.name == name


def test_a_verdict_that_turns_is_a_flip_and_a_moved_number_is_not() -> None:
    before = [claim.as_json() for claim in SURVIVAL.headline(run(two_groups(), cutoff=6))]
    rows = [(5.0 + i % 12, True, 9 if i % 2 else 2) for i in range(24)]
    after = [claim.as_json() for claim in SURVIVAL.headline(run(frame(rows), cutoff=6))]
    moved = {claim.name: claim for claim in compare(before, after)}
    assert moved["logrank_p"].is_flip
    assert moved["median_low"].is_moved
    assert not moved["median_low"].is_flip
