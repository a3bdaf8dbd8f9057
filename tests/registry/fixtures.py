"""A cohort, patients and people that tests of every app can start from."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from registry.cohorts.models import Cohort, IndexEvent
from registry.cohorts.services import cohort_create, endpoint_set
from registry.log.actors import Actor
from registry.patients.models import Enrolment, Patient
from registry.patients.services import enrolment_create, patient_create
from registry.people.models import Site, User
from registry.people.roles import Role
from tests.registry import people

BY = Actor.system("tests")
RESECTED = date(2022, 3, 5)

Enrol = Callable[..., Enrolment]


def make_cohort(site: Site, code: str = "resection", **values: Any) -> Cohort:
    given: dict[str, Any] = {
        "name": f"Cohort {code}",
        "index_event": IndexEvent.RESECTION,
        "data_cut": date(2024, 1, 31),
    } | values
    cohort = cohort_create(code=code, site=site, by=BY, **given)
    endpoint_set(cohort=cohort, code="OS", name="Overall survival", event_kinds=["death"], by=BY)
    pfs = ["recurrence", "progression", "death"]
    endpoint_set(cohort=cohort, code="PFS", name="Progression-free survival", event_kinds=pfs, by=BY)
    return cohort


def enrol(cohort: Cohort, study_number: str, index_date: date | None = RESECTED, **values: Any) -> Enrolment:
    patient = patient_create(study_number=study_number, site=cohort.site, by=BY, **values)
    return enrolment_create(patient=patient, cohort=cohort, index_date=index_date, by=BY)


@pytest.fixture(scope="module")
def lasting(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What is stored now lasts for the module: the transaction of each test is a savepoint in this one."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr("analysis.engine.execution.SNAPSHOT", "default")
        yield
        transaction.set_rollback(True)


@pytest.fixture
def a_site(db: None) -> Site:
    return people.site("HEB")


@pytest.fixture
def a_cohort(a_site: Site) -> Cohort:
    """A resection cohort without limits, cut at 2024-01-31, with the endpoints OS and PFS."""
    # There is one already where it lasts for the module.
    return Cohort.objects.filter(code="resection").first() or make_cohort(a_site)


@pytest.fixture
def an_ici_cohort(a_site: Site) -> Cohort:
    return make_cohort(a_site, "ici", index_event=IndexEvent.FIRST_ICI)


@pytest.fixture
def a_patient(a_site: Site) -> Patient:
    return patient_create(study_number="P-001", site=a_site, sex="F", by=BY)


@pytest.fixture
def enrolled(a_cohort: Cohort, a_patient: Patient) -> Enrolment:
    return enrolment_create(patient=a_patient, cohort=a_cohort, index_date=RESECTED, by=BY)


@pytest.fixture
def alice(db: None) -> User:
    return people.person(Role.INVESTIGATOR, username="alice")


@pytest.fixture
def bob(db: None) -> User:
    return people.person(Role.PATHOLOGIST, username="bob")


@pytest.fixture
def dora(db: None) -> User:
    return people.person(Role.DATA_MANAGER, username="dora")


@pytest.fixture
def tom(db: None) -> User:
    return people.person(Role.TECHNICIAN, username="tom")


@pytest.fixture
def ada(db: None) -> User:
    return people.person(Role.ADMINISTRATOR, username="ada")


@pytest.fixture
def charlie(db: None) -> User:
    """The stranger: the same roles, another hospital."""
    return people.person(Role.INVESTIGATOR, Role.DATA_MANAGER, username="charlie", sites=[people.site("FAR")])
