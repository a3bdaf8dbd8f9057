from datetime import date

import pytest

from labs.blood.models import Analyte
from labs.inbox.mapping.services import authority_set, code_map, sender_set
from registry.log.actors import Actor
from registry.models import Patient, Site
from registry.patients.services import identity_save, patient_create

BY = Actor.system("tests", "test")


@pytest.fixture
def known(site: Site) -> Patient:
    """A patient with record number 4711, of a hospital whose laboratory EAST sends WBC and haemoglobin."""
    patient = patient_create(study_number="ICI-0001", site=site, sex="F", by=BY)
    identity_save(patient=patient, values={"record_number": "4711", "birth_date": date(1950, 5, 17)}, by=BY)
    authority_set(name="HOSP", site=site, by=BY)
    sender_set(pattern="LAB|EAST", site=site, by=BY)
    for code, analyte in (("WBC", "WBC"), ("HB", "HGB"), ("AFP", "AFP")):
        code_map(sender="LAB|EAST", code=code, analyte=Analyte.objects.get(code=analyte), by=BY)
    return patient
