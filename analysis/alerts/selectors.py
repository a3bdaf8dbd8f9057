"""Alerts for a page: each with the freshness of its analysis, because its sentence quotes derived numbers."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from analysis.alerts.models import Alert
from analysis.engine.freshness import Freshness, freshness_of


@dataclass(frozen=True)
class ShownAlert:
    alert: Alert
    freshness: Freshness


def are_open(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    return alerts.filter(acknowledged_at__isnull=True, closed_at__isnull=True)


def in_state(alerts: QuerySet[Alert], state: str) -> QuerySet[Alert]:
    """open, acknowledged or closed; every other word asks for all."""
    if state == "open":
        return are_open(alerts)
    if state == "acknowledged":
        return alerts.filter(acknowledged_at__isnull=False, closed_at__isnull=True)
    return alerts.filter(closed_at__isnull=False) if state == "closed" else alerts


def shown_alerts(alerts: Iterable[Alert]) -> list[ShownAlert]:
    found = list(alerts)
    fresh = {alert.analysis_id: freshness_of(alert.analysis) for alert in found}
    return [ShownAlert(alert, fresh[alert.analysis_id]) for alert in found]
