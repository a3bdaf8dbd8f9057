"""Every printed margin of the ICI cohort, on the loaded database."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu, ttest_ind

from analysis.cutoffs.models import Cutoff
from analysis.frames.building import build_frame
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.stats.roc import roc, youden
from labs.blood.models import BloodResult
from labs.blood.selectors import explain_baseline_blood
from registry.clinical.models import Assessment, Baseline, Treatment
from registry.cohorts.models import Cohort

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]  # tests/flows loads the demo on PostgreSQL

BASELINE = ("age", "child_pugh", "bclc", "hepatitis", "afp")
BLOOD = ("blood:IL6", "blood:CD8", "index:PNI", "blood:AFP", "blood:PIVKA", "blood:ALB")


@pytest.fixture(scope="module")
def frame(ici: Cohort) -> Frame:
    variables = (*BLOOD, *(f"baseline:{name}" for name in BASELINE))
    return build_frame(ici, FrameRequest(variables=variables, response=True), "default").frame


def by_response(frame: Frame, name: str) -> tuple[list[Any], list[Any]]:
    return tuple([row[name] for row in frame.rows if row["responder"] is wanted] for wanted in (True, False))  # type: ignore[return-value]  # two


def numbers(frame: Frame, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    responders, others = by_response(frame, name)
    return np.array(responders, dtype=float), np.array(others, dtype=float)


def test_37_responders_and_27_non_responders_are_analysed(ici: Cohort, frame: Frame) -> None:
    assert Counter(frame.column("responder")) == {True: 37, False: 27}
    assert frame.dropped() == {"not eligible": 2}
    assert ici.is_simulated


def test_stable_disease_is_a_response_and_the_first_assessment_decides(ici: Cohort, frame: Frame) -> None:
    """One sentence of the paper swaps the labels; and a later progression does not undo a response."""
    responder = {row["patient"]: row["responder"] for row in frame.rows}
    first: dict[str, str] = {}
    later: Counter[str] = Counter()
    for row in Assessment.objects.filter(patient__enrolments__cohort=ici).select_related("patient").order_by("day"):
        number = row.patient.study_number
        if number in first:
            later[row.mrecist] += 1
        first.setdefault(number, row.mrecist)
    assert Counter(first.values()) == {"CR": 2, "PR": 14, "SD": 21, "PD": 27}
    assert all(responder[number] == (category != "PD") for number, category in first.items())
    assert later["PD"] >= 3


@pytest.mark.parametrize(
    ("column", "responders", "others"),
    [
        ("baseline:child_pugh", {"A": 27, "B": 10}, {"A": 13, "B": 14}),
        ("baseline:bclc", {"B": 16, "C": 21}, {"B": 7, "C": 20}),
        ("baseline:hepatitis", {"HBV": 31, "HCV": 5, "none": 1}, {"HBV": 24, "HCV": 3}),
    ],
)
def test_categories_by_response_are_as_printed(
    frame: Frame, column: str, responders: dict[str, int], others: dict[str, int]
) -> None:
    assert tuple(Counter(values) for values in by_response(frame, column)) == (responders, others)


def test_sexes_by_response_are_as_printed(ici: Cohort, frame: Frame) -> None:
    sex = dict(ici.enrolments.values_list("patient__study_number", "patient__sex"))
    found = Counter((row["responder"], sex[row["patient"]]) for row in frame.rows)
    assert found == {(True, "M"): 31, (True, "F"): 6, (False, "M"): 20, (False, "F"): 7}


@pytest.mark.parametrize(
    ("column", "limit", "counts"),
    [
        ("blood:AFP", 400, (20, 17, 11, 16)),
        ("baseline:afp", 400, (20, 17, 11, 16)),
        ("blood:PIVKA", 40, (11, 26, 3, 24)),
    ],
)
def test_tumour_markers_split_by_response_as_printed(
    frame: Frame, column: str, limit: float, counts: tuple[int, ...]
) -> None:
    found = [(sum(values <= limit), sum(values > limit)) for values in numbers(frame, column)]
    assert (*found[0], *found[1]) == counts


def test_ages_are_as_printed(frame: Frame) -> None:
    ages = frame.column("baseline:age")
    responders, others = numbers(frame, "baseline:age")
    assert (np.median(ages), min(ages), max(ages)) == (61.5, 37, 78)
    assert responders.mean() == pytest.approx(58.8, abs=0.05)
    assert others.mean() == pytest.approx(61.9, abs=0.05)
    assert ttest_ind(responders, others).pvalue == pytest.approx(0.215, abs=0.005)


def test_combinations_of_therapies_are_as_printed(ici: Cohort, frame: Frame) -> None:
    analysed = {row["patient"] for row in frame.rows}
    kinds: dict[str, set[str]] = {number: set() for number in analysed}
    for number, kind in Treatment.objects.filter(patient__enrolments__cohort=ici).values_list(
        "patient__study_number", "kind"
    ):
        kinds[number].add(kind)
    local = [bool(found & {"haic", "tace"}) for found in kinds.values()]
    assert all({"ici", "targeted"} <= found for found in kinds.values())
    assert Counter(local) == {False: 21, True: 43}


def test_the_first_dose_is_the_index_event(ici: Cohort, frame: Frame) -> None:
    analysed = [row["patient"] for row in frame.rows]
    doses = dict(Treatment.objects.filter(kind="ici").values_list("patient__study_number", "start"))
    for number, index in ici.enrolments.filter(patient__study_number__in=analysed).values_list(
        "patient__study_number", "index_date"
    ):
        assert doses[number] == index
    days = [doses[number].isoformat() for number in analysed]
    assert min(days) >= "2023-01"
    assert max(days) < "2025-02"


# Means and standard deviations as printed, CD8 in cells per µL; the tolerance is a thousandth, for IL-6 two.
PRINTED = {
    "index:PNI": ((44.61, 6.07), (40.39, 5.60), 0.001),
    "blood:CD8": ((320.0, 170.0), (200.0, 110.0), 0.001),
    "blood:IL6": ((18.14, 14.40), (47.84, 45.78), 0.002),
}


@pytest.mark.parametrize("marker", PRINTED)
def test_means_and_deviations_are_as_printed(frame: Frame, marker: str) -> None:
    *printed, tolerance = PRINTED[marker]
    for values, (mean, deviation) in zip(numbers(frame, marker), printed, strict=True):
        assert values.mean() == pytest.approx(mean, rel=tolerance)
        assert values.std(ddof=1) == pytest.approx(deviation, rel=tolerance)


@pytest.mark.parametrize(
    ("marker", "direction", "auc", "cutoff"),
    [("blood:IL6", "<", 0.711, 48.56), ("blood:CD8", ">", 0.713, 350.0), ("index:PNI", ">", 0.725, 40.08)],
)
def test_areas_and_best_cutoffs_for_non_response_are_as_printed(
    frame: Frame, marker: str, direction: str, auc: float, cutoff: float
) -> None:
    curve = roc([not value for value in frame.column("responder")], frame.column(marker))
    assert curve.direction == direction
    assert curve.auc == pytest.approx(auc, abs=0.01)
    assert youden(curve).threshold == pytest.approx(cutoff, abs=0.01)


@pytest.mark.parametrize("marker", PRINTED)
def test_the_markers_differ_by_response(frame: Frame, marker: str) -> None:
    assert mannwhitneyu(*numbers(frame, marker)).pvalue < 0.01


def test_the_published_cutoffs_are_on_record_as_published(ici: Cohort) -> None:
    found = dict(Cutoff.objects.filter(cohort=ici, status="published").values_list("variable", "value"))
    assert found == {"blood:IL6": 48.56, "blood:CD8": 350.0, "index:PNI": 40.08}


def chosen(ici: Cohort, choose: Callable[[list[BloodResult]], BloodResult]) -> dict[str, float]:
    results: dict[str, list[BloodResult]] = {}
    rows = BloodResult.objects.current().filter(analyte__code="IL6", specimen__patient__enrolments__cohort=ici)
    for row in rows.select_related("specimen__patient").order_by("specimen__collected"):
        results.setdefault(row.specimen.patient.study_number, []).append(row)
    return {number: choose(found).value or 0.0 for number, found in results.items()}


@pytest.mark.parametrize("place", [0, -1], ids=["first draw", "last draw"])
def test_taking_another_draw_than_the_window_rule_does_would_show(ici: Cohort, frame: Frame, place: int) -> None:
    values = chosen(ici, lambda found: found[place])
    outcome = [not value for value in frame.column("responder")]
    curve = roc(outcome, [values[row["patient"]] for row in frame.rows], direction="<")
    assert abs(curve.auc - 0.711) > 0.03


def test_every_value_names_its_draw_and_why_others_lost(ici: Cohort) -> None:
    explained = explain_baseline_blood(ici, ["IL6"])["IL6"]
    notes = [item.note for item in explained if item.value is not None]
    assert len(notes) == 64
    assert sum("d after" in note for note in notes) == 38
    assert sum("more than 7 d" in note for note in notes) == 26
    assert sum("is later" in note for note in notes) == 8


def test_albumin_and_child_pugh_are_within_what_is_seen(ici: Cohort, frame: Frame) -> None:
    albumin = frame.column("blood:ALB")
    assert 20 < min(albumin) < max(albumin) < 55
    scores = Baseline.objects.filter(enrolment__cohort=ici, child_pugh__gt="").values_list(
        "child_pugh", "child_pugh_score"
    )
    assert {letter for letter, score in scores if score and score <= 6} == {"A"}
