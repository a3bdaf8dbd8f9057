"""The cohort-wide reanalysis and its report: requested, claimed, made, mailed."""

import logging
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from analysis.canonical import canonical_json, sha256
from analysis.engine.heartbeat import beating
from analysis.engine.reanalysis import reanalyse
from analysis.reports.content import Composed, compose
from analysis.reports.documents import ReportDocument, StoredFigure
from analysis.reports.drawing import drawn_of
from analysis.reports.mail import mail_report
from analysis.reports.models import Report, Subscription
from analysis.reports.subscribers import may_read
from analysis.reports.typesetting.pdf import typeset
from labs.rounds.blinding import blinded_markers
from registry.log.actors import Actor
from registry.log.models import Action
from registry.log.recording import recording
from registry.models import Cohort
from registry.people.models import User

logger = logging.getLogger(__name__)

_LEASE = timedelta(minutes=10)
# Where the database is busy it is tried again after the one, and given up after the other.
_PAUSE, _PATIENCE = timedelta(minutes=1), timedelta(minutes=30)


def request_report(*, cohort: Cohort, trigger: str, requested_by: str) -> Report:
    """Asks for a report; one that is already under way is that report."""
    with transaction.atomic():
        Cohort.objects.select_for_update().get(pk=cohort.pk)
        running = Report.objects.filter(cohort=cohort, state=Report.State.RUNNING).first()
        return running or Report.objects.create(cohort=cohort, trigger=trigger, requested_by=requested_by)


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
    """1. every analysis anew; 2. the content; 3. the PDF, unless nothing changed; 4. all stored and mailed at once."""
    try:
        with beating(partial(_renew, report.pk)):
            checked = reanalyse(report.cohort, report.trigger)
            composed = compose(report, checked)
            pdf = None if composed.content["nothing_changed"] else _pdf(report, composed)
    except OperationalError as error:
        logger.exception("report %s met a busy or absent database", report.pk)
        if timezone.now() - report.started_at > _PATIENCE:
            _close(report, Report.State.FAILED, _why(report, error), None, None)
        else:
            # Of itself it comes once a week: what is over in a minute must not cost that one.
            Report.objects.filter(pk=report.pk).update(lease_until=timezone.now() + _PAUSE)
        return
    except Exception as error:
        logger.exception("report %s failed", report.pk)
        _close(report, Report.State.FAILED, _why(report, error), None, None)
        return
    _close(report, Report.State.DONE, composed.content["verdict"], composed, pdf)


def _why(report: Report, error: Exception) -> str:
    if isinstance(error, OperationalError):
        return _("The database was busy or away for half an hour. Ask for the report again.")
    if isinstance(error, MemoryError):
        return _("The worker has too little memory for the report. Tell your administrator.")
    words = {"kind": type(error).__name__[:40], "pk": report.pk}
    return (
        _("Something unforeseen went wrong (%(kind)s). Tell your administrator the number of the report, %(pk)s.")
        % words
    )


def _renew(pk: int) -> bool:
    running = Report.objects.filter(pk=pk, state=Report.State.RUNNING)
    return running.update(lease_until=timezone.now() + _LEASE) == 1


def _pdf(report: Report, composed: Composed) -> bytes | None:
    """What is found out is not withheld because it cannot be printed: the page says that the PDF is missing."""
    try:
        return typeset(composed.content, drawn_of(composed.content, composed.figures))
    except Exception:
        logger.exception("the PDF of report %s could not be set", report.pk)
        return None


def _close(report: Report, state: Report.State, verdict: str, composed: Composed | None, pdf: bytes | None) -> None:
    with transaction.atomic():
        report.state, report.verdict, report.finished_at = state, verdict, timezone.now()
        report.lease_until = None
        report.content = canonical_json(composed.content if composed else {})
        report.save()
        if composed:
            StoredFigure.objects.bulk_create(composed.figures, ignore_conflicts=True)
        if pdf is not None:
            ReportDocument.objects.update_or_create(report=report, defaults={"pdf": pdf, "sha256": sha256(pdf)})
        mail_report(report, _recipients(report.cohort), settings.SITE_URL)


def _recipients(cohort: Cohort) -> list[User]:
    users = User.objects.filter(
        subscriptions__cohort=cohort, subscriptions__weekly_report=True, is_active=True
    ).exclude(email="")
    return [user for user in users.order_by("pk") if may_read(user, cohort) and not blinded_markers(user)]


def subscription_set(
    *,
    cohort: Cohort,
    user: User,
    weekly_report: bool,
    conclusion_alerts: bool,
    by: Actor | None = None,
    reason: str = "",
) -> None:
    """By the person, or by somebody who looks after the list; either is in the log. Who wants neither is none."""
    wanted = {"weekly_report": weekly_report, "conclusion_alerts": conclusion_alerts}
    with recording(by or Actor.of(user), reason) as log:
        existing = Subscription.objects.filter(cohort=cohort, user=user).first()
        before = {name: getattr(existing, name) for name in wanted} if existing else dict.fromkeys(wanted, False)
        if before == wanted:
            return
        if any(wanted.values()):
            action = Action.UPDATE if existing else Action.CREATE
            row, _made = Subscription.objects.update_or_create(cohort=cohort, user=user, defaults=wanted)
            key = row.pk
        elif existing:
            action, key = Action.RETIRE, existing.pk
            existing.delete()
        subject = ("subscription", key, f"{cohort.code}/{user.username}")
        log.add([(cohort.pk, "reports")], action, subject=subject, old=before, new=wanted | {"user": user.username})
