"""The systems in which our own numbers and codes stand, by SITE_URL: another house's P-001 is somebody else."""

from django.conf import settings

from labs.formats.fhir.elements import Identifier
from registry.people.models import Site


def system(name: str) -> str:
    return f"{settings.SITE_URL}/fhir/{name}"


STUDY_NUMBER, RECORD_NUMBER = "study-number", "record-number"
SPECIMEN, SPECIMEN_KIND = "specimen", "specimen-kind"
RESULT, REPORT, ANALYTE, WORD = "blood-result", "blood-report", "analyte", "result-in-words"


def named(name: str, value: str) -> Identifier:
    return Identifier(system(name), value)


def record_number(site: Site, value: str) -> Identifier:
    return Identifier(f"{system(RECORD_NUMBER)}/{site.code}", value)
