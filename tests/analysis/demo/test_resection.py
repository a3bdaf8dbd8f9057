"""Every printed margin of the resection cohort, on the loaded database."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu, spearmanr

from analysis.frames.building import build_frame
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from labs.ihc.models import Read
from labs.ihc.selectors import ihc_values
from labs.specimens.models import Specimen
from labs.wetlab.selectors import blot_values, fold_values
from registry.clinical.models import FollowUp, OutcomeEvent, Treatment
from registry.cohorts.models import Cohort
from registry.outcomes.selectors import recurrence_timings
from registry.patients.models import Enrolment

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]  # tests/flows loads the demo on PostgreSQL

MARKERS = ("S100A11", "FAP", "CD206")
PRINTED = {"S100A11": (4, 19.0, 38.5), "FAP": (3, 18.0, 36.0)}


@pytest.fixture(scope="module")
def frame(resection: Cohort) -> Frame:
    names = tuple(f"ihc:{marker}@tumour" for marker in MARKERS)
    request = FrameRequest(variables=(*names, "extra:S100A11_TPM", "extra:PUSL1_TPM"), endpoint="PFS")
    return build_frame(resection, request, "default").frame


def column(frame: Frame, marker: str) -> NDArray[np.float64]:
    return np.array(frame.column(f"ihc:{marker}@tumour"), dtype=float)


def medians(frame: Frame, high: NDArray[np.bool_]) -> tuple[float, float]:
    months, event = np.array(frame.column("months")), np.array(frame.column("event"))
    above, below = (KaplanMeierFitter().fit(months[group], event[group]) for group in (high, ~high))
    return above.median_survival_time_, below.median_survival_time_


def test_103_patients_are_analysed_and_everybody_else_is_accounted_for(resection: Cohort, frame: Frame) -> None:
    assert len(frame.rows) == 103
    assert frame.dropped() == {"not eligible": 4}
    assert resection.enrolments.count() == 108
    assert resection.enrolments.filter(withdrawn_on__isnull=False).count() == 1
    assert resection.is_simulated


def test_the_screened_out_patients_say_which_criterion_they_broke(resection: Cohort) -> None:
    refused = resection.enrolments.filter(eligibility=Enrolment.Eligibility.INELIGIBLE)
    broken = [
        row["criterion"]
        for enrolment in refused
        for row in enrolment.reasons
        if row["result"] == ("not met" if row["kind"] == "include" else "met")
    ]
    assert sorted(broken) == [
        "Age 18 to 80 years",
        "Another malignant tumour",
        "At least one measurable lesion (RECIST 1.1)",
        "Systemic immunosuppressive therapy before",
    ]


def test_resections_are_dated_2020_to_2022_and_open_the_time(resection: Cohort) -> None:
    for enrolment in resection.enrolments.select_related("patient"):
        assert enrolment.index_date is not None
        assert 2020 <= enrolment.index_date.year <= 2022
        assert Treatment.objects.filter(
            patient=enrolment.patient, kind="resection", start=enrolment.index_date
        ).exists()


def test_103_tumours_and_5_normal_tissues_are_stained_for_each_marker(resection: Cohort) -> None:
    for marker in MARKERS:
        reads = Read.objects.current().filter(stain__marker__code=marker)
        analysed = reads.filter(stain__specimen__patient__enrolments__withdrawn_on__isnull=True)
        assert Counter(analysed.values_list("stain__specimen__kind", flat=True)) == {"tumour": 103, "normal": 5}


def test_scores_come_from_intensity_and_percent_by_a_named_reader(resection: Cohort) -> None:
    reads = Read.objects.current().filter(stain__marker__code__in=("S100A11", "FAP"))
    assert {read.value for read in reads} <= {0, 1, 2, 3, 4, 6, 8, 9, 12}
    assert all(read.percent is not None for read in reads)
    assert all(read.value == (read.intensity or 0) * (read.extent or 0) for read in reads)
    assert {read.reader for read in reads} == {"pathologist"}
    assert all(read.stain.antibody is not None for read in reads.select_related("stain__antibody"))


def test_cd206_is_the_mean_of_five_fields(resection: Cohort) -> None:
    for read in Read.objects.current().filter(stain__marker__code="CD206"):
        assert read.field_counts is not None
        assert len(read.field_counts) == 5
        assert read.value == pytest.approx(sum(read.field_counts) / 5)


@pytest.mark.parametrize("marker", PRINTED)
def test_the_registered_cutoff_splits_52_high_to_51_low(frame: Frame, marker: str) -> None:
    high = column(frame, marker) > PRINTED[marker][0]
    assert (high.sum(), (~high).sum()) == (52, 51)


@pytest.mark.parametrize("marker", MARKERS)
def test_the_median_splits_51_high_to_52_low(frame: Frame, marker: str) -> None:
    values = column(frame, marker)
    high = values > np.median(values)
    assert (high.sum(), (~high).sum()) == (51, 52)


@pytest.mark.parametrize("marker", PRINTED)
def test_median_pfs_of_the_groups_is_as_printed_within_a_month(frame: Frame, marker: str) -> None:
    cutoff, printed_high, printed_low = PRINTED[marker]
    for cut in (cutoff, float(np.median(column(frame, marker)))):
        found_high, found_low = medians(frame, column(frame, marker) > cut)
        assert found_high == pytest.approx(printed_high, abs=1.0)
        assert found_low == pytest.approx(printed_low, abs=1.0)


@pytest.mark.parametrize("marker", PRINTED)
def test_the_groups_differ_by_the_log_rank_test(frame: Frame, marker: str) -> None:
    high = column(frame, marker) > PRINTED[marker][0]
    months, event = np.array(frame.column("months")), np.array(frame.column("event"))
    test = logrank_test(months[high], months[~high], event[high], event[~high])
    assert test.p_value < 0.01


def test_s100a11_and_fap_rise_together(frame: Frame) -> None:
    found = spearmanr(column(frame, "S100A11"), column(frame, "FAP"))
    assert found.statistic > 0.4
    assert found.pvalue < 0.001


@pytest.mark.parametrize("marker", PRINTED)
def test_cd206_is_higher_where_the_marker_is_high(frame: Frame, marker: str) -> None:
    high = column(frame, marker) > PRINTED[marker][0]
    cells = column(frame, "CD206")
    assert np.median(cells[high]) > np.median(cells[~high])
    assert mannwhitneyu(cells[high], cells[~high]).pvalue < 0.001


def test_fap_is_higher_in_early_than_in_late_recurrence(resection: Cohort, frame: Frame) -> None:
    score = {row["patient"]: row["ihc:FAP@tumour"] for row in frame.rows}
    timings = recurrence_timings(resection)
    early, late = ([score[t.study_number] for t in timings if t.group == group] for group in ("early", "late"))
    assert min(len(early), len(late)) >= 20
    assert np.mean(early) > np.mean(late)
    assert mannwhitneyu(early, late).pvalue < 0.05


@pytest.mark.parametrize("marker", MARKERS)
def test_adjacent_normal_tissue_is_low(resection: Cohort, frame: Frame, marker: str) -> None:
    normal = [item.value for item in ihc_values(resection, marker, "normal") if item.value is not None]
    assert len(normal) == 5
    assert max(normal) < np.median(column(frame, marker))
    assert mannwhitneyu(normal, column(frame, marker)).pvalue < 0.01


def pairs(tumour: list[Any], normal: list[Any]) -> list[tuple[float, float]]:
    beside = {item.enrolment_id: item.value for item in normal if item.value is not None}
    return [(item.value, beside[item.enrolment_id]) for item in tumour if item.enrolment_id in beside]


@pytest.mark.parametrize("marker", MARKERS)
def test_three_pairs_were_blotted_and_are_higher_in_tumour(resection: Cohort, marker: str) -> None:
    found = pairs(blot_values(resection, marker, "tumour"), blot_values(resection, marker, "normal"))
    assert len(found) == 3
    assert all(tumour > normal for tumour, normal in found)


@pytest.mark.parametrize("marker", MARKERS)
def test_seven_tumours_and_seven_normal_tissues_have_fold_changes(resection: Cohort, marker: str) -> None:
    found = pairs(fold_values(resection, marker, "tumour"), fold_values(resection, marker, "normal"))
    assert len(found) == 7
    assert mannwhitneyu(*zip(*found, strict=True)).pvalue < 0.01


def test_the_published_risk_score_can_be_computed_in_its_unit(resection: Cohort, frame: Frame) -> None:
    assert {frame.columns[f"extra:{code}"]["unit"] for code in ("S100A11_TPM", "PUSL1_TPM")} == {"TPM"}
    score = [0.00026 * row["extra:S100A11_TPM"] + 0.02752 * row["extra:PUSL1_TPM"] for row in frame.rows]
    assert len(set(score)) == 103


def test_outcomes_are_dates_and_nothing_lies_after_the_data_cut(resection: Cohort) -> None:
    assert resection.data_cut is not None
    patients = {"patient__enrolments__cohort": resection}
    events = OutcomeEvent.objects.filter(**patients)
    assert set(events.values_list("kind", flat=True)) == {"recurrence", "death"}
    assert not events.filter(day__gt=resection.data_cut).exists()
    assert not FollowUp.objects.filter(day__gt=resection.data_cut, **patients).exists()


def test_codes_of_specimens_do_not_tell_the_patient(resection: Cohort) -> None:
    codes = dict(Specimen.objects.values_list("code", "patient__study_number"))
    in_order_of_code = [codes[code] for code in sorted(codes)]
    assert abs(spearmanr(range(len(codes)), [int(number[-3:]) for number in in_order_of_code]).statistic) < 0.3


def test_the_slide_that_the_first_round_has_corrected_is_low_and_counts(resection: Cohort, frame: Frame) -> None:
    """docs/user/first-round.md names it: a reader who takes a slide of normal tissue would see nothing move."""
    read = Read.objects.get(stain__specimen__code="H-1010", stain__marker__code="FAP")
    patient = read.stain.specimen.patient.study_number
    assert read.value == 3
    assert [row["ihc:FAP@tumour"] for row in frame.rows if row["patient"] == patient] == [3]
    assert Read.objects.filter(stain__specimen__code="H-1005", stain__specimen__kind="normal").exists()
