"""The tasks: each calls one function. The tables are the truth, so a task may be lost, doubled or killed.

Which of them wait in the queue `heavy`: CELERY_TASK_ROUTES.
"""

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from analysis.alerts.services import alerts_mail
from analysis.datasets import services as datasets
from analysis.engine import execution, parts, watch, workers
from analysis.exports import services as exports
from analysis.reexecution import services as reexecutions
from analysis.reports import services as reports
from analysis.reports.scheduling import services as report_schedule
from analysis.riskmodels.validating import validations_define
from labs.bench_files import services as bench_files
from labs.blood.upload import services as blood_uploads
from labs.connectors import exchanging
from labs.connectors.signs import services as signs
from labs.inbox import services as inbox
from labs.outbox.services import outbox_deliver
from labs.rounds.images.services import cut_waiting
from registry.idempotency.services import answers_purge
from registry.log.sealing import seal_pending


@shared_task
def run_stale() -> None:
    execution.run_stale("change", _quiet())
    alerts_mail()


@shared_task
def sweep() -> None:
    """What beat runs: finds whatever a lost bell, a dead worker or a restart left behind."""
    watch.note_sweep()
    execution.run_stale("sweep", _quiet())
    parts.parts_purge()
    workers.forget_old_workers()
    reports.run_waiting()
    reexecutions.sweep()
    alerts_mail()
    exports.sweep()
    datasets.datasets_purge()
    seal_pending()
    cut_waiting()
    bench_files.uploads_purge()
    blood_uploads.uploads_purge()
    inbox.inbox_sweep()
    signs.listeners_forget()
    answers_purge()


@shared_task
def run_parts() -> None:
    parts.run_parts()


@shared_task
def seal() -> None:
    seal_pending()


@shared_task
def deliver() -> None:
    outbox_deliver()


@shared_task
def exchange() -> None:
    """What other systems have for us, and we for them."""
    exchanging.exchange()


@shared_task
def reanalyse_all() -> None:
    """Every hour: the reports whose hour has come, and models that can be applied to a cohort since."""
    report_schedule.request_due()
    reports.run_waiting()
    validations_define()


@shared_task
def run_reports() -> None:
    reports.run_waiting()


@shared_task
def run_exports() -> None:
    exports.run_waiting()


@shared_task
def run_reexecutions() -> None:
    reexecutions.run_waiting()


@shared_task
def verify_results() -> None:
    reexecutions.verification_run()


def _quiet() -> timedelta:
    return timedelta(milliseconds=settings.SETTLE_MILLISECONDS)
