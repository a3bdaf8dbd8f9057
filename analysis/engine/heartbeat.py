"""Renews a claim while its run computes, so that a long run keeps it and a dead one loses it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from analysis.engine.claiming import Claimed, renew


@contextmanager
def beating(claimed: Claimed) -> Iterator[None]:
    done = threading.Event()
    thread = threading.Thread(target=_beat, args=(claimed, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _beat(claimed: Claimed, done: threading.Event) -> None:
    try:
        while not done.wait(settings.LEASE_SECONDS / 3):
            if not renew(claimed):
                return
    finally:
        connection.close()
