"""Any run of an analysis: what it found, whether it still stands, its files, and computing it once more."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from analysis.access import access_analysis, access_run
from analysis.citing import Citation, citation_of_run
from analysis.engine.doorbell import ring_for_reexecutions
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Run
from analysis.headline.claims import compare
from analysis.reexecution.services import reexecution_request
from analysis.snapshots.models import Snapshot
from analysis.views.result_files import figure_file, filed, json_file, r_file, rows_file
from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL

_PAGE = 50


@require_GET
@allow(*CLINICAL)
def run_list(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    analysis = access_analysis(acting_user(request), code, slug)
    paginator = Paginator(analysis.runs.select_related("result").order_by("-id"), _PAGE)
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "analysis": analysis,
        "cohort": analysis.cohort,
        "page_obj": page,
        "page_range": list(paginator.get_elided_page_range(page.number)),
        "freshness": freshness_of(analysis),
    }
    return render(request, "analysis/runs/runs.html", context)


@require_GET
@allow(*CLINICAL)
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "analysis/runs/run.html", run_context(access_run(acting_user(request), pk)))


def run_context(run: Run, snapshot: Snapshot | None = None) -> dict[str, Any]:
    context: dict[str, Any] = {
        "run": run,
        "analysis": run.analysis,
        "cohort": run.analysis.cohort,
        "snapshot": snapshot,
        "reexecutions": run.reexecutions.all()[:5],
        "duration": (run.finished_at - run.started_at).total_seconds() if run.finished_at else None,
    }
    if run.result is None:
        return context
    file = filed(run)
    current = run.analysis.current if file.standing.superseded_by else None
    return context | {
        "seen": file.seen,
        "standing": file.standing,
        "freshness": file.standing.badge,
        "is_superseded": current is not None,
        "moved": [claim for claim in compare(file.seen.claims, current.claims) if claim.is_moved] if current else [],
        "citation": citation_of_run(run, run.result, snapshot),
    }


@require_GET
@allow(*CLINICAL)
def run_figure(request: HttpRequest, pk: int, name: str, extension: str) -> HttpResponse:
    return figure_file(filed(access_run(acting_user(request), pk)), name, extension)


@require_GET
@allow(*CLINICAL)
def run_json(request: HttpRequest, pk: int) -> HttpResponse:
    return json_file(filed(access_run(acting_user(request), pk)))


@require_GET
@allow(*CLINICAL)
def run_rows(request: HttpRequest, pk: int) -> HttpResponse:
    return rows_file(filed(access_run(acting_user(request), pk)))


@require_GET
@allow(*CLINICAL)
def run_r(request: HttpRequest, pk: int) -> HttpResponse:
    return r_file(filed(access_run(acting_user(request), pk)))


@require_GET
@allow(*CLINICAL)
def run_citation(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    run = access_run(acting_user(request), pk)
    if run.result is None:
        raise Http404
    return citation_file(citation_of_run(run, run.result), form, f"hepatica-run{run.pk}")


def citation_file(citation: Citation, form: str, name: str) -> HttpResponse:
    text, content_type = {
        "bib": (citation.bibtex, "application/x-bibtex"),
        "ris": (citation.ris, "application/x-research-info-systems"),
    }[form]
    response = HttpResponse(text(), content_type=f"{content_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


@require_POST
@allow(*CLINICAL)
def run_reexecute(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    run = access_run(user, pk)
    try:
        reexecution_request(run=run, by=Actor.of(user))
    except ValidationError as error:
        raise Http404 from error
    transaction.on_commit(ring_for_reexecutions)
    return redirect(f"{reverse('analysis:run', args=[run.pk])}#reexecution")


@require_GET
@allow(*CLINICAL)
def run_reexecutions(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that asks again while a re-execution waits."""
    run = access_run(acting_user(request), pk)
    context = {"run": run, "reexecutions": run.reexecutions.all()[:5]}
    return render(request, "analysis/runs/reexecutions.html", context)
