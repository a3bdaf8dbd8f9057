"""Renews a claim while its holder works, so that long work keeps it and a dead holder loses it."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import OperationalError, connection

logger = logging.getLogger(__name__)


@contextmanager
def beating(renew: Callable[[], bool]) -> Iterator[None]:
    """Calls `renew` at every third of a lease until it answers that the claim was lost, or the work is done."""
    done = threading.Event()
    thread = threading.Thread(target=_beat, args=(renew, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _beat(renew: Callable[[], bool], done: threading.Event) -> None:
    try:
        while not done.wait(settings.LEASE_SECONDS / 3) and _renewed(renew):
            pass
    finally:
        connection.close()


def _renewed(renew: Callable[[], bool]) -> bool:
    try:
        return renew()
    except OperationalError as error:
        # One missed beat is no lost claim.
        logger.warning("A lease could not be renewed (%s).", error)
        connection.close()
        return True
