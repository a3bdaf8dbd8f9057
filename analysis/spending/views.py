from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from analysis.access import access_analysis
from analysis.engine.freshness import freshness_of
from analysis.spending.forms import SpendingForm
from analysis.spending.selectors import spending_of
from analysis.spending.services import spending_declare
from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL


@require_http_methods(["GET", "POST"])
@allow(*CLINICAL)
def spending_plan(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """The plan, all its versions, and the form of a new one."""
    user = acting_user(request)
    analysis = access_analysis(user, code, slug)
    spending = spending_of(analysis)
    form = SpendingForm(request.POST or None, initial={"alpha": spending.threshold})
    if request.method == "POST":
        by = Actor.of(user)
        if form.saves(lambda: spending_declare(analysis=analysis, by=by, **form.cleaned_data)):
            messages.success(request, _("The plan is declared; it judges from the next result on."))
            return redirect(analysis)
    context = {
        "analysis": analysis,
        "cohort": analysis.cohort,
        "spending": spending,
        "form": form,
        "freshness": freshness_of(analysis),
        "simulated": analysis.cohort.is_simulated,
    }
    return render(request, "analysis/spending/form.html", context)
