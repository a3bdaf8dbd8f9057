"""Snapshots of cohorts: the list, making one, one with its answers beside the present ones, retiring one."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from analysis.access import access_reported_cohort, access_snapshot, may_see_reports, visible_snapshots
from analysis.citing import citation_of_snapshot
from analysis.snapshots.forms import RetirementForm, SnapshotForm
from analysis.snapshots.models import Snapshot
from analysis.snapshots.selectors import compared, moved_streams
from analysis.snapshots.services import snapshot_make, snapshot_retire
from analysis.views.runs import citation_file, run_context
from registry.cohorts.access import visible_cohorts
from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL, RECORDING


@require_GET
@allow(*CLINICAL)
def snapshot_list(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    snapshots = visible_snapshots(user)
    context = {
        "snapshots": snapshots,
        "cohorts": visible_cohorts(user),
        "may_see": may_see_reports(user),
        "simulated": any(cohort.is_simulated for cohort in visible_cohorts(user)),
    }
    return render(request, "analysis/snapshots/snapshots.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(*CLINICAL)
def snapshot_new(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    cohort = access_reported_cohort(user, code)
    form = SnapshotForm(request.POST if request.method == "POST" else None)
    made: list[Snapshot] = []
    if request.method == "POST" and form.saves(
        lambda: made.append(snapshot_make(cohort=cohort, by=Actor.of(user), **form.cleaned_data))
    ):
        return redirect(made[0])
    context = {"form": form, "cohort": cohort, "title": _("A new snapshot of %(cohort)s") % {"cohort": cohort.name}}
    return render(request, "analysis/snapshots/snapshot_new.html", context)


@require_GET
@allow(*CLINICAL)
def snapshot_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    snapshot = access_snapshot(user, pk)
    kept = compared(snapshot)
    context = {
        "snapshot": snapshot,
        "cohort": snapshot.cohort,
        "kept": kept,
        "n_moved": sum(item.is_moved for item in kept),
        "n_flipped": sum(item.is_flipped for item in kept),
        "moved_streams": moved_streams(snapshot, user),
        "citation": citation_of_snapshot(snapshot),
    }
    return render(request, "analysis/snapshots/snapshot.html", context)


@require_GET
@allow(*CLINICAL)
def snapshot_analysis(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """An analysis as of the snapshot: the page of the run that it kept."""
    snapshot = access_snapshot(acting_user(request), pk)
    kept = snapshot.results.filter(analysis__slug=slug).select_related(
        "run__analysis__cohort", "run__analysis__current", "run__result__frame"
    )
    row = kept.first()
    if row is None:
        raise Http404
    return render(request, "analysis/runs/run.html", run_context(row.run, snapshot))


@require_http_methods(["GET", "HEAD", "POST"])
@allow(*RECORDING)
def snapshot_retire_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    snapshot = access_snapshot(user, pk)
    if hasattr(snapshot, "retirement"):
        return redirect(snapshot)
    form = RetirementForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.saves(
        lambda: snapshot_retire(snapshot=snapshot, by=Actor.of(user), **form.cleaned_data)
    ):
        return redirect(snapshot)
    return render(
        request,
        "analysis/snapshots/snapshot_retire.html",
        {"form": form, "snapshot": snapshot, "cohort": snapshot.cohort},
    )


@require_GET
@allow(*CLINICAL)
def snapshot_citation(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    snapshot = access_snapshot(acting_user(request), pk)
    return citation_file(citation_of_snapshot(snapshot), form, f"hepatica-snapshot{snapshot.pk}")
