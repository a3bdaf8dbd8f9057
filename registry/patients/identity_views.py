"""Who a patient is, on a page of its own: opening it is a reading, and every reading is logged."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from registry.log.actors import Actor
from registry.log.models import Action, Change
from registry.patients.access import access_identity
from registry.patients.forms import IdentityForm
from registry.patients.models import Patient, PatientIdentity
from registry.patients.services import identity_read, identity_save
from registry.people.access import acting_user, allow
from registry.people.roles import RECORDING


@allow(*RECORDING)
def identity(request: HttpRequest, study_number: str) -> HttpResponse:
    user = acting_user(request)
    patient = access_identity(user, study_number)
    row = identity_read(patient=patient, by=Actor.of(user), reason="opened the identity page")
    form = IdentityForm(request.POST or None, instance=row or PatientIdentity(patient=patient, site=patient.site))

    def write() -> PatientIdentity:
        return identity_save(
            patient=patient,
            values=form.values,
            expected_version=form.expected_version,
            by=Actor.of(user),
            reason=form.given_reason,
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("registry:identity", study_number)
    context = {"patient": patient, "form": form, "is_known": row is not None, "readings": _readings(patient)}
    return render(request, "registry/identity.html", context)


def _readings(patient: Patient) -> list[Change]:
    known = PatientIdentity.objects.filter(patient=patient).values_list("pk", flat=True)
    subjects = [str(pk) for pk in known]
    rows = Change.objects.filter(subject_type="patientidentity", subject_id__in=subjects, action=Action.READ)
    return list(rows.order_by("-id")[:100])
