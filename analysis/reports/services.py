"""The cohort-wide reanalysis and its report: requested, claimed, made, mailed."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from analysis.canonical import canonical_json
from analysis.engine.reanalysis import reanalyse
from analysis.reports.content import compose
from analysis.reports.mail import mail_report
from analysis.reports.models import Report, Subscription
from labs.rounds.blinding import blinded_markers
from registry.models import Cohort
from registry.people.models import User

logger = logging.getLogger(__name__)

_LEASE = timedelta(minutes=10)


def request_report(*, cohort: Cohort, trigger: str, requested_by: str) -> Report:
    """Asks for a report; one that is already under way is that report."""
    with transaction.atomic():
        Cohort.objects.select_for_update().get(pk=cohort.pk)
        running = Report.objects.filter(cohort=cohort, state=Report.State.RUNNING).first()
        return running or Report.objects.create(cohort=cohort, trigger=trigger, requested_by=requested_by)


def request_all(trigger: str) -> None:
    for cohort in Cohort.objects.filter(retired_reason=""):
        request_report(cohort=cohort, trigger=trigger, requested_by="system:schedule")


def run_waiting() -> int:
    """Makes every requested report that nobody is making; returns how many."""
    count = 0
    while report := _claim():
        _make(report)
        count += 1
    return count


def _claim() -> Report | None:
    now = timezone.now()
    free = Report.objects.filter(state=Report.State.RUNNING).filter(
        Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    )
    for report in free.select_related("cohort").order_by("id"):
        if free.filter(pk=report.pk).update(lease_until=now + _LEASE) == 1:
            return report
    return None


def _make(report: Report) -> None:
    try:
        checked = reanalyse(report.cohort, report.trigger)
        content = compose(report, checked)
    except Exception as error:
        logger.exception("report %s failed", report.pk)
        _close(report, Report.State.FAILED, _("The report could not be made (%s).") % type(error).__name__, {})
        return
    _close(report, Report.State.DONE, content["verdict"], content)


def _close(report: Report, state: Report.State, verdict: str, content: dict[str, object]) -> None:
    with transaction.atomic():
        report.state, report.verdict, report.finished_at = state, verdict, timezone.now()
        report.lease_until = None
        report.content = canonical_json(content)
        report.save()
        mail_report(report, _recipients(report.cohort), settings.SITE_URL)


def _recipients(cohort: Cohort) -> list[User]:
    users = User.objects.filter(
        subscriptions__cohort=cohort, subscriptions__weekly_report=True, is_active=True
    ).exclude(email="")
    return [user for user in users.order_by("pk") if not blinded_markers(user)]


def subscription_set(*, cohort: Cohort, user: User, weekly_report: bool, conclusion_alerts: bool) -> None:
    """Who wants neither is no subscriber."""
    wanted = {"weekly_report": weekly_report, "conclusion_alerts": conclusion_alerts}
    if any(wanted.values()):
        Subscription.objects.update_or_create(cohort=cohort, user=user, defaults=wanted)
    else:
        Subscription.objects.filter(cohort=cohort, user=user).delete()
