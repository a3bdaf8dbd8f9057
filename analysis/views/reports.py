from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from analysis.access import access_report, access_reported_cohort, may_see_reports, visible_reports
from analysis.engine.doorbell import ring_for_reports
from analysis.reports.models import Subscription
from analysis.reports.services import request_report, subscription_set
from registry.cohorts.access import access_cohort, visible_cohorts
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL

_SHOWN = 50


@require_GET
@allow(*CLINICAL)
def report_list(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    cohorts = visible_cohorts(user)
    mine = set(Subscription.objects.filter(user=user).values_list("cohort_id", flat=True))
    context = {
        "reports": visible_reports(user)[:_SHOWN],
        "may_see_reports": may_see_reports(user),
        "cohorts": [{"cohort": cohort, "is_subscribed": cohort.pk in mine} for cohort in cohorts],
        "simulated": any(cohort.is_simulated for cohort in cohorts),
    }
    return render(request, "analysis/reports.html", context)


@require_GET
@allow(*CLINICAL)
def report_page(request: HttpRequest, pk: int) -> HttpResponse:
    report = access_report(acting_user(request), pk)
    context = {"report": report, "content": report.content_values, "simulated": report.cohort.is_simulated}
    template = "analysis/report_body.html" if request.headers.get("X-Poll") else "analysis/report.html"
    return render(request, template, context)


@require_GET
@allow(*CLINICAL)
def report_json(request: HttpRequest, pk: int) -> HttpResponse:
    report = access_report(acting_user(request), pk)
    content = {
        "report": report.pk,
        "state": report.state,
        "trigger": report.trigger,
        "requested_by": report.requested_by,
        "started_at": report.started_at.isoformat(),
        "finished_at": report.finished_at.isoformat() if report.finished_at else None,
    }
    return JsonResponse(content | report.content_values, json_dumps_params={"sort_keys": True, "ensure_ascii": False})


@require_POST
@allow(*CLINICAL)
def report_run(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    report = request_report(cohort=access_reported_cohort(user, code), trigger="manual", requested_by=user.username)
    transaction.on_commit(ring_for_reports)
    return redirect("analysis:report", pk=report.pk)


@require_POST
@allow(*CLINICAL)
def report_subscribe(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    wanted = request.POST.get("subscribe") == "1"
    subscription_set(cohort=access_cohort(user, code), user=user, wanted=wanted)
    if wanted and not user.email:
        messages.warning(request, _("Your login has no e-mail address: ask an administrator to enter one."))
    return redirect("analysis:reports")
