from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from registry.clinical.models import Baseline, Treatment
from registry.clinical.services import baseline_save, fact_retire, fact_update, treatment_add, treatment_set
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.log.facts import StaleWrite
from registry.log.models import Change, Pending, Stream
from registry.log.recording import recording
from registry.patients.models import Enrolment, Patient
from registry.patients.registering import patient_register
from registry.patients.services import enrolment_create, patient_create, patient_update
from registry.people.models import Site, User
from tests.registry.fixtures import BY, RESECTED

pytestmark = pytest.mark.django_db


def test_a_stale_save_says_what_the_other_changed_and_saves_nothing(enrolled: Enrolment, alice: User) -> None:
    first = baseline_save(enrolment=enrolled, values={"age": 61.0}, by=BY)
    baseline_save(enrolment=enrolled, values={"age": 63.0}, expected_version=first.version, by=Actor.of(alice))
    written = Change.objects.count()
    with pytest.raises(StaleWrite) as refused:
        baseline_save(enrolment=enrolled, values={"ecog": 1}, expected_version=first.version, by=BY)
    (sentence,) = refused.value.messages
    assert sentence.startswith("alice changed this at ")
    assert sentence.endswith(": age: 61.0 → 63.0. Your entries were not saved.")
    stored = Baseline.objects.get()
    assert (stored.age, stored.ecog, stored.version) == (63.0, None, 2)
    assert Change.objects.count() == written


def test_two_people_who_both_enter_the_first_baseline_are_told_of_each_other(enrolled: Enrolment, alice: User) -> None:
    baseline_save(enrolment=enrolled, values={"age": 61.0}, expected_version=0, by=Actor.of(alice))
    with pytest.raises(StaleWrite, match=r"alice changed this .*age: — → 61\.0"):
        baseline_save(enrolment=enrolled, values={"age": 16.0}, expected_version=0, by=BY)


def test_a_save_that_changes_nothing_is_no_change(a_patient: Patient) -> None:
    written = Change.objects.count()
    same = patient_update(patient=a_patient, changes={"sex": "F"}, expected_version=1, by=BY)
    assert (same.version, Change.objects.count()) == (1, written)


def test_a_number_in_words_is_the_same_number(enrolled: Enrolment) -> None:
    baseline_save(enrolment=enrolled, values={"age": 61.0, "ecog": 1}, by=BY)
    assert baseline_save(enrolment=enrolled, values={"age": "61", "ecog": "1"}, by=BY).version == 1


def test_a_change_says_who_when_what_and_why(enrolled: Enrolment, alice: User) -> None:
    treatment = treatment_add(patient=enrolled.patient, kind="tace", start=RESECTED, by=BY)
    fact_update(
        fact=treatment,
        changes={"start": date(2022, 3, 6)},
        expected_version=1,
        by=Actor.of(alice, "api"),
        reason="the report says the 6th",
    )
    change = Change.objects.latest("id")
    assert (change.actor_id, change.actor_name, change.source) == (str(alice.pk), "alice", "api")
    assert (change.subject_type, change.subject_code, change.action) == ("treatment", "P-001", "update")
    assert (change.old_values, change.new_values) == ({"start": "2022-03-05"}, {"start": "2022-03-06", "version": 2})
    assert change.reason == "the report says the 6th"


def test_the_log_outlives_the_user(enrolled: Enrolment, alice: User) -> None:
    treatment_add(patient=enrolled.patient, kind="tace", start=RESECTED, by=Actor.of(alice))
    alice.delete()
    assert Change.objects.latest("id").actor_name == "alice"


def test_an_entry_in_error_is_marked_with_a_reason_and_may_be_entered_again(enrolled: Enrolment) -> None:
    treatment = treatment_add(patient=enrolled.patient, kind="tace", start=RESECTED, by=BY)
    with pytest.raises(ValidationError, match="Say why"):
        fact_retire(fact=treatment, expected_version=1, by=BY, reason="  ")
    retired = fact_retire(fact=treatment, expected_version=1, by=BY, reason="another patient")
    assert (retired.retired_reason, retired.version) == ("another patient", 2)
    change = Change.objects.latest("id")
    assert (change.action, change.old_values["kind"], change.reason) == ("retire", "tace", "another patient")
    assert treatment_add(patient=enrolled.patient, kind="tace", start=RESECTED, by=BY).pk != treatment.pk


def test_setting_a_fact_that_was_an_error_brings_it_back(enrolled: Enrolment) -> None:
    treatment = treatment_set(patient=enrolled.patient, kind="tace", start=RESECTED, by=BY)
    fact_retire(fact=treatment, expected_version=1, by=BY, reason="doubted")
    again = treatment_set(patient=enrolled.patient, kind="tace", start=RESECTED, by=BY)
    assert (again.pk, again.retired_reason) == (treatment.pk, "")
    assert Change.objects.latest("id").old_values == {"retired_reason": "doubted"}


