"""Reads of blot ratios and fold changes for a whole cohort: one query each, through any database alias."""

from typing import Any

from django.db.models import QuerySet

from labs.measured import FactRef, Measured
from labs.specimens.choosing import OnSpecimen, mean_of, measured_by_enrolment, preferred
from labs.wetlab.models import BlotRatio, FoldChange
from registry.cohorts.models import Cohort

REFERENCE_GENE = "ACTB"


def blot_values(cohort: Cohort, marker: str, specimen_kind: str, using: str = "default") -> list[Measured]:
    """Per enrolment the ratio on the specimen collected last; several gels of it are averaged, and that is said."""
    rows = _on_specimens(BlotRatio.objects.using(using).current(), cohort, marker, specimen_kind, "ratio", "gel")
    return measured_by_enrolment(rows, mean_of("gels"))


def fold_values(cohort: Cohort, marker: str, specimen_kind: str, using: str = "default") -> list[Measured]:
    """Per enrolment the fold change on the specimen collected last, against ACTB where that was used."""
    current = FoldChange.objects.using(using).current()
    rows = _on_specimens(current, cohort, marker, specimen_kind, "fold", "reference_gene")
    return measured_by_enrolment(rows, preferred(REFERENCE_GENE, "reference gene"))


def _on_specimens(
    current: QuerySet[Any], cohort: Cohort, marker: str, specimen_kind: str, value: str, source: str
) -> list[OnSpecimen]:
    model = current.model._meta.model_name or ""
    rows = (
        current.filter(
            marker__code=marker,
            specimen__kind=specimen_kind,
            specimen__retired_reason="",
            specimen__patient__enrolments__cohort_id=cohort.pk,
            specimen__patient__enrolments__retired_reason="",
        )
        .order_by("specimen__patient__study_number", source)
        .values_list(
            "specimen__patient__enrolments__pk",
            "specimen__code",
            "specimen__collected",
            value,
            source,
            "pk",
            "version",
        )
    )
    return [
        OnSpecimen(enrolment_id, code, day, number, name, FactRef(model, pk, version, f"{code} {marker}"))
        for enrolment_id, code, day, number, name, pk, version in rows
    ]
