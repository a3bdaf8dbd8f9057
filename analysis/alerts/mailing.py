"""Which alerts are to be mailed, and to whom."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysis.alerts.models import Alert
from analysis.engine.freshness import waiting
from analysis.engine.models import Analysis, Run
from labs.outbox.services import outbox_add
from labs.rounds.blinding import blinded_markers
from registry.cohorts.access import visible_cohorts
from registry.models import Cohort
from registry.people.models import User
from registry.people.roles import CLINICAL


@dataclass(frozen=True)
class Letter:
    """What one mail about one cohort tells."""

    cohort: Cohort
    raised: list[Alert]
    closed: list[Alert]


def unmailed() -> QuerySet[Alert]:
    """New, or closed by itself after a mail has told of it."""
    closed_later = Q(closed_at__isnull=False, mailed_at__isnull=False, closing_mailed_at__isnull=True)
    return Alert.objects.filter(Q(mailed_at__isnull=True) | closed_later)


def letter(cohort: Cohort, alerts: list[Alert]) -> Letter:
    """What was raised and closed before anybody was told is no news."""
    return Letter(
        cohort,
        raised=[alert for alert in alerts if alert.mailed_at is None and alert.closed_at is None],
        closed=[alert for alert in alerts if alert.mailed_at is not None],
    )


def is_settled(cohort: Cohort) -> bool:
    """Nothing of the cohort is computed or waits to be: what one change turned is told in one mail."""
    analyses = Analysis.objects.filter(cohort=cohort)
    # A run in parts is held by nobody between its parts.
    under_way = Run.objects.filter(analysis__cohort=cohort, state=Run.State.RUNNING)
    held = analyses.filter(lease_until__gt=timezone.now())
    return not (held.exists() or under_way.exists() or waiting(analyses).exists())


def recipients(cohort: Cohort) -> list[User]:
    """Whoever asked for it and may still look; nobody who reads slides blind."""
    users = User.objects.filter(
        subscriptions__cohort=cohort, subscriptions__conclusion_alerts=True, is_active=True
    ).exclude(email="")
    return [user for user in users.order_by("pk") if _may_read(user, cohort)]


def _may_read(user: User, cohort: Cohort) -> bool:
    return (
        user.has_role(*CLINICAL) and not blinded_markers(user) and visible_cohorts(user).filter(pk=cohort.pk).exists()
    )


def mail_letter(told: Letter, user: User, site_url: str) -> None:
    """Study codes only: what a sentence names are codes of the change log."""
    alerts = [*told.raised, *told.closed]
    raised = len(told.raised)
    news = (
        ngettext("%(n)s conclusion changed", "%(n)s conclusions changed", raised) % {"n": raised}
        if raised and all(alert.level == Alert.Level.CONCLUSION for alert in told.raised)
        else ngettext("%(n)s alert", "%(n)s alerts", raised) % {"n": raised}
        if raised
        else _("turned back")
    )
    context = {"letter": told, "site": site_url, "url": site_url + reverse("analysis:alerts")}
    events = "-".join(str(pk) for pk in (alerts[0].pk, alerts[-1].pk, len(alerts), raised))
    outbox_add(
        recipient=user.email,
        subject=f"Hepatica {told.cohort.code}: {news}"[:200],
        text=render_to_string("analysis/alerts/mail.txt", context),
        key=f"alerts-{told.cohort.pk}-{events}-{user.pk}",
    )
