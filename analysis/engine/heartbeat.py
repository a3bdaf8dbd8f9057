"""Renews a claim while its holder works, so that long work keeps it, a dead holder loses it, and a loser stops."""

import ctypes
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import OperationalError, connection

logger = logging.getLogger(__name__)

# Only pure computation is broken off: a transaction that is cut in the middle leaves its connection unusable.
_stoppable: set[int] = set()
_gate = threading.Lock()


class ClaimLost(Exception):
    """Raised within a computation whose claim was cancelled or went to somebody else."""


@contextmanager
def beating(renew: Callable[[], bool]) -> Iterator[None]:
    """Calls `renew` at every third of a lease until it answers that the claim was lost, or the work is done."""
    done = threading.Event()
    thread = threading.Thread(target=_beat, args=(renew, done, threading.get_ident()), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextmanager
def stoppable() -> Iterator[None]:
    """Around what may be broken off by ClaimLost at any line."""
    me = threading.get_ident()
    with _gate:
        _stoppable.add(me)
    try:
        yield
    finally:
        with _gate:
            _stoppable.discard(me)


def _beat(renew: Callable[[], bool], done: threading.Event, holder: int) -> None:
    try:
        while not done.wait(settings.LEASE_SECONDS / 3):
            if not _renewed(renew):
                _stop(holder, done)
                return
    finally:
        connection.close()


def _stop(holder: int, done: threading.Event) -> None:
    while True:
        with _gate:
            if holder in _stoppable:
                _stoppable.discard(holder)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(holder), ctypes.py_object(ClaimLost))
                return
        # Reading or storing at the moment: the one is followed by the computation, the other by the end.
        if done.wait(0.1):
            return


def _renewed(renew: Callable[[], bool]) -> bool:
    try:
        return renew()
    except OperationalError as error:
        # One missed beat is no lost claim.
        logger.warning("A lease could not be renewed (%s).", error)
        connection.close()
        return True
