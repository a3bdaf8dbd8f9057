"""The list of analyses and the page of one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from analysis.access import access_analysis, retired_analyses, visible_alerts, visible_analyses, visible_snapshots
from analysis.alerts.selectors import are_open, shown_alerts
from analysis.citing import citation_of_run
from analysis.definitions.history import asked_of
from analysis.engine.doorbell import ring
from analysis.engine.freshness import Freshness, freshness_of
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_retry
from analysis.evidence import evidence
from analysis.headline.history import history_of
from analysis.kinds.registry import kind_of
from analysis.plans.standing import standing_of
from analysis.presenting import shown, told
from analysis.spending.forms import SpendingForm
from analysis.spending.selectors import spending_of
from analysis.views.running import running_of
from analysis.waiting import waiting_of
from registry.cohorts.access import visible_cohorts
from registry.log.access import visible_changes
from registry.people.access import acting_user, allow
from registry.people.models import User
from registry.people.roles import CLINICAL

_MOVEMENTS_SHOWN = 10


@require_GET
@allow(*CLINICAL)
def analysis_list(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    cohorts, analyses = visible_cohorts(user), visible_analyses(user)
    owners = sorted({analysis.owner_name for analysis in analyses if analysis.owner_name})
    if code := request.GET.get("cohort", ""):
        analyses = analyses.filter(cohort__code=code)
    if owner := request.GET.get("owner", ""):
        analyses = analyses.filter(owner_name=owner)
    rows = [
        {"analysis": analysis, "freshness": freshness_of(analysis), "waiting": waiting_of(analysis)}
        for analysis in analyses
    ]
    context = {
        "rows": rows,
        "cohorts": cohorts,
        "chosen": code,
        "owners": owners,
        "chosen_owner": owner,
        "retired": retired_analyses(user).filter(cohort__in=cohorts.filter(code=code) if code else cohorts),
        "simulated": any(row.cohort.is_simulated for row in analyses),
    }
    return render(request, "analysis/analyses.html", context)


@require_GET
@allow(*CLINICAL)
def analysis_page(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    user = acting_user(request)
    return render(request, "analysis/analysis.html", _context(user, access_analysis(user, code, slug)))


@require_GET
@allow(*CLINICAL)
def analysis_freshness(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """What the badge asks every two seconds: 204 while nothing is new."""
    analysis = access_analysis(acting_user(request), code, slug)
    freshness = _live_freshness(analysis)
    if request.GET.get("seen") == f"{freshness.state}:{freshness.run_id or ''}":
        return HttpResponse(status=204)
    response = render(request, "components/freshness.html", {"freshness": freshness})
    response["HX-Trigger"] = "freshness-changed"
    return response


@require_GET
@allow(*CLINICAL)
def analysis_answer(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """The part of the page that follows the badge."""
    user = acting_user(request)
    return render(request, "analysis/answer.html", _context(user, access_analysis(user, code, slug)))


@require_GET
@allow(*CLINICAL)
def analysis_facts(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Which rows each number was taken from, and who was left out and why."""
    analysis = access_analysis(acting_user(request), code, slug)
    run = (
        analysis.runs.filter(result__isnull=False)
        .select_related("facts", "result__frame", "analysis")
        .order_by("-id")
        .first()
    )
    context = {
        "analysis": analysis,
        "run": run,
        "evidence": evidence(run) if run else [],
        "left_out": run.result.provenance_values["left_out"] if run and run.result else [],
        "freshness": freshness_of(analysis),
        "waiting": waiting_of(analysis),
        "simulated": analysis.cohort.is_simulated,
    }
    return render(request, "analysis/facts.html", context)


@require_POST
@allow(*CLINICAL)
def analysis_rerun(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    analysis = access_analysis(acting_user(request), code, slug)
    try:
        analysis_retry(analysis)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect(analysis)
    transaction.on_commit(ring)
    messages.info(request, _("The analysis will be computed again."))
    return redirect(analysis)


def _live_freshness(analysis: Analysis) -> Freshness:
    url = reverse("analysis:analysis-freshness", args=[analysis.cohort.code, analysis.slug])
    return freshness_of(analysis, url)


def _context(user: User, analysis: Analysis) -> dict[str, Any]:
    seen = shown(analysis, analysis.current) if analysis.current else None
    history, spending = history_of(analysis), spending_of(analysis)
    movements = (
        analysis.movements.select_related("before", "after")
        .prefetch_related("alerts")
        .order_by("-id")[:_MOVEMENTS_SHOWN]
    )
    return {
        "analysis": analysis,
        "cohort": analysis.cohort,
        "freshness": _live_freshness(analysis),
        "running": running_of(analysis),
        "seen": seen,
        "kind_template": seen.kind_template if seen else "",
        "kind_label": kind_of(analysis.kind).label,
        "asked": asked_of(analysis.kind, analysis.parameters),
        "standing": standing_of(analysis),
        "movements": told(list(movements), analysis.cohort_id, visible_changes(user)),
        "history": history.spec if history else None,
        "simulated": analysis.cohort.is_simulated,
        "waiting": waiting_of(analysis),
        "citation": citation_of_run(seen.run, seen.result) if seen and seen.run else None,
        "snapshots": visible_snapshots(user).filter(results__analysis=analysis),
        "alerts": shown_alerts(are_open(visible_alerts(user).filter(analysis=analysis))),
        "spending": spending,
        "spending_form": SpendingForm(initial={"alpha": spending.threshold}),
    }
