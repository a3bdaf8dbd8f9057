"""A worker that lives and takes nothing ends, is started anew, and what waited is computed."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from config.launch import ROOT, commands
from config.supervise import Stop, Supervisor
from tests.flows.test_nothing_is_lost import bring, is_fresh
from tests.services.processes import wait_for
from tests.services.stack import Stack, quick_on

pytestmark = pytest.mark.services

CANCEL = "from config.celery import app; app.control.cancel_consumer('live')"
ANEW = "worker | ended, and is started anew"
HANGS = """
import subprocess, sys, threading, time
from types import SimpleNamespace
import django
django.setup()
from analysis.engine.deafness import begin_anew
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
threading.Thread(target=begin_anew, args=(SimpleNamespace(info={"processes": [child.pid]}), 0.1)).start()
time.sleep(600)
"""


@pytest.fixture
def log() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(imported_stack: Stack, log: io.StringIO) -> Iterator[Supervisor]:
    imported_stack.environment["DEAF_SECONDS"] = "3"
    supervisor = Supervisor(imported_stack.environment, out=log)
    yield supervisor
    supervisor.stop()


@pytest.mark.parametrize("imported_stack", quick_on("sqlite"), indirect=True)
def test_a_worker_that_takes_nothing_is_started_anew(
    imported_stack: Stack, supervisor: Supervisor, log: io.StringIO
) -> None:
    stack = imported_stack

    def supervised(condition: Callable[[], bool]) -> Callable[[], bool]:
        def watched() -> bool:
            supervisor.watch(0)
            return condition()

        return watched

    stack.start("broker", "beat")
    supervisor.start("worker", commands(stack.port)["worker"][0], Stop(((signal.SIGKILL, 5.0),)))
    wait_for(supervised(lambda: is_fresh(stack, "rfs-x") and is_fresh(stack, "rfs-y")), "both are fresh")
    before = log.getvalue().count(ANEW)
    # From now on its loop turns, and it answers whoever asks whether it lives.
    stack.python(CANCEL)
    bring(stack, x_plus=1.5)
    wait_for(supervised(lambda: is_fresh(stack, "rfs-x")), "what waited is computed")
    assert log.getvalue().count(ANEW) > before, log.getvalue()


def test_a_worker_whose_main_thread_hangs_is_gone_with_its_pool() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HANGS], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    # That it came back at all says that the other is gone: both had held the pipe.
    assert done.returncode == os.EX_TEMPFAIL, done.stderr
