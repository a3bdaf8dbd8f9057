"""An analysis of a sub-cohort: whom it reads, when it is stale, and what its definition must not do."""

import pytest
from django.core.exceptions import ValidationError

from analysis.engine.execution import run_stale
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_define
from analysis.frames.frame import Frame
from analysis.subcohorts.membership import membership, moved_since
from analysis.subcohorts.models import SubCohort
from analysis.subcohorts.services import subcohort_define, subcohort_retire, subcohort_update
from labs.ihc.services import read_correct
from registry.clinical.services import extra_value_set, extra_variable_set
from registry.cohorts.models import Cohort
from registry.patients.models import Enrolment
from tests.analysis.fixtures import Scored
from tests.registry.fixtures import BY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]

HIGH = [{"variable": "ihc:FAP@tumour", "operator": "above", "bounds": [6]}]


@pytest.fixture
def high(scored: Scored) -> SubCohort:
    return subcohort_define(cohort=scored.cohort, code="fap-high", name="FAP high", conditions=HIGH, by=BY)


def of_part(cohort: Cohort, part: SubCohort | None) -> Analysis:
    parameters = {"endpoint": "PFS"}
    return analysis_define(
        cohort=cohort, slug="pfs", title="PFS", kind="survival", parameters=parameters, subcohort=part, by=BY
    )


def frame_of(analysis: Analysis) -> Frame:
    analysis.refresh_from_db()
    assert analysis.current
    return Frame.from_bytes(analysis.current.frame.content)


def test_it_reads_its_members_and_counts_the_others_as_left_out(scored: Scored, high: SubCohort) -> None:
    analysis = of_part(scored.cohort, high)
    run_stale("test")
    frame = frame_of(analysis)
    assert len(frame.rows) == 12
    assert frame.dropped() == {"not in FAP high": 12}
    assert frame.constants["subcohort"]["conditions"] == high.conditions
    # The condition is no variable of the analysis: nothing of it is in its table.
    assert "ihc:FAP@tumour" not in frame.columns


def test_a_corrected_value_of_a_condition_makes_it_stale_and_moves_the_patient(scored: Scored, high: SubCohort) -> None:
    analysis = of_part(scored.cohort, high)
    run_stale("test")
    low = scored.reads[1]
    read_correct(read=low, intensity=3, percent=90, by=BY, reason="slides were swapped")
    analysis.refresh_from_db()
    assert freshness_of(analysis).state == "stale"
    now = membership(scored.cohort, high.name, high.parsed)
    [moved] = moved_since(high, now.members, [analysis])
    assert (moved.came, moved.went) == ([low.stain.specimen.patient.study_number], [])
    run_stale("test")
    assert len(frame_of(analysis).rows) == 13


def test_whoever_lacks_the_value_is_not_known_unless_another_condition_decides(scored: Scored, high: SubCohort) -> None:
    ggt = extra_variable_set(cohort=scored.cohort, code="ggt", label="GGT", type="number", by=BY)
    for place, enrolment in enumerate(Enrolment.objects.filter(cohort=scored.cohort).order_by("pk")[:4]):
        extra_value_set(enrolment=enrolment, variable=ggt, value=10.0 * place, by=BY)
    wanted = [*HIGH, {"variable": "extra:ggt", "operator": "at_most", "bounds": [10]}]
    part = SubCohort(cohort=scored.cohort, code="x", name="part", conditions=wanted)
    found = membership(scored.cohort, "part", part.parsed)
    # Of the first four the even ones are high: one with 0, one with 20. Of the other ten high ones GGT is not known.
    assert found.members == ["S-000"]
    assert len(found.unknown) == 10
    assert found.outside == 13
    assert all("GGT" in reason for _patient, reason in found.unknown)


def test_another_definition_makes_its_analyses_stale_and_binds_what_it_reads(scored: Scored, high: SubCohort) -> None:
    analysis = of_part(scored.cohort, high)
    run_stale("test")
    everybody = [{"variable": "baseline:sex", "operator": "one_of", "bounds": ["F", "M"]}]
    subcohort_update(
        subcohort=high, name="Sex known", conditions=everybody, expected_version=1, by=BY, reason="protocol 2"
    )
    domains = set(analysis.inputs.values_list("stream__domain", flat=True))
    assert "baseline" in domains
    assert "ihc/FAP" not in domains
    analysis.refresh_from_db()
    assert freshness_of(analysis).state == "stale"
    run_stale("test")
    assert frame_of(analysis).rows == []


def test_the_same_question_of_everybody_is_another_question(scored: Scored, high: SubCohort) -> None:
    analysis = of_part(scored.cohort, high)
    run_stale("test")
    of_part(scored.cohort, None)
    analysis.refresh_from_db()
    assert (analysis.version, freshness_of(analysis).state) == (2, "stale")
    assert not analysis.inputs.filter(stream__domain=high.domain).exists()
    run_stale("test")
    assert len(frame_of(analysis).rows) == 24


def test_one_that_an_analysis_is_about_cannot_be_retired(scored: Scored, high: SubCohort) -> None:
    analysis = of_part(scored.cohort, high)
    with pytest.raises(ValidationError, match="PFS"):
        subcohort_retire(subcohort=high, expected_version=1, by=BY, reason="not needed")
    of_part(scored.cohort, None)
    subcohort_retire(subcohort=high, expected_version=1, by=BY, reason="not needed")
    with pytest.raises(ValidationError, match="not one of the cohort"):
        of_part(analysis.cohort, high)


def test_a_definition_that_makes_no_sense_is_not_saved(scored: Scored) -> None:
    wrong = [{"variable": "ihc:FAP@tumour", "operator": "between", "bounds": [6]}]
    with pytest.raises(ValidationError, match="two numbers"):
        subcohort_define(cohort=scored.cohort, code="x", name="X", conditions=wrong, by=BY)
    assert not SubCohort.objects.exists()
