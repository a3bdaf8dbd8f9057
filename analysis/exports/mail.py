"""Who asked is told where the bundle is; the mail itself says nothing of what is in it."""

from django.conf import settings
from django.utils.translation import gettext as _

from analysis.exports.models import ExportJob
from labs.outbox.services import outbox_add


def mail_ready(job: ExportJob) -> None:
    until = f"{job.expires_at:%Y-%m-%d %H:%M} UTC" if job.expires_at else ""
    _mail(
        job,
        _("Hepatica: export %(export)s is ready") % {"export": job},
        _("Your export can be downloaded until %(until)s, after signing in:") % {"until": until},
    )


def mail_failed(job: ExportJob) -> None:
    _mail(
        job,
        _("Hepatica: export %(export)s was not made") % {"export": job},
        _("Your export was not made. The page says why, and lets you ask again:"),
    )


def _mail(job: ExportJob, subject: str, sentence: str) -> None:
    if job.asked_by.email:
        outbox_add(
            recipient=job.asked_by.email,
            subject=subject,
            text=f"{sentence}\n\n{settings.SITE_URL}{job.get_absolute_url()}\n",
            key=f"export-{job.pk}-{job.state}",
        )
