from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from analysis.engine.doorbell import ring
from analysis.triangles import may_define, triangle_define, triangles_of
from registry.cohorts.access import access_cohort
from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL


@require_GET
@allow(*CLINICAL)
def wet_lab(request: HttpRequest) -> HttpResponse:
    rows = triangles_of(acting_user(request))
    context = {"rows": rows, "simulated": any(row["cohort"].is_simulated for row in rows)}
    return render(request, "analysis/wet_lab.html", context)


@require_POST
@allow(*CLINICAL)
def wet_lab_define(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    cohort = access_cohort(user, code)
    marker = request.POST.get("marker", "")
    if not may_define(user, cohort, marker):
        messages.error(request, _("There is no such marker with a blot or a fold change in this cohort."))
        return redirect("analysis:wet-lab")
    analysis = triangle_define(cohort=cohort, marker=marker, by=Actor.of(user))
    transaction.on_commit(ring)
    messages.success(request, _("The triangle of %(marker)s is defined.") % {"marker": marker})
    return redirect(analysis)
