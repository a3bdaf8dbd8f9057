from collections.abc import Iterable

from django.template.loader import render_to_string
from django.urls import reverse

from analysis.reports.documents import ReportDocument
from analysis.reports.models import Report
from analysis.reports.standing import last_good
from labs.outbox.services import outbox_add
from registry.people.models import User


def mail_report(report: Report, recipients: Iterable[User], site_url: str) -> None:
    """One line when nothing changed, else what moved; the reason when it failed. No identifier is in a report."""
    good = last_good(report) if report.state == Report.State.FAILED else None
    has_pdf = ReportDocument.objects.filter(report=report).exists()
    context = {
        "report": report,
        "content": report.content_values,
        "url": _address(site_url, "analysis:report", report),
        "pdf_url": _address(site_url, "analysis:report-pdf", report) if has_pdf else "",
        "last_good": good,
        "last_good_url": _address(site_url, "analysis:report", good) if good else "",
    }
    for user in recipients:
        outbox_add(
            recipient=user.email,
            subject=f"Hepatica {report.cohort.code}: {report.verdict}"[:200],
            text=render_to_string("analysis/report_mail.txt", context),
            key=f"report-{report.pk}-{user.pk}",
        )


def _address(site_url: str, name: str, report: Report) -> str:
    return site_url + reverse(name, args=[report.pk])
