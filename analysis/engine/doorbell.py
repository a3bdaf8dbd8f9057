"""Tells the workers that there is work. It may be lost: beat's sweep runs the same functions."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def ring() -> None:
    _send("analysis.tasks.run_stale", "analysis.tasks.seal")


def ring_for_reports() -> None:
    _send("analysis.tasks.run_reports")


def ring_for_exports() -> None:
    _send("analysis.tasks.run_exports")


def _send(*tasks: str) -> None:
    for name in tasks:
        try:
            # A bell that nobody answered within a minute is noise: the sweep has long been there.
            current_app.send_task(name, expires=60, retry=False)
        except OperationalError as error:
            logger.warning("The broker is away (%s); the sweep will find the work.", error)
            return
