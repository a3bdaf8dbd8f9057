"""The list of exports, the page of one, and its file."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from analysis.exports.access import access_export, exports_of_cohort, may_export, visible_exports
from analysis.exports.models import ExportJob
from analysis.exports.services import export_cancel, export_downloaded
from analysis.exports.wizard import draft_of
from registry.cohorts.access import access_cohort, visible_cohorts
from registry.people.access import acting_user, allow
from registry.people.models import User
from registry.people.roles import CLINICAL, Role

_SHOWN = 100


@require_GET
@allow(*CLINICAL)
def export_list(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    cohorts = visible_cohorts(user)
    context = {
        "exports": visible_exports(user)[:_SHOWN],
        "may_export": may_export(user),
        "cohorts": cohorts,
        "simulated": cohorts.filter(is_simulated=True).exists(),
    }
    return render(request, "analysis/exports/exports.html", context)


@require_GET
@allow(*CLINICAL)
def cohort_exports(request: HttpRequest, code: str) -> HttpResponse:
    """What has left the house of this cohort: for whoever answers for it."""
    user = acting_user(request)
    cohort = access_cohort(user, code)
    context = {
        "exports": exports_of_cohort(user, cohort),
        "may_export": may_export(user),
        "cohort": cohort,
        "simulated": cohort.is_simulated,
    }
    return render(request, "analysis/exports/exports.html", context)


@require_GET
@allow(*CLINICAL)
def export_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    job = access_export(user, pk)
    context = {
        "job": job,
        "is_mine": job.asked_by_id == user.pk,
        "may_cancel": _may_cancel(job, user),
        "simulated": any(cohort.is_simulated for cohort in job.cohorts.all()),
    }
    template = "analysis/exports/export_body.html" if request.headers.get("X-Poll") else "analysis/exports/export.html"
    return render(request, template, context)


@require_GET
@allow(*CLINICAL)
def export_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    user = acting_user(request)
    job = access_export(user, pk)
    if job.asked_by_id != user.pk:
        messages.error(request, _("Only whoever asked for an export can download it."))
    elif not job.can_be_downloaded or not job.path.is_file():
        messages.error(request, _("There is no file to download: it expired, or is not made yet."))
    else:
        file = job.path.open("rb")
        export_downloaded(job=job, user=user)
        return FileResponse(file, as_attachment=True, filename=job.bundle_name, content_type="application/zip")
    return redirect(job)


@require_POST
@allow(*CLINICAL)
def export_stop(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    job = access_export(user, pk)
    if not _may_cancel(job, user):
        messages.error(request, _("Only whoever asked for an export, or an administrator, can cancel it."))
    elif not export_cancel(job=job):
        messages.error(request, _("It was over before it could be cancelled."))
    return redirect(job)


@require_POST
@allow(*CLINICAL)
def export_again(request: HttpRequest, pk: int) -> HttpResponse:
    """The same answers for a new export; each is judged anew, by the rights of whoever asks now."""
    job = access_export(acting_user(request), pk)
    draft_of(request, job.wished, list(job.cohorts.all()))
    return redirect("analysis:export-summary")


def _may_cancel(job: ExportJob, user: User) -> bool:
    return job.is_open and (job.asked_by_id == user.pk or user.has_role(Role.ADMINISTRATOR))
