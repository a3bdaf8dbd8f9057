"""What the registry holds already about the patients of a file, read in a few queries instead of a few per fact."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from labs.blood.models import BloodResult
from labs.ihc.models import Read
from labs.markers.models import Stain
from labs.specimens.models import Specimen
from registry.clinical.models import (
    Baseline,
    ExtraValue,
    FollowUp,
    ImportedTime,
    OutcomeEvent,
    ReportedResponse,
    Treatment,
)
from registry.cohorts.models import Cohort
from registry.patients.models import Enrolment, Patient, PatientIdentity

M = TypeVar("M", bound=Model)

_CHUNK = 500  # SQLite limits the parameters of one statement


class Known:
    def __init__(self, cohort: Cohort, study_numbers: Iterable[str], specimen_codes: Iterable[str]) -> None:
        self.patients = {row.study_number: row for row in _among(Patient.objects.all(), "study_number", study_numbers)}
        ids = [row.pk for row in self.patients.values()]
        enrolled = Enrolment.objects.filter(cohort=cohort)
        self.enrolments = {row.patient_id: row for row in _among(enrolled, "patient_id", ids)}
        # Only that an identity exists and which version: nobody reads it here.
        identities = PatientIdentity.objects.only("patient_id", "version")
        self.identity_versions = {row.patient_id: row.version for row in _among(identities, "patient_id", ids)}
        self._read_enrolment_facts()
        self._read_patient_facts(ids)
        self._read_measurements(specimen_codes)

    def _read_enrolment_facts(self) -> None:
        ids = [row.pk for row in self.enrolments.values()]
        self.baselines = {row.enrolment_id: row for row in _among(Baseline.objects.all(), "enrolment_id", ids)}
        times = _among(ImportedTime.objects.all(), "enrolment_id", ids)
        self.times = {(row.enrolment_id, row.endpoint): row for row in times}
        responses = _among(ReportedResponse.objects.all(), "enrolment_id", ids)
        self.responses = {row.enrolment_id: row for row in responses}
        extras = _among(ExtraValue.objects.all(), "enrolment_id", ids)
        self.extras = {(row.enrolment_id, row.variable_id): row for row in extras}

    def _read_patient_facts(self, ids: list[int]) -> None:
        self.events = _grouped(_among(OutcomeEvent.objects.all(), "patient_id", ids))
        self.treatments = _grouped(_among(Treatment.objects.all(), "patient_id", ids))
        self.contacts = _grouped(_among(FollowUp.objects.all(), "patient_id", ids))

    def _read_measurements(self, specimen_codes: Iterable[str]) -> None:
        specimens = _among(Specimen.objects.select_related("patient"), "code", specimen_codes)
        self.specimens = {row.code: row for row in specimens}
        ids = [row.pk for row in self.specimens.values()]
        stains = list(_among(Stain.objects.all(), "specimen_id", ids))
        self.stains = {(row.specimen_id, row.marker_id): row for row in stains}
        # The newest revisions, retracted ones as well: what was retracted is not to come back by itself.
        reads = Read.objects.outside_rounds().filter(successor__isnull=True)
        self.reads = {(row.stain_id, row.reader): row for row in _among(reads, "stain_id", [row.pk for row in stains])}
        blood = BloodResult.objects.filter(successor__isnull=True)
        self.blood = {(row.specimen_id, row.analyte_id): row for row in _among(blood, "specimen_id", ids)}


def _among(rows: QuerySet[M], column: str, values: Iterable[Any]) -> Iterator[M]:
    wanted = list(dict.fromkeys(values))
    for start in range(0, len(wanted), _CHUNK):
        yield from rows.filter(**{f"{column}__in": wanted[start : start + _CHUNK]})


def _grouped(rows: Iterable[Any]) -> dict[int, list[Any]]:
    groups = defaultdict(list)
    for row in rows:
        groups[row.patient_id].append(row)
    return groups
