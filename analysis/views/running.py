"""A run that is under way: how far it is, and its end by hand."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from analysis.access import access_analysis
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis, Run
from analysis.engine.parts import progress_of
from analysis.engine.services import analysis_cancel
from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL


@require_GET
@allow(*CLINICAL)
def analysis_running(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """204 while nothing is new."""
    context = running_of(access_analysis(acting_user(request), code, slug))
    if request.GET.get("seen", "") == context["seen"]:
        return HttpResponse(status=204)
    return render(request, "analysis/parts/running.html", context)


@require_POST
@allow(*CLINICAL)
def analysis_stop(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    user = acting_user(request)
    analysis = access_analysis(user, code, slug)
    try:
        run = analysis_cancel(analysis=analysis, by=Actor.of(user), reason=request.POST.get("reason", "")[:500])
        messages.info(request, _("Run %(run)s is cancelled.") % {"run": run.pk})
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    return redirect(analysis)


def running_of(analysis: Analysis) -> dict[str, Any]:
    """The run under way with its progress; without one there is nothing to show."""
    run = analysis.runs.filter(state=Run.State.RUNNING).order_by("-id").first()
    if run is None or freshness_of(analysis).state != "running":
        return {"analysis": analysis, "cohort": analysis.cohort, "run": None, "seen": ""}
    progress = progress_of(run)
    seen = ":".join([str(run.pk), str(progress.done) if progress else "", *(progress.steps if progress else ())])
    return {"analysis": analysis, "cohort": analysis.cohort, "run": run, "progress": progress, "seen": seen}
