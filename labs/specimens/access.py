"""The only ways from a request to a specimen. The answer to a stranger is the answer to a wrong number."""

from django.db.models import QuerySet
from django.http import Http404

from labs.specimens.models import Specimen
from registry.patients.access import visible_patients
from registry.people.models import User
from registry.people.roles import Role

# Whoever works at the bench. A pathologist is not among them: a specimen says whose it is.
BENCH = (Role.TECHNICIAN, Role.DATA_MANAGER, Role.ADMINISTRATOR)
# Whoever may look at what was measured.
MEASUREMENTS = (*BENCH, Role.INVESTIGATOR)


def visible_specimens(user: User) -> QuerySet[Specimen]:
    return Specimen.objects.filter(retired_reason="", patient__in=visible_patients(user)).select_related("patient")


def access_specimen(user: User, pk: int) -> Specimen:
    specimen = visible_specimens(user).filter(pk=pk).first()
    if specimen is None:
        raise Http404
    return specimen
