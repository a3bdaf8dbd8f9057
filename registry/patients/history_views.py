from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from registry.clinical.kinds import KINDS
from registry.log.access import visible_changes
from registry.log.history import history_of, steps
from registry.patients.access import access_patient
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL

# Not the identity: that its fields changed, and who read them, is said on its own page.
_SHOWN = (
    "patient",
    "enrolment",
    "baseline",
    "treatment",
    "assessment",
    "reportedresponse",
    "followup",
    "outcomeevent",
    "importedtime",
    "extravalue",
)


@allow(*CLINICAL)
def patient_history(request: HttpRequest, study_number: str) -> HttpResponse:
    user = acting_user(request)
    patient = access_patient(user, study_number)
    changes = visible_changes(user).filter(subject_code=patient.study_number, subject_type__in=_SHOWN)
    return _page(request, patient, _("Everything recorded about this patient"), steps(changes))


@allow(*CLINICAL)
def fact_history(request: HttpRequest, study_number: str, pk: int, slug: str) -> HttpResponse:
    """Also of a fact that was marked as an error: that is when somebody asks."""
    user = acting_user(request)
    patient = access_patient(user, study_number)
    fact = KINDS[slug].model._default_manager.filter(pk=pk, patient=patient).first()
    if fact is None:
        raise Http404
    return _page(request, patient, str(fact), history_of(fact, visible_changes(user)), retired=fact.retired_reason)


def _page(request: HttpRequest, patient: Any, title: str, found: Any, retired: str = "") -> HttpResponse:
    context = {"patient": patient, "title": title, "steps": found, "retired": retired}
    return render(request, "registry/history.html", context)
