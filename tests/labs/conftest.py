from datetime import date

import pytest

from labs.markers.models import Marker, Stain
from labs.markers.services import stain_create
from labs.specimens.models import Specimen
from labs.specimens.services import specimen_create
from registry.cohorts.models import Cohort, IndexEvent
from registry.log.actors import Actor
from registry.log.facts import create
from registry.models import Enrolment, Patient, Site

BY = Actor.system("tests", "test")


@pytest.fixture
def by() -> Actor:
    return BY


@pytest.fixture
def site(db: None) -> Site:
    return Site.objects.create(code="fourth", name="Fourth Hospital")


@pytest.fixture
def cohort(site: Site) -> Cohort:
    return Cohort.objects.create(code="ici", name="ICI", site=site, index_event=IndexEvent.FIRST_ICI)


@pytest.fixture
def patient(site: Site) -> Patient:
    return create(Patient(study_number="ICI-0001", site=site), by=BY)


@pytest.fixture
def enrolment(patient: Patient, cohort: Cohort) -> Enrolment:
    return create(Enrolment(patient=patient, cohort=cohort, index_date=date(2024, 3, 10)), by=BY)


@pytest.fixture
def draw(enrolment: Enrolment) -> Specimen:
    return specimen_create(patient=enrolment.patient, code="B-0001", kind="blood", collected=date(2024, 3, 8), by=BY)


@pytest.fixture
def tumour(enrolment: Enrolment) -> Specimen:
    return specimen_create(patient=enrolment.patient, code="T-0001", kind="tumour", collected=date(2024, 1, 5), by=BY)


@pytest.fixture
def stain(tumour: Specimen) -> Stain:
    return stain_create(specimen=tumour, marker=Marker.objects.get(code="S100A11"), by=BY)


@pytest.fixture
def fields_stain(tumour: Specimen) -> Stain:
    return stain_create(specimen=tumour, marker=Marker.objects.get(code="CD206"), by=BY)
