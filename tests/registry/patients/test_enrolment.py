from datetime import date

import pytest
from django.core.exceptions import ValidationError

from registry.clinical.services import baseline_save, treatment_set
from registry.cohorts.models import Cohort
from registry.cohorts.services import rule_retire, rule_set
from registry.log.models import Change
from registry.log.recording import recording
from registry.patients.models import Enrolment, Patient
from registry.patients.services import enrolment_create, enrolment_withdraw, patient_create
from registry.people.models import Site
from tests.registry.fixtures import BY, RESECTED, enrol

pytestmark = pytest.mark.django_db


def adults_only(cohort: Cohort) -> None:
    rule_set(
        cohort=cohort,
        text="Age 18 to 80 years",
        kind="include",
        variable="age",
        operator="between",
        bounds=[18, 80],
        by=BY,
    )


def domains(start: int) -> list[str]:
    return list(Change.objects.order_by("id").values_list("domain", flat=True)[start:])


def test_a_study_number_is_given_once(a_site: Site, a_patient: Patient) -> None:
    with pytest.raises(ValidationError, match="Patient with this Study number already exists"):
        patient_create(study_number="P-001", site=a_site, by=BY)
    assert Patient.objects.count() == 1


def test_a_patient_enters_a_cohort_once(a_cohort: Cohort, a_patient: Patient, enrolled: Enrolment) -> None:
    with pytest.raises(ValidationError, match="already enrolled in this cohort"):
        enrolment_create(patient=a_patient, cohort=a_cohort, by=BY)


def test_a_cohort_without_limits_takes_everybody(enrolled: Enrolment) -> None:
    assert enrolled.eligibility == "eligible"
    assert enrolled.reasons == []


def test_a_patient_waits_until_the_baseline_answers_the_criteria(a_cohort: Cohort) -> None:
    adults_only(a_cohort)
    enrolled = enrol(a_cohort, "P-002")
    assert enrolled.eligibility == "pending"
    baseline_save(enrolment=enrolled, values={"age": 61.0}, by=BY)
    enrolled.refresh_from_db()
    assert enrolled.eligibility == "eligible"
    baseline_save(enrolment=enrolled, values={"age": 81.0}, by=BY)
    enrolled.refresh_from_db()
    assert enrolled.eligibility == "ineligible"
    assert enrolled.reasons == [{"kind": "include", "criterion": "Age 18 to 80 years", "result": "not met"}]


def test_a_baseline_that_leaves_the_verdict_as_it_was_leaves_no_change_of_the_enrolment(a_cohort: Cohort) -> None:
    adults_only(a_cohort)
    enrolled = enrol(a_cohort, "P-002")
    baseline_save(enrolment=enrolled, values={"age": 61.0}, by=BY)
    start = Change.objects.count()
    baseline_save(enrolment=enrolled, values={"age": 62.0}, by=BY)
    assert domains(start) == ["baseline"]
    baseline_save(enrolment=enrolled, values={"age": 17.0}, by=BY)
    assert domains(start) == ["baseline", "baseline", "enrolment"]


def test_a_new_criterion_judges_those_who_are_in_already(a_cohort: Cohort, enrolled: Enrolment) -> None:
    baseline_save(enrolment=enrolled, values={"age": 90.0}, by=BY)
    adults_only(a_cohort)
    enrolled.refresh_from_db()
    assert enrolled.eligibility == "ineligible"
    rule = a_cohort.rules.get()
    rule_retire(rule=rule, expected_version=rule.version, by=BY, reason="the protocol has no such limit")
    enrolled.refresh_from_db()
    assert enrolled.eligibility == "eligible"


def test_a_criterion_about_an_unknown_variable_is_refused(a_cohort: Cohort) -> None:
    with pytest.raises(ValidationError, match="no baseline variable shoe_size"):
        rule_set(cohort=a_cohort, text="Small feet", kind="include", variable="shoe_size", operator="is_true", by=BY)


def test_a_withdrawal_needs_a_reason(enrolled: Enrolment) -> None:
    with pytest.raises(ValidationError, match="Say why"):
        enrolment_withdraw(enrolment=enrolled, on=date(2023, 5, 1), why=" ", by=BY)
    withdrawn = enrolment_withdraw(enrolment=enrolled, on=date(2023, 5, 1), why="consent withdrawn", by=BY)
    assert withdrawn.withdrawn_on == date(2023, 5, 1)
    newest = Change.objects.order_by("-id")[0]
    assert newest.new_values == {"withdrawn_on": "2023-05-01", "withdrawal_reason": "consent withdrawn", "version": 2}
    assert newest.reason == "consent withdrawn"


def test_the_facts_of_a_patient_of_two_cohorts_reach_the_streams_of_both(
    a_cohort: Cohort, an_ici_cohort: Cohort, a_patient: Patient, enrolled: Enrolment
) -> None:
    enrolment_create(patient=a_patient, cohort=an_ici_cohort, by=BY)
    treatment_set(patient=a_patient, kind="resection", start=RESECTED, by=BY)
    streams = Change.objects.filter(domain="treatments").values_list("cohort__code", flat=True)
    assert sorted(streams) == ["ici", "resection"]


def test_setting_the_same_fact_again_writes_nothing(a_patient: Patient, enrolled: Enrolment) -> None:
    first = treatment_set(patient=a_patient, kind="tace", start=RESECTED, by=BY)
    count = Change.objects.count()
    assert treatment_set(patient=a_patient, kind="tace", start=RESECTED, by=BY).pk == first.pk
    assert Change.objects.count() == count


def test_within_one_write_a_second_cohort_gets_the_facts_that_follow_its_enrolment(
    an_ici_cohort: Cohort, a_patient: Patient, enrolled: Enrolment
) -> None:
    with recording(BY):
        treatment_set(patient=a_patient, kind="resection", start=RESECTED, by=BY)
        enrolment_create(patient=a_patient, cohort=an_ici_cohort, by=BY)
        treatment_set(patient=a_patient, kind="tace", start=RESECTED, by=BY)
    reached = Change.objects.filter(domain="treatments", cohort=an_ici_cohort)
    assert [change.new_values["kind"] for change in reached] == ["tace"]


def test_within_one_write_a_new_criterion_judges_those_enrolled_before_and_after_it(a_cohort: Cohort) -> None:
    with recording(BY):
        before = enrol(a_cohort, "P-1")
        adults_only(a_cohort)
        after = enrol(a_cohort, "P-2")
    before.refresh_from_db()
    assert (before.eligibility, after.eligibility) == ("pending", "pending")


def test_time_does_not_begin_in_the_future(a_cohort: Cohort, a_patient: Patient) -> None:
    with pytest.raises(ValidationError) as refused:
        enrolment_create(patient=a_patient, cohort=a_cohort, index_date=date(2222, 1, 1), by=BY)
    assert refused.value.message_dict == {"index_date": ["The date lies in the future."]}
