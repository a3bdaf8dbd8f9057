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
    mine = {row.cohort_id: row for row in Subscription.objects.filter(user=user)}
    context = {
        "reports": visible_reports(user)[:_SHOWN],
        "may_see_reports": may_see_reports(user),
        "cohorts": [{"cohort": cohort, "subscription": mine.get(cohort.pk)} for cohort in cohorts],
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
    wanted = {name: request.POST.get(name) == "1" for name in ("weekly_report", "conclusion_alerts")}
    cohort = access_cohort(user, code)
    subscription_set(cohort=cohort, user=user, **wanted)
    messages.success(request, _("Your mails about %(cohort)s are set.") % {"cohort": cohort.code})
    if any(wanted.values()) and not user.email:
        messages.warning(request, _("Your login has no e-mail address: ask an administrator to enter one."))
    return redirect("analysis:reports")
