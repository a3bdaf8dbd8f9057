"""Reads of IHC values for a whole cohort: one query, through any database alias."""

from labs.ihc.models import Read
from labs.measured import FactRef, Measured
from labs.specimens.choosing import OnSpecimen, mean_of, measured_by_enrolment
from registry.cohorts.models import Cohort


def ihc_values(cohort: Cohort, marker: str, specimen_kind: str, using: str = "default") -> list[Measured]:
    """Per enrolment the mean over readers of the current reads of the marker on the specimen collected last."""
    rows = (
        Read.objects.using(using)
        .current()
        .filter(
            stain__marker__code=marker,
            stain__retired_reason="",
            stain__specimen__kind=specimen_kind,
            stain__specimen__retired_reason="",
            stain__specimen__patient__enrolments__cohort_id=cohort.pk,
            stain__specimen__patient__enrolments__retired_reason="",
        )
        .order_by("stain__specimen__patient__study_number", "reader")
        .values_list(
            "stain__specimen__patient__enrolments__pk",
            "stain__specimen__code",
            "stain__specimen__collected",
            "value",
            "reader",
            "pk",
            "version",
        )
    )
    found = [
        OnSpecimen(enrolment_id, code, day, value, reader, FactRef("read", pk, version, f"{code} {marker}"))
        for enrolment_id, code, day, value, reader, pk, version in rows
    ]
    return measured_by_enrolment(found, mean_of("readers"))
