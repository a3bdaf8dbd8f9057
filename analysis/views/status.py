from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from analysis.status import status_for
from registry.people.access import acting_user, allow
from registry.people.roles import EVERYBODY


@require_GET
@allow(*EVERYBODY)
def status_page(request: HttpRequest) -> HttpResponse:
    """The page, and every few seconds its part: 204 while nothing is new, so that nobody's reading is disturbed."""
    status = status_for(acting_user(request))
    body = render_to_string("analysis/parts/status.html", {"status": status})
    seen = sha256(body.encode()).hexdigest()[:16]
    context = {
        "status": status,
        "body": body,
        "seen": seen,
        "simulated": any(row.cohort.is_simulated for row in status.cohorts),
    }
    if not request.headers.get("X-Poll"):
        return render(request, "analysis/status.html", context)
    if request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    return render(request, "analysis/parts/status_region.html", context)