def test_all_mistakes_of_a_form_are_told_at_once(enrolled: Enrolment) -> None:
    with pytest.raises(ValidationError) as refused:
        baseline_save(
            enrolment=enrolled, values={"age": 130.0, "ecog": 7, "child_pugh": "A", "child_pugh_score": 12}, by=BY
        )
    assert sorted(refused.value.message_dict) == ["age", "child_pugh", "ecog"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"end": date(2022, 1, 1)}, "The end lies before the start."),
        ({"kind": "tace"}, "This treatment is already recorded."),
        ({"start": date(2222, 1, 1)}, "The date lies in the future."),
    ],
)
def test_what_the_database_refuses_is_said_in_the_words_of_its_constraint(
    enrolled: Enrolment, values: dict[str, object], sentence: str
) -> None:
    treatment_add(patient=enrolled.patient, kind="tace", start=RESECTED, by=BY)
    given: dict[str, object] = {"kind": "ici", "start": RESECTED} | values
    with pytest.raises(ValidationError) as refused:
        treatment_add(patient=enrolled.patient, by=BY, **given)  # type: ignore[arg-type]  # by case
    assert refused.value.messages == [sentence]
    assert Treatment.objects.count() == 1


def test_a_service_that_fails_leaves_nothing_half_saved_and_no_change(a_site: Site, a_cohort: Cohort) -> None:
    written = Change.objects.count()
    with pytest.raises(ValidationError):
        patient_register(
            study_number="P-9",
            site=a_site,
            sex="F",
            identity={"name": "x" * 200},
            cohort=a_cohort,
            index_date=None,
            by=BY,
        )
    assert not Patient.objects.filter(study_number="P-9").exists()
    assert (Change.objects.count(), Pending.objects.count()) == (written, written)


def fail_after_saving(patient: Patient) -> None:
    with recording(BY):
        treatment_add(patient=patient, kind="tace", start=RESECTED, by=BY)
        raise IntegrityError


def test_what_a_failed_service_had_called_is_forgotten_when_the_caller_goes_on(enrolled: Enrolment) -> None:
    written = Change.objects.count()
    with recording(BY):
        with pytest.raises(IntegrityError):
            fail_after_saving(enrolled.patient)
        treatment_add(patient=enrolled.patient, kind="haic", start=RESECTED, by=BY)
    assert list(Treatment.objects.values_list("kind", flat=True)) == ["haic"]
    assert [change.new_values["kind"] for change in Change.objects.order_by("id")[written:]] == ["haic"]


def enrol_and_fail(patient: Patient, cohort: Cohort) -> None:
    with recording(BY):
        enrolment_create(patient=patient, cohort=cohort, by=BY)
        treatment_add(patient=patient, kind="tace", start=RESECTED, by=BY)
        raise IntegrityError


def test_a_cohort_that_was_left_again_gets_no_changes_of_the_patient(
    enrolled: Enrolment, an_ici_cohort: Cohort
) -> None:
    with recording(BY):
        with pytest.raises(IntegrityError):
            enrol_and_fail(enrolled.patient, an_ici_cohort)
        treatment_add(patient=enrolled.patient, kind="haic", start=RESECTED, by=BY)
    assert [change.cohort for change in Change.objects.filter(domain="treatments")] == [enrolled.cohort]


def test_services_inside_a_service_are_one_transaction_with_their_own_actors_and_reasons(
    a_site: Site, a_cohort: Cohort, alice: User
) -> None:
    with recording(BY, "first visit") as log:
        patient = patient_create(study_number="P-9", site=a_site, by=Actor.of(alice))
        enrolment_create(patient=patient, cohort=a_cohort, by=BY, reason="meets the criteria")
        assert not Change.objects.filter(subject_code="P-9").exists()
        assert log.reason == "first visit"
    changes = Change.objects.filter(subject_code="P-9").order_by("subject_type")
    assert [(change.subject_type, change.actor_name, change.reason) for change in changes] == [
        ("enrolment", "system:tests", "meets the criteria"),
        ("patient", "alice", "first visit"),
    ]
    assert len({(change.batch, change.at) for change in changes}) == 1


def test_a_stream_stands_at_its_newest_change_and_counts_every_one(a_cohort: Cohort, enrolled: Enrolment) -> None:
    for day in range(1, 6):
        treatment_add(patient=enrolled.patient, kind="tace", start=date(2023, 1, day), by=BY)
    with recording(BY):
        for day in range(1, 6):
            treatment_add(patient=enrolled.patient, kind="tace", start=date(2023, 2, day), by=BY)
    versions = Change.objects.filter(cohort=a_cohort, domain="treatments").values_list("version", flat=True)
    assert sorted(versions) == list(range(1, 11))
    assert Stream.objects.get(cohort=a_cohort, domain="treatments").version == 10
