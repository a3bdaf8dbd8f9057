"""Which workers there are: each notes a sign of life of its own in the tables, as a dead broker carries none."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from analysis.engine.models import Worker

logger = logging.getLogger(__name__)

_FORGOTTEN_AFTER = timedelta(days=7)
# In the environment before the pool's processes are forked, so that all of them go by their worker's name.
_NAME = "HEPATICA_WORKER"
_ended = threading.Event()


def own_name() -> str:
    return os.environ.get(_NAME) or _name_here()


def be_worker() -> None:
    """This process and those that it forks are one worker from now on."""
    os.environ[_NAME] = _name_here()


def _name_here() -> str:
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


def report_for_duty(queues: Iterable[str]) -> threading.Thread:
    """Notes that this worker lives until `leave`; the first time at once."""
    _ended.clear()
    thread = threading.Thread(target=_keep_noting, args=(f",{','.join(sorted(queues))},",), daemon=True)
    thread.start()
    return thread


def leave() -> None:
    _ended.set()
    _try_to_write(lambda: Worker.objects.filter(name=own_name()).update(stopped_at=timezone.now()))


def note_alive(queues: str) -> None:
    now = timezone.now()
    values = {"queues": queues, "at": now, "stopped_at": None}
    Worker.objects.update_or_create(name=own_name(), defaults=values, create_defaults={**values, "started_at": now})


def forget_old_workers() -> None:
    Worker.objects.filter(at__lt=timezone.now() - _FORGOTTEN_AFTER).delete()


def _keep_noting(queues: str) -> None:
    _try_to_write(lambda: note_alive(queues))
    while not _ended.wait(max(settings.SWEEP_SECONDS / 2, 0.5)):
        _try_to_write(lambda: note_alive(queues))


def _try_to_write(write: Callable[[], object]) -> None:
    try:
        write()
    except DatabaseError as error:
        logger.warning("A sign of life could not be noted (%s).", error)
    finally:
        # Held open, it would be shared with every process that the pool forks later.
        connection.close()
