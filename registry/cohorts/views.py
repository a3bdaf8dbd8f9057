from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from registry.cohorts.access import access_cohort
from registry.cohorts.completeness import completeness
from registry.cohorts.endpoints import cohort_endpoints
from registry.cohorts.flow import boxes
from registry.cohorts.forms import CohortForm
from registry.cohorts.models import Cohort, EligibilityRule
from registry.cohorts.selectors import cohort_list, event_names, rule_sentence
from registry.cohorts.services import cohort_update
from registry.extensions import cohort_panels, dependents
from registry.log.access import visible_changes
from registry.log.actors import Actor
from registry.log.history import steps
from registry.outcomes.flow import cohort_flow
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL, RECORDING


@allow(*CLINICAL)
def cohorts(request: HttpRequest) -> HttpResponse:
    return render(request, "registry/cohorts.html", {"cohorts": cohort_list(acting_user(request))})


@allow(*CLINICAL)
def cohort(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    found = access_cohort(user, code)
    rules = EligibilityRule.objects.filter(cohort=found, retired_reason="").order_by("order", "pk")
    flow = cohort_flow(found)
    endpoints = {endpoint.code: endpoint for endpoint in cohort_endpoints(found)}
    context = {
        "cohort": found,
        "simulated": found.is_simulated,
        "endpoints": [
            (row, endpoints[row.code], event_names(endpoints[row.code].event_kinds)) for row in flow.endpoints
        ],
        "rules": [(rule, rule_sentence(rule)) for rule in rules],
        "flow": boxes(flow),
        "completeness": completeness(found),
        "panels": cohort_panels(user, found),
        "may_edit": user.has_role(*RECORDING),
    }
    return render(request, "registry/cohort.html", context)


@allow(*RECORDING)
def cohort_edit(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    found = access_cohort(user, code)
    form = CohortForm(request.POST or None, instance=found)

    def write() -> Cohort:
        return cohort_update(
            cohort=found,
            changes=form.values,
            expected_version=form.expected_version,
            by=Actor.of(user),
            reason=form.given_reason,
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("registry:cohort", code)
    context = {"cohort": found, "form": form, "title": _("Edit the definition"), "stale": dependents(found.streams())}
    return render(request, "registry/fact_form.html", context)


@allow(*CLINICAL)
def cohort_history(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    found = access_cohort(user, code)
    changes = visible_changes(user).filter(cohort=found, domain="definition")
    context = {"cohort": found, "title": _("History of the definition"), "steps": steps(changes)}
    return render(request, "registry/history.html", context)
