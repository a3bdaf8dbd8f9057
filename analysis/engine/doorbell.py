"""Tells the workers that there is work. It may be lost: beat's sweep runs the same task."""

import logging

from kombu.exceptions import OperationalError

from analysis import tasks

logger = logging.getLogger(__name__)


def ring() -> None:
    for task in (tasks.run_stale, tasks.seal):
        try:
            # A bell that nobody answered within a minute is noise: the sweep has long been there.
            task.apply_async(expires=60, retry=False)
        except OperationalError as error:
            logger.warning("The broker is away (%s); the sweep will find the work.", error)
            return
