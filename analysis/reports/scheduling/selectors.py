from datetime import datetime

from django.utils import timezone

from analysis.reports.scheduling.models import ReportSchedule
from registry.cohorts.models import Cohort


def schedule_of(cohort: Cohort) -> ReportSchedule:
    """The cohort's own, or the default, which is in no table."""
    return ReportSchedule.objects.filter(cohort=cohort).first() or ReportSchedule(cohort=cohort)


def next_report_at(cohort: Cohort, now: datetime | None = None) -> datetime | None:
    return schedule_of(cohort).next_after(now or timezone.now())
