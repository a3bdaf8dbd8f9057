from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analysis.access import visible_analyses
from analysis.feeding.matrix import feeding
from registry.cohorts.access import access_cohort
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL


@require_GET
@allow(*CLINICAL)
def feeds(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    cohort = access_cohort(user, code)
    context = {
        "cohort": cohort,
        "feeding": feeding(visible_analyses(user).filter(cohort=cohort)),
        "simulated": cohort.is_simulated,
    }
    return render(request, "analysis/feeding/feeds.html", context)
