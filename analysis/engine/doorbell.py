"""Tells the workers that there is work. It may be lost: beat's sweep runs the same functions."""

import logging

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def ring() -> None:
    # When the facts have rested: each of a burst of changes rings, and the last bell finds all of them.
    _send("analysis.tasks.run_stale", after=settings.SETTLE_MILLISECONDS / 1000)
    _send("analysis.tasks.seal")


def ring_for_company() -> None:
    """One save makes many analyses stale, and its bell woke one worker."""
    _send("analysis.tasks.run_stale")


def ring_for_reports() -> None:
    _send("analysis.tasks.run_reports")


def ring_for_exports() -> None:
    _send("analysis.tasks.run_exports")


def ring_for_reexecutions() -> None:
    _send("analysis.tasks.run_reexecutions")


def ring_for_parts() -> None:
    _send("analysis.tasks.run_parts")


def _send(*tasks: str, after: float = 0) -> None:
    for name in tasks:
        try:
            # A bell that nobody answered within a minute is noise: the sweep has long been there.
            current_app.send_task(name, countdown=after or None, expires=60 + after, retry=False)
        except OperationalError as error:
            logger.warning("The broker is away (%s); the sweep will find the work.", error)
            return
