"""The wet-lab triangle on hand-made frames, and on a small cohort through the database."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.canonical import plain
from analysis.engine.execution import run_stale
from analysis.engine.services import analysis_define
from analysis.frames.frame import Frame
from analysis.kinds.base import ParameterError
from analysis.kinds.registry import KINDS
from analysis.kinds.wet_lab import WET_LAB
from analysis.stats.rank_tests import signed_rank
from labs.markers.services import marker_set
from labs.specimens.services import specimen_create
from labs.wetlab.services import blot_correct, blot_record, fold_change_record
from registry.cohorts.models import Cohort
from tests.registry.fixtures import BY, RESECTED, enrol

UNITS = {"ihc": "score", "blot": "ratio", "qpcr": "fold"}
COLUMNS = {
    f"{method}:FAP@{tissue}": {"label": "FAP", "unit": unit}
    for method, unit in UNITS.items()
    for tissue in ("tumour", "normal")
}


def cells(method: str, tumour: float | None, normal: float | None, change: float | None) -> dict[str, Any]:
    alone = "no adjacent normal tissue with a value" if normal is None else "no tumour tissue with a value"
    return {
        f"{method}:FAP@tumour": tumour,
        f"{method}:FAP@normal": normal,
        f"{method}:FAP@tumour.specimen": None if tumour is None else "T",
        f"{method}:FAP@normal.specimen": None if normal is None else "N",
        f"{method}:FAP.change": change,
        f"{method}:FAP.unmatched": alone if tumour is None or normal is None else "",
        f"{method}:FAP.source": "",
    }


def frame(*rows: dict[str, Any]) -> Frame:
    return Frame([{"patient": f"P{number:02d}"} | row for number, row in enumerate(rows)], columns=COLUMNS)


def run(given_frame: Frame) -> dict[str, Any]:
    WET_LAB.check({"marker": "FAP"})
    return dict(plain(WET_LAB.compute(given_frame, {"marker": "FAP"})))


def method(output: dict[str, Any], code: str) -> dict[str, Any]:
    return next(found for found in output["methods"] if found["code"] == code)


def test_the_kind_is_on_the_list() -> None:
    assert KINDS["wet_lab"] is WET_LAB


def test_directions_agree_disagree_or_are_unknown() -> None:
    output = run(
        frame(
            cells("ihc", 8, 2, 6) | cells("blot", 2.0, 1.0, 1.0) | cells("qpcr", 4.0, 1.0, 2.0),
            cells("ihc", 3, 3, 0) | cells("qpcr", 2.0, 1.0, 1.0),
            cells("qpcr", 0.5, 1.0, -1.0),
            cells("ihc", 6, None, None),
        )
    )
    assert [(row["patient"], row["verdict"]) for row in output["directions"]] == [
        ("P00", "agree"),
        ("P01", "disagree"),
        ("P02", "unknown"),
    ]
    agreement = output["agreement"]
    assert (agreement["agree"], agreement["disagree"], agreement["unknown"]) == (1, 1, 1)
    assert (agreement["value"], agreement["known"]) == (0.5, 2)
    assert 0 < agreement["low"] < 0.5 < agreement["high"] < 1
    assert (method(output, "qpcr")["n_higher"], method(output, "qpcr")["n_lower"]) == (2, 1)
    assert method(output, "ihc")["unmatched"] == [
        {
            "patient": "P03",
            "specimen": "T",
            "tissue": "tumour",
            "value": 6,
            "reason": "no adjacent normal tissue with a value",
        }
    ]
    assert (output["n"], output["n_measured"]) == (3, 4)


def test_fold_changes_are_tested_as_logarithms_and_told_as_folds() -> None:
    changes = [1.0, 2.0, 3.0, 0.5, 1.5]
    output = run(frame(*(cells("qpcr", 2**change, 1.0, change) for change in changes)))
    test = method(output, "qpcr")["test"]
    assert test["p"] == signed_rank(changes, [0.0] * 5).p
    assert test["difference"] == 1.5
    assert test["effect"]["value"] == pytest.approx(2**1.5)
    assert "5 pairs are too few" in test["why"]
    claims = {claim.name: claim for claim in WET_LAB.headline(output)}
    assert claims["qpcr_p"].verdict == "too few pairs to tell by qPCR"
    assert claims["change_qpcr"].unit == "×"
    assert claims["blot_p"].verdict == "no test by Western blot"


def test_enough_normal_pairs_have_the_t_test_with_its_interval() -> None:
    changes = [3.0, 4.1, 5.2, 6.0, 6.6, 7.1, 7.8, 8.2, 9.4, 10.5]
    output = run(frame(*(cells("ihc", 2 + change, 2.0, change) for change in changes)))
    test = method(output, "ihc")["test"]
    assert test["test"] == "paired t test"
    assert test["effect"]["low"] < test["effect"]["value"] < test["effect"]["high"]
    claims = {claim.name: claim for claim in WET_LAB.headline(output)}
    assert claims["ihc_p"].verdict == "higher in tumour by IHC"


def test_without_pairs_scores_of_different_patients_are_compared_and_ratios_are_not() -> None:
    tumours = [cells("ihc", 6 + n, None, None) | cells("blot", 2.0 + n, None, None) for n in range(5)]
    normals = [cells("ihc", None, n, None) | cells("blot", None, 1.0 + n, None) for n in range(5)]
    output = run(frame(*tumours, *normals))
    test = method(output, "ihc")["test"]
    assert (test["is_paired"], test["n_x"], test["n_y"]) == (False, 5, 5)
    assert method(output, "blot")["refused"] == (
        "No test: no patient has both tissues, and ratios of different gels are not compared."
    )
    assert method(output, "qpcr")["refused"].startswith("No test: no patient has both tissues")
    assert output["n"] == 0
    assert output["agreement"]["value"] is None
    assert WET_LAB.figures(output) == []


def test_a_pair_with_a_band_of_nought_counts_for_the_direction_only() -> None:
    output = run(frame(cells("blot", 2.0, 0.0, None), cells("blot", 2.0, 1.0, 1.0), cells("blot", 4.0, 1.0, 2.0)))
    found = method(output, "blot")
    assert (found["n"], found["n_higher"], found["without_logarithm"], found["test"]["n_x"]) == (3, 3, 1, 2)
    (figure,) = WET_LAB.figures(output)
    assert len(figure.spec["data"]["values"]) == 4


def test_a_patient_whose_tissues_have_no_value_yet_is_listed_with_the_reason() -> None:
    waiting = cells("ihc", None, None, None) | {"ihc:FAP.unmatched": "tumour waiting for round R2"}
    output = run(frame(waiting, cells("ihc", 6, 2, 4)))
    (item,) = method(output, "ihc")["unmatched"]
    assert (item["patient"], item["value"], item["reason"]) == ("P00", None, "tumour waiting for round R2")


def test_pairs_that_do_not_differ_are_refused_in_words() -> None:
    output = run(frame(cells("ihc", 3, 3, 0), cells("ihc", 4, 4, 0)))
    assert method(output, "ihc")["refused"] == "No test: No pair differs, so there is nothing to rank."


def test_changes_are_correlated_from_five_patients_and_get_a_p_from_ten() -> None:
    rows = [cells("ihc", n, 0, n) | cells("qpcr", 2.0**n, 1.0, n + (n % 3)) for n in range(1, 13)]
    few, enough = run(frame(*rows[:6])), run(frame(*rows))
    by_name = {(found["a"], found["b"]): found for found in few["correlations"]}
    assert by_name["IHC", "Western blot"]["refused"] == "0 patients have pairs by both, fewer than 5."
    found = by_name["IHC", "qPCR"]
    assert (found["n"], found["p"], found["refused"]) == (6, None, "No p: 6 patients, fewer than 10.")
    assert found["low"] < found["rho"] < found["high"]
    assert next(one for one in enough["correlations"] if one["n"])["p"] < 0.05


@pytest.mark.parametrize(
    ("parameters", "name"),
    [({}, "marker"), ({"marker": 3}, "marker"), ({"marker": "F A P"}, "marker"), ({"marker": "FAP@tumour"}, "marker")],
)
def test_parameters_that_make_no_sense_are_named(parameters: dict[str, Any], name: str) -> None:
    with pytest.raises(ParameterError) as caught:
        WET_LAB.check(parameters)
    assert caught.value.name == name
    with pytest.raises(ParameterError):
        WET_LAB.check({"marker": "FAP", "cutoff": 3})


SIDES = st.tuples(st.none() | st.integers(0, 12), st.none() | st.integers(0, 12))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(SIDES.filter(lambda pair: pair != (None, None)), max_size=25))
def test_every_tissue_is_in_a_pair_or_listed_and_the_ways_add_up(rows: list[tuple[int | None, int | None]]) -> None:
    made = [cells("ihc", t, n, t - n if t is not None and n is not None else None) for t, n in rows]
    output = run(frame(*made))
    found = method(output, "ihc")
    assert found["n_higher"] + found["n_lower"] + found["n_equal"] == found["n"] == len(found["pairs"])
    assert 2 * found["n"] + len(found["unmatched"]) == sum(side is not None for row in rows for side in row)
    assert (found["test"] is None) == (found["refused"] is not None)
    assert found["test"] is None or found["test"]["why"]
    again = run(frame(*reversed(made)))
    assert method(again, "ihc")["test"] == found["test"]


@pytest.mark.django_db
def test_a_correction_of_a_ratio_turns_a_direction(a_cohort: Cohort) -> None:
    fap = marker_set(code="FAP", name="FAP", scale="score", by=BY)
    blots = []
    for number in range(3):
        patient = enrol(a_cohort, f"W-{number}").patient
        tumour, normal = (
            specimen_create(patient=patient, code=f"{kind[0]}-{number}", kind=kind, collected=RESECTED, by=BY)
            for kind in ("tumour", "normal")
        )
        for specimen, ratio in ((tumour, 2.0 + number), (normal, 1.0)):
            blots.append(
                blot_record(specimen=specimen, marker=fap, gel="G1", loading_control="ACTB", ratio=ratio, by=BY)
            )
        fold_change_record(specimen=tumour, marker=fap, fold=3.0, calibrator=normal, by=BY)
    enrol(a_cohort, "W-9")
    analysis = analysis_define(
        cohort=a_cohort, slug="fap", title="FAP", kind="wet_lab", parameters={"marker": "FAP"}, by=BY
    )
    assert run_stale("test") == 1
    analysis.refresh_from_db()
    assert analysis.current is not None
    output = analysis.current.output_values
    assert (output["agreement"]["agree"], output["agreement"]["known"]) == (3, 3)
    assert output["dropped"] == {"no tissue with a value of FAP": 1}
    blot_correct(blot=blots[0], ratio=0.5, by=BY, reason="lanes were swapped")
    assert run_stale("test") == 1
    analysis.refresh_from_db()
    assert analysis.current.output_values["agreement"]["disagree"] == 1
    assert analysis.movements.latest("id").is_flip
