from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analysis.access import access_analysis
from analysis.definitions.history import asked_of
from analysis.kinds.registry import kind_of
from analysis.plans.forms import PlanForm
from analysis.plans.models import AnalysisPlan
from analysis.plans.services import MEANING, looks_at, plan_forgo, plan_sign, standing_plan
from analysis.plans.wording import written_plan
from registry.log.actors import Actor
from registry.log.facts import StaleWrite
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL
from registry.signing.services import prove


@allow(*CLINICAL)
def plan(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Shows what would be signed, and signs it."""
    user = acting_user(request)
    analysis = access_analysis(user, code, slug)
    form = PlanForm(request.POST or None, analysis=analysis)
    signed: list[AnalysisPlan] = []

    def write() -> None:
        given = form.cleaned_data
        proof = prove(request, given["password"])
        signed.append(
            plan_sign(
                analysis=analysis,
                expected_version=given["version"],
                question=given["question"],
                alpha=given["alpha"],
                planned_size=given["planned_size"],
                proof=proof,
            )
        )

    if request.method == "POST" and form.saves(write):
        if signed[0].is_registered:
            messages.success(request, _("The plan is signed, and the analysis is registered."))
        else:
            looks = {"looks": signed[0].looks}
            messages.warning(request, _("The plan is signed after %(looks)s looks: it is not registered.") % looks)
        return redirect(analysis)
    context = {
        "analysis": analysis,
        "cohort": analysis.cohort,
        "kind_label": kind_of(analysis.kind).label,
        "form": form,
        "written": written_plan(analysis),
        "asked": asked_of(analysis.kind, analysis.parameters),
        "looks": looks_at(analysis),
        "standing": standing_plan(analysis),
        "meaning": _(MEANING),
        "simulated": analysis.cohort.is_simulated,
    }
    return render(request, "analysis/plans/sign.html", context)


@require_POST
@allow(*CLINICAL)
def forgo(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    user = acting_user(request)
    analysis = access_analysis(user, code, slug)
    version = request.POST.get("version", "")
    try:
        plan_forgo(analysis=analysis, expected_version=int(version) if version.isdigit() else -1, by=Actor.of(user))
    except StaleWrite as stale:
        for message in stale.messages:
            messages.error(request, message)
    else:
        messages.info(request, _("The analysis is computed without a plan: it is exploratory."))
    return redirect(analysis)
