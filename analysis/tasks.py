"""The tasks: each calls one function. The tables are the truth, so a task may be lost, doubled or killed."""

from celery import shared_task

from analysis.engine import execution, watch
from analysis.reports import services as reports
from analysis.reports.scheduling import services as report_schedule
from labs.bench_files import services as bench_files
from labs.blood.upload import services as blood_uploads
from labs.outbox.services import outbox_deliver
from labs.rounds.images.services import cut_waiting
from registry.log.sealing import seal_pending


@shared_task
def run_stale() -> None:
    execution.run_stale("change")


@shared_task
def sweep() -> None:
    """What beat runs: finds whatever a lost bell, a dead worker or a restart left behind."""
    watch.note_sweep()
    execution.run_stale("sweep")
    reports.run_waiting()
    seal_pending()
    cut_waiting()
    bench_files.uploads_purge()
    blood_uploads.uploads_purge()


@shared_task
def seal() -> None:
    seal_pending()


@shared_task
def deliver() -> None:
    outbox_deliver()


@shared_task
def reanalyse_all() -> None:
    """Every hour: the reports whose hour has come."""
    report_schedule.request_due()
    reports.run_waiting()


@shared_task
def run_reports() -> None:
    reports.run_waiting()
