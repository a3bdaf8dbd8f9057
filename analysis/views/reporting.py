"""When a cohort's reports come by themselves, and to whom."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from analysis.access import access_reported_cohort
from analysis.reports.scheduling.forms import ScheduleForm
from analysis.reports.scheduling.selectors import next_report_at, schedule_of
from analysis.reports.scheduling.services import schedule_set
from analysis.reports.services import subscription_set
from analysis.reports.subscribers import may_read, possible_subscribers, subscribers_of
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.models import User
from registry.people.roles import RECORDING, Role


@require_GET
@allow(*RECORDING)
def reporting(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    cohort = access_reported_cohort(user, code)
    return _page(request, user, cohort, ScheduleForm(instance=schedule_of(cohort)))


@require_POST
@allow(Role.ADMINISTRATOR)
def reporting_schedule(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    cohort = access_reported_cohort(user, code)
    form = ScheduleForm(request.POST, instance=schedule_of(cohort))

    def write() -> None:
        schedule_set(
            cohort=cohort,
            expected_version=form.expected_version,
            by=Actor.of(user),
            reason=form.given_reason,
            **form.values,
        )

    if not form.saves(write):
        return _page(request, user, cohort, form)
    messages.success(request, _("The schedule is saved."))
    return redirect("analysis:reporting", code=code)


@require_POST
@allow(*RECORDING)
def reporting_subscribers(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    cohort = access_reported_cohort(user, code)
    subscriber = User.objects.filter(username=request.POST.get("username", "")).first()
    wanted = request.POST.get("subscribe") == "1"
    if subscriber is None or (wanted and not may_read(subscriber, cohort)):
        messages.error(request, _("Choose somebody who may read the reports of this cohort."))
        return redirect("analysis:reporting", code=code)
    subscription_set(cohort=cohort, user=subscriber, weekly_report=wanted, conclusion_alerts=wanted, by=Actor.of(user))
    if wanted and not subscriber.email:
        messages.warning(request, _("This login has no e-mail address: ask an administrator to enter one."))
    return redirect("analysis:reporting", code=code)


def _page(request: HttpRequest, user: User, cohort: Cohort, form: ScheduleForm) -> HttpResponse:
    context: dict[str, Any] = {
        "cohort": cohort,
        "form": form,
        "may_schedule": user.has_role(Role.ADMINISTRATOR),
        "next_report": next_report_at(cohort),
        "schedule": schedule_of(cohort),
        "subscribers": subscribers_of(cohort),
        "others": possible_subscribers(cohort),
        "simulated": cohort.is_simulated,
    }
    return render(request, "analysis/reporting.html", context)
