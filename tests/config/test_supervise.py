"""The supervisor with children of two lines of Python each."""

import io
import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from config.supervise import Ended, Stop, Supervisor

SLEEP = "import time; print('up', flush=True); time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEP
SAY_BYE = "lambda *_: (print('bye', flush=True), sys.exit(0))"
POLITE = f"import signal, sys; signal.signal(signal.SIGTERM, {SAY_BYE}); {SLEEP}"
DEAF_PARENT = (
    f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); {DEAF}"
)


@pytest.fixture
def log() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(log: io.StringIO) -> Iterator[Supervisor]:
    supervisor = Supervisor(dict(os.environ), out=log)
    yield supervisor
    supervisor.stop()


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def up(supervisor: Supervisor, log: io.StringIO, *names: str) -> None:
    while not all(re.search(rf" {name} *\| up", log.getvalue()) for name in names):
        supervisor.watch(0.1)


def said(log: io.StringIO) -> list[str]:
    return [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in log.getvalue().splitlines()]


def test_lines_are_prefixed_and_never_torn(supervisor: Supervisor, log: io.StringIO) -> None:
    supervisor.run("talk", python("import os; [os.write(1, part) for part in (b'on', b'e\\ntw', b'o\\nend')]"))
    assert said(log) == ["talk   | one", "talk   | two", "talk   | end"]


def test_a_failed_command_is_named_with_its_code(supervisor: Supervisor) -> None:
    with pytest.raises(Ended, match="setup ended with code 3"):
        supervisor.run("setup", python("raise SystemExit(3)"))


def test_a_death_is_noticed_while_a_command_runs(supervisor: Supervisor, log: io.StringIO) -> None:
    child = supervisor.start("beat", python(SLEEP))
    up(supervisor, log, "beat")
    child.kill()
    with pytest.raises(Ended, match="beat ended with code -9"):
        supervisor.run("setup", python(SLEEP))


def test_who_ends_to_be_started_anew_is_and_the_others_stay(
    supervisor: Supervisor, log: io.StringIO, tmp_path: Path
) -> None:
    begun = repr(str(tmp_path / "begun"))
    once = f"import os, sys; os.path.exists({begun}) or (os.mkdir({begun}), sys.exit(os.EX_TEMPFAIL)); "
    other = supervisor.start("beat", python(SLEEP))
    supervisor.start("worker", python(once + SLEEP))
    up(supervisor, log, "beat", "worker")
    assert "worker | ended, and is started anew" in said(log)
    assert other.poll() is None


def test_groups_end_in_the_order_given(supervisor: Supervisor, log: io.StringIO) -> None:
    for name in ("broker", "worker", "web"):
        supervisor.start(name, python(POLITE))
    up(supervisor, log, "broker", "worker", "web")
    supervisor.stop(["web"], ["worker"], ["broker"])
    assert said(log)[-3:] == ["web    | bye", "worker | bye", "broker | bye"]


def test_a_deaf_child_is_asked_twice_and_obeys_the_second_signal(supervisor: Supervisor, log: io.StringIO) -> None:
    child = supervisor.start("worker", python(DEAF), Stop(((signal.SIGTERM, 0.1), (signal.SIGQUIT, 10.0))))
    up(supervisor, log, "worker")
    supervisor.stop()
    assert child.returncode == -signal.SIGQUIT


def test_a_child_that_obeys_nothing_is_killed_with_its_own_children(supervisor: Supervisor, log: io.StringIO) -> None:
    child = supervisor.start("worker", python(DEAF_PARENT), Stop(((signal.SIGTERM, 0.1),)))
    up(supervisor, log, "worker")
    grandchildren = psutil.Process(child.pid).children()
    supervisor.stop()
    assert child.returncode == -signal.SIGKILL
    assert len(grandchildren) == 1
    for process in grandchildren:
        with suppress(psutil.NoSuchProcess):
            process.wait(10)
        assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
