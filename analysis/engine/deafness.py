"""A worker that lives and takes nothing ends itself, so that whoever supervises it starts it anew.

Deaf is who has hands free while the message that is first in line stays the same one. Whoever computes, has lost the
broker, or has nothing to take, is not.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from celery.worker import state
from django.conf import settings

from analysis.engine.broker import first_in_line

logger = logging.getLogger(__name__)

# Counted, not timed: a machine that was suspended wakes up hours later, and has looked once.
_LOOKS = 6
# For the tasks in flight; what is cut off is taken up again when its lease is over.
_GRACE_SECONDS = 60


def watch_own_ears(queues: Iterable[str], pool: Any) -> None:
    """Started once in a worker, when it is ready."""
    if settings.DEAF_SECONDS:
        threading.Thread(target=_keep_looking, args=(tuple(queues), pool), daemon=True).start()


def begin_anew(pool: Any, grace: float = _GRACE_SECONDS) -> None:
    """Ends this process with the code that asks for another one; at the latest after so many seconds."""
    state.should_stop = os.EX_TEMPFAIL
    time.sleep(grace)
    # Only where the main thread hangs, or a task outlasts the grace: the process is gone otherwise.
    for process in pool.info.get("processes", ()):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    os._exit(os.EX_TEMPFAIL)


def _keep_looking(queues: tuple[str, ...], pool: Any) -> None:
    waiting, looks = frozenset[bytes](), 0
    while looks < _LOOKS:
        time.sleep(settings.DEAF_SECONDS / _LOOKS)
        if state.should_stop is not None or state.should_terminate is not None:
            return
        has_hands_free = len(state.active_requests) < pool.num_processes
        found = first_in_line(queues) if has_hands_free else frozenset[bytes]()
        waiting, looks = (waiting & found, looks + 1) if waiting & found else (found, 0)
    logger.critical("This worker takes nothing of what waits for it (%s): it ends, to be started anew.", queues)
    begin_anew(pool)
