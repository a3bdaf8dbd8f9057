"""The dashboard of a cohort: endpoints by markers beside the plot of the chosen row."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from analysis.access import visible_analyses
from analysis.cutoffs.picking import is_splittable, pick
from analysis.cutoffs.presenting import picker_context
from analysis.cutoffs.saving import SaveForm
from analysis.dashboard.box import box_text, verdict_of
from analysis.dashboard.options import Options, options_form
from analysis.dashboard.page import Line, dashboard_of, state_of
from analysis.headline.history import history_of
from analysis.presenting import shown
from registry.cohorts.access import access_cohort, visible_cohorts
from registry.models import Cohort
from registry.people.access import acting_user, allow
from registry.people.models import User
from registry.people.roles import CLINICAL


@require_GET
@allow(*CLINICAL)
def dashboards(request: HttpRequest) -> HttpResponse:
    """To the first cohort with an analysis that the reader may see."""
    user = acting_user(request)
    first = visible_analyses(user).order_by("cohort__code").first()
    cohort = first.cohort if first else visible_cohorts(user).order_by("code").first()
    if cohort is None:
        return render(request, "analysis/dashboard/nothing.html")
    return redirect("analysis:dashboard", cohort.code)


@require_GET
@allow(*CLINICAL)
def dashboard(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    is_part = request.headers.get("HX-Target") == "dashboard"
    template = "analysis/dashboard/body.html" if is_part else "analysis/dashboard/dashboard.html"
    response = render(request, template, _context(request, user, access_cohort(user, code)))
    patch_vary_headers(response, ["HX-Target"])
    return response


@require_GET
@allow(*CLINICAL)
def dashboard_freshness(request: HttpRequest, code: str) -> HttpResponse:
    """One question for the whole table every few seconds: 204 while no row is otherwise than it was seen."""
    user = acting_user(request)
    cohort = access_cohort(user, code)
    state = state_of(user, cohort)
    if request.GET.get("seen") == state:
        return HttpResponse(status=204)
    response = render(request, "analysis/dashboard/watch.html", {"cohort": cohort, "state": state})
    response["HX-Trigger"] = "freshness-changed"
    return response


def _context(request: HttpRequest, user: User, cohort: Cohort) -> dict[str, Any]:
    seen = dashboard_of(user, cohort)
    form, options = options_form(request.GET)
    chosen = seen.line(request.GET.get("row", ""))
    page = reverse("analysis:dashboard", args=[cohort.code])
    return {
        "cohort": cohort,
        "cohorts": visible_cohorts(user).order_by("code"),
        "simulated": cohort.is_simulated,
        "dashboard": seen,
        "state": seen.state,
        "page": page,
        "query": f"&{urlencode(options.query())}" if options.query() else "",
        "address": f"{page}?{urlencode({'row': chosen.key, **options.query()})}" if chosen else page,
        "chosen": chosen,
        "form": form,
        **(_chosen(chosen, options) if chosen else {}),
        **(_picker(request, user, chosen) if chosen and chosen.row.marker and is_splittable(chosen.analysis) else {}),
    }


def _chosen(line: Line, options: Options) -> dict[str, Any]:
    analysis, row = line.analysis, line.row
    if analysis.current is None:
        return {}
    result = shown(analysis, analysis.current)
    figure = next((figure for figure in result.figures if figure.name == row.figure), None)
    return {
        "analysis": analysis,
        "seen": result,
        "figure": figure,
        "spec": options.of(figure) if figure else None,
        "file_query": f"?{urlencode(options.query())}" if options.query() else "",
        "box": box_text(analysis.kind, row, result.output),
        "verdict": verdict_of(result.claims, row),
        "history": history_of(analysis, row.claim),
    }


def _picker(request: HttpRequest, user: User, line: Line) -> dict[str, Any]:
    """The picker as it was left, when the page comes back because a result has moved."""
    errors: list[str] = []
    try:
        picked = pick(user, line.analysis, line.row.marker, cutoff=request.GET.get("cutoff", ""))
    except ValidationError as error:
        errors = error.messages
        picked = pick(user, line.analysis, line.row.marker)
    return picker_context(picked, errors) | {"save_form": SaveForm()}
