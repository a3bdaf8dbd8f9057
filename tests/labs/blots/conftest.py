from datetime import date

import pytest

from labs.blots.models import Gel
from labs.specimens.models import Specimen
from labs.specimens.services import specimen_create
from registry.models import Enrolment
from tests.labs.blots.gels import BY, a_gel, say_what_is_what


@pytest.fixture
def normal(enrolment: Enrolment) -> Specimen:
    return specimen_create(patient=enrolment.patient, code="N-0001", kind="normal", collected=date(2024, 1, 5), by=BY)


@pytest.fixture
def gel(db: None) -> Gel:
    return a_gel()


@pytest.fixture
def ready_gel(gel: Gel, tumour: Specimen, normal: Specimen) -> Gel:
    """Every lane and probe is said to be what it is; background is local."""
    return say_what_is_what(gel, tumour, normal)
