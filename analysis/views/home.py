from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analysis.worklist import worklist
from registry.people.access import acting_user, allow
from registry.people.roles import EVERYBODY


@require_GET
@allow(*EVERYBODY)
def home(request: HttpRequest) -> HttpResponse:
    work = worklist(acting_user(request))
    return render(request, "analysis/home.html", {"work": work, "simulated": work.has_simulated})
