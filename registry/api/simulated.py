"""Simulated data are marked wherever they are shown."""

from typing import Any, TypeVar

from django.db.models import Exists, Model, OuterRef, QuerySet
from rest_framework import serializers

from registry.api.serializers import Presented
from registry.patients.models import Enrolment

M = TypeVar("M", bound=Model)


def marked(rows: QuerySet[M], patient: str = "patient_id") -> QuerySet[Any]:
    """The rows with `simulated`: whether the patient behind `patient` is in a simulated cohort."""
    members = Enrolment.objects.filter(patient=OuterRef(patient), cohort__is_simulated=True)
    return rows.annotate(simulated=Exists(members))


class PresentedOfPatient(Presented):
    """A row of a patient, known by the study number."""

    patient = serializers.CharField(source="patient.study_number")
    simulated = serializers.BooleanField()
