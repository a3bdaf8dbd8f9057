from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.forms.models import model_to_dict
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from registry.log.actors import Actor
from registry.log.facts import StaleWrite
from registry.log.models import Change
from registry.patients.duplicates import duplicate_candidates
from registry.patients.models import Patient, PatientIdentity
from registry.patients.resemblance import SIMILAR, similarity
from registry.patients.services import identity_read, identity_save, patient_create
from registry.people.models import Site, User
from tests.registry import people
from tests.registry.fixtures import BY

LETTERS = st.text("ÄÖXZq高冉- ", min_size=6, max_size=20).filter(lambda text: len(text.strip()) >= 6)
IDENTITIES = st.fixed_dictionaries(
    {
        "name": LETTERS,
        "record_number": LETTERS.map(lambda text: f"MRN {text}"),
        "birth_date": st.dates(date(1930, 1, 1), date(2005, 1, 1)),
        "phone": st.from_regex(r"\+86 [0-9]{3} [0-9]{4} [0-9]{4}", fullmatch=True),
    }
)


def whole_log() -> str:
    return "\n".join(str(model_to_dict(change)) for change in Change.objects.all())


class TestNoIdentifierReachesTheLog(TestCase):
    @settings(max_examples=20, deadline=None)
    @given(IDENTITIES, IDENTITIES)
    def test_whatever_is_entered_corrected_and_read(self, first: dict[str, object], second: dict[str, object]) -> None:
        patient = patient_create(study_number="P-001", site=people.site("HEB"), by=BY)
        identity_save(patient=patient, values=first, by=BY)
        identity_save(patient=patient, values=second, by=BY)
        identity_read(patient=patient, by=BY, reason="telephone call")
        log = whole_log()
        for value in (*first.values(), *second.values()):
            assert str(value) not in log
            assert str(value).strip() not in log


@pytest.mark.django_db
def test_reading_an_identity_leaves_a_row_that_says_who_looked(a_patient: Patient, alice: User) -> None:
    identity_save(patient=a_patient, values={"name": "Gao Ran"}, by=BY)
    read = identity_read(patient=a_patient, by=Actor.of(alice), reason="telephone call")
    assert read is not None
    assert read.name == "Gao Ran"
    change = Change.objects.latest("id")
    assert (change.action, change.domain, change.actor_name) == ("read", "identity", "alice")
    assert (change.subject_code, change.reason, change.old, change.new) == ("P-001", "telephone call", "{}", "{}")


@pytest.mark.django_db
def test_the_log_says_that_an_identifier_changed_but_not_to_what(a_patient: Patient) -> None:
    identity_save(patient=a_patient, values={"name": "Gao Ran"}, by=BY)
    identity_save(patient=a_patient, values={"phone": "123"}, by=BY)
    change = Change.objects.latest("id")
    assert (change.old_values, change.new_values) == ({"phone": ""}, {"phone": "(withheld)", "version": 2})


@pytest.mark.django_db
def test_a_stale_identity_is_told_that_it_changed_and_not_to_what(a_patient: Patient) -> None:
    identity_save(patient=a_patient, values={"name": "Gao Ran"}, expected_version=0, by=BY)
    with pytest.raises(StaleWrite, match=r"name: — → \(withheld\)"):
        identity_save(patient=a_patient, values={"name": "Gao Rang"}, expected_version=0, by=BY)
    assert PatientIdentity.objects.get().name == "Gao Ran"


@pytest.mark.django_db
def test_nobody_is_born_in_the_future(a_patient: Patient) -> None:
    with pytest.raises(ValidationError) as refused:
        identity_save(patient=a_patient, values={"birth_date": date(2222, 1, 1)}, by=BY)
    assert refused.value.message_dict == {"birth_date": ["The date lies in the future."]}


def test_a_record_number_belongs_to_one_patient_of_a_site(a_patient: Patient, a_site: Site) -> None:
    identity_save(patient=a_patient, values={"record_number": "4711"}, by=BY)
    other = patient_create(study_number="P-002", site=a_site, by=BY)
    with pytest.raises(ValidationError, match="Another patient of this site has this medical record number"):
        identity_save(patient=other, values={"record_number": "4711"}, by=BY)
    elsewhere = patient_create(study_number="P-003", site=people.site("FAR"), by=BY)
    identity_save(patient=elsewhere, values={"record_number": "4711"}, by=BY)


@pytest.mark.parametrize(
    ("one", "other", "is_similar"),
    [
        ("Gao Ran", "ran  GAO", True),
        ("García, José", "Jose Garcia", True),
        ("Zhang Xiaoming", "Zhang Xiaomign", True),
        ("Zhang Xiaoming", "Zhang Xiaohong", False),
        ("Müller Anna", "Meier Anna", False),
        ("高冉", "高冉", True),
        ("高冉", "高然", False),
        ("", "", False),
    ],
)
def test_spellings_of_a_name(one: str, other: str, is_similar: bool) -> None:
    assert (similarity(one, other) >= SIMILAR) == is_similar


KNOWN = {"name": "Zhang Xiaoming", "birth_date": date(1960, 5, 4), "record_number": "4711", "phone": "123"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("identity", "because"),
    [
        ({"record_number": "4711", "name": "Somebody Else"}, "the medical record number is the same"),
        (
            {"name": "xiaoming ZHANG", "birth_date": date(1960, 5, 4)},
            "name and date of birth are the same",
        ),
        (
            {"name": "Zhang Xiaomign", "birth_date": date(1960, 5, 4)},
            "the name is alike and the date of birth is the same",
        ),
        ({"name": "Zhang Xiaomign", "phone": "123"}, "the name is alike and the telephone is the same"),
        ({"name": "zhang xiaoming", "birth_date": date(1960, 4, 5)}, "the name is the same"),
        ({"name": "Li Wei", "birth_date": date(1960, 5, 4)}, None),
        ({"name": "Li Wei", "phone": "123"}, None),
        ({}, None),
    ],
)
def test_a_patient_about_to_be_entered_twice_is_found(
    a_patient: Patient, alice: User, identity: dict[str, object], because: str | None
) -> None:
    identity_save(patient=a_patient, values=KNOWN, by=BY)
    found = duplicate_candidates(alice, study_number="X-9", identity=identity)
    assert [(str(one.patient), str(one.because)) for one in found] == ([("P-001", because)] if because else [])


@pytest.mark.django_db
def test_a_stranger_finds_nobody_of_another_hospital(a_patient: Patient, charlie: User) -> None:
    identity_save(patient=a_patient, values=KNOWN, by=BY)
    assert duplicate_candidates(charlie, study_number="P-001", identity=KNOWN) == []
