from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from analysis.access import access_report, access_reported_cohort, may_see_reports, visible_reports
from analysis.engine.doorbell import ring_for_reports
from analysis.reports.documents import ReportDocument, StoredFigure
from analysis.reports.drawing import figure_svg, figures_of
from analysis.reports.models import Report, Subscription
from analysis.reports.scheduling.selectors import next_report_at
from analysis.reports.services import request_report, subscription_set
from analysis.reports.standing import last_good, stale_by_failure, standing_of
from registry.cohorts.access import access_cohort, visible_cohorts
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL, RECORDING

_SHOWN = 50


@require_GET
@allow(*CLINICAL)
def report_list(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    cohorts = visible_cohorts(user)
    mine = {row.cohort_id: row for row in Subscription.objects.filter(user=user)}
    reports = list(visible_reports(user).defer("content").select_related("document").defer("document__pdf")[:_SHOWN])
    context = {
        "reports": reports,
        "stale": stale_by_failure(reports),
        "may_see_reports": may_see_reports(user),
        "may_look_after": user.has_role(*RECORDING),
        "cohorts": [
            {"cohort": cohort, "subscription": mine.get(cohort.pk), "next_report": next_report_at(cohort)}
            for cohort in cohorts
        ],
        "simulated": any(cohort.is_simulated for cohort in cohorts),
    }
    return render(request, "analysis/reports.html", context)


@require_GET
@allow(*CLINICAL)
def report_page(request: HttpRequest, pk: int) -> HttpResponse:
    report = access_report(acting_user(request), pk)
    is_done = report.state == Report.State.DONE
    context = {
        "report": report,
        "content": report.content_values,
        "standing": standing_of(report) if is_done else None,
        "last_good": last_good(report) if report.state == Report.State.FAILED else None,
        "next_report": next_report_at(report.cohort),
        "document": ReportDocument.objects.filter(report=report).defer("pdf").first(),
        "simulated": report.cohort.is_simulated,
    }
    template = "analysis/report_body.html" if request.headers.get("X-Poll") else "analysis/report.html"
    return render(request, template, context)


@require_GET
@allow(*CLINICAL)
def report_json(request: HttpRequest, pk: int) -> HttpResponse:
    report = access_report(acting_user(request), pk)
    document = ReportDocument.objects.filter(report=report).defer("pdf").first()
    content = {
        "report": report.pk,
        "state": report.state,
        "trigger": report.trigger,
        "requested_by": report.requested_by,
        "started_at": report.started_at.isoformat(),
        "finished_at": report.finished_at.isoformat() if report.finished_at else None,
        "freshness": standing_of(report).freshness.state if report.state == Report.State.DONE else report.state,
        "pdf_sha256": document.sha256 if document else None,
    }
    return JsonResponse(content | report.content_values, json_dumps_params={"sort_keys": True, "ensure_ascii": False})


@require_GET
@allow(*CLINICAL)
def report_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """As it was set when the report was made."""
    report = access_report(acting_user(request), pk)
    document = ReportDocument.objects.filter(report=report).first()
    if document is None:
        raise Http404
    response = HttpResponse(bytes(document.pdf), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{report.cohort.code}-report{report.pk}.pdf"'
    return response


@require_GET
@allow(*CLINICAL)
def report_figure(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    report = access_report(acting_user(request), pk)
    figure = next((figure for figure in figures_of(report.content_values) if figure["number"] == number), None)
    if figure is None:
        raise Http404
    kept = get_object_or_404(StoredFigure, pk=figure["drawn"])
    svg = figure_svg(figure, kept.content.decode(), captioned=True)
    response = HttpResponse(svg, content_type="image/svg+xml")
    response["Content-Disposition"] = f'inline; filename="{report.cohort.code}-report{pk}-figure{number}.svg"'
    return response


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
    weekly, alerts = (request.POST.get(name) == "1" for name in ("weekly_report", "conclusion_alerts"))
    cohort = access_cohort(user, code)
    subscription_set(cohort=cohort, user=user, weekly_report=weekly, conclusion_alerts=alerts)
    messages.success(request, _("Your mails about %(cohort)s are set.") % {"cohort": cohort.code})
    if (weekly or alerts) and not user.email:
        messages.warning(request, _("Your login has no e-mail address: ask an administrator to enter one."))
    return redirect("analysis:reports")
