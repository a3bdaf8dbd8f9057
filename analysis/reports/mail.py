from collections.abc import Iterable

from django.template.loader import render_to_string
from django.urls import reverse

from analysis.reports.models import Report
from labs.outbox.services import outbox_add
from registry.people.models import User


def mail_report(report: Report, recipients: Iterable[User], site_url: str) -> None:
    """One line when nothing changed, the first page otherwise. Study codes only; no identifiers reach a report."""
    context = {
        "report": report,
        "content": report.content_values,
        "url": site_url + reverse("analysis:report", args=[report.pk]),
    }
    for user in recipients:
        outbox_add(
            recipient=user.email,
            subject=f"Hepatica {report.cohort.code}: {report.verdict}"[:200],
            text=render_to_string("analysis/report_mail.txt", context),
            key=f"report-{report.pk}-{user.pk}",
        )
