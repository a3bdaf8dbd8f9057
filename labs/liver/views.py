"""Child–Pugh, ALBI and BCLC of one patient; and the list of those that do not agree with what is recorded."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from labs.liver.components import blood_components
from labs.liver.discord import discords
from labs.liver.forms import LiverForm
from registry.clinical.liver.computing import Computed, compute
from registry.clinical.liver.models import LiverAssessment
from registry.clinical.liver.quantities import StagingRefused
from registry.clinical.liver.services import discordances, liver_assess
from registry.clinical.models import Baseline
from registry.cohorts.access import visible_cohorts
from registry.extensions import dependents
from registry.log.actors import Actor
from registry.patients.access import access_enrolment
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL, RECORDING

PAGE_SIZE = 50


@allow(*RECORDING)
def liver(request: HttpRequest, study_number: str, code: str) -> HttpResponse:
    user = acting_user(request)
    enrolment = access_enrolment(user, code, study_number)
    baseline = Baseline.objects.filter(enrolment=enrolment).first()
    known = LiverAssessment.objects.filter(enrolment=enrolment, retired_reason="").first()
    form = LiverForm(request.POST or None, blood=blood_components(enrolment), baseline=baseline, known=known)

    def write() -> LiverAssessment:
        data = form.cleaned_data
        return liver_assess(
            enrolment=enrolment,
            inputs=form.inputs(),
            decision=form.decision(),
            expected_version=data["seen_assessment"] or 0,
            baseline_version=data["seen_baseline"] or 0,
            by=Actor.of(user),
            reason=data["reason"],
        )

    is_save = request.method == "POST" and request.POST.get("action") == "store"
    if is_save and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("registry:patient", study_number)
    computed = _computed(form) if request.method == "POST" else None
    context = {
        "enrolment": enrolment,
        "patient": enrolment.patient,
        "cohort": enrolment.cohort,
        "simulated": enrolment.cohort.is_simulated,
        "form": form,
        "is_look": not is_save,
        "known": known,
        "computed": computed,
        "discordant": _discordant(form, computed, baseline, known),
        "stale": dependents([(enrolment.cohort_id, "baseline")]),
    }
    return render(request, "labs/liver.html", context)


def _computed(form: LiverForm) -> Computed | None:
    if not hasattr(form, "cleaned_data"):
        form.is_valid()
    needed = {"bilirubin", "albumin", "clotting", "ascites", "encephalopathy", "tumour_size_cm", "tumour_count"}
    if needed & form.errors.keys():
        return None
    try:
        return compute(form.inputs())
    except StagingRefused as refused:
        if refused.name not in form.errors:
            form.add_error(refused.name, str(refused))
        return None


def _discordant(
    form: LiverForm, computed: Computed | None, baseline: Baseline | None, known: LiverAssessment | None
) -> list[str]:
    if computed is None:
        return []
    data = form.cleaned_data
    final = {"child_pugh": data.get("child_pugh") or computed.child_pugh.letter}
    final["bclc"] = data.get("bclc") or (computed.bclc.stage if computed.bclc else "")
    return discordances(baseline, known, final)


@require_GET
@allow(*CLINICAL)
def discordant(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    code = request.GET.get("cohort", "")
    chosen = [cohort for cohort in visible_cohorts(user) if code in ("", cohort.code)]
    paginator = Paginator(discords(chosen), PAGE_SIZE)
    page = paginator.get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page_obj": page,
        "page_range": list(paginator.get_elided_page_range(page.number)),
        "may_record": user.has_role(*RECORDING),
        "simulated": any(row.enrolment.cohort.is_simulated for row in page),
    }
    return render(request, "labs/discordant.html", context)
