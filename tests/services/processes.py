"""Real processes for tests: output in a file, stopped or killed on demand, gone when the tests are."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Value = TypeVar("Value")

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


def wait_for(condition: Callable[[], Value], what: str, seconds: float = 60) -> Value:
    """Ask until the answer is true and return it; fails with `what` when the time is over."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain for: {what}")
        time.sleep(0.05)
    return answer


@dataclass
class Running:
    name: str
    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def alive(self) -> bool:
        return self.popen.poll() is None

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = 15) -> int:
        """Ask the main process to end, as an administrator would, and wait; what stays is killed."""
        if self.alive:
            self.popen.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(seconds)
        self.kill()
        return self.popen.returncode

    def kill(self) -> None:
        """`kill -9` of the process and of all that it started: no goodbye, no clean-up."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait()


def start(
    name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, *, orphaned: int = signal.SIGTERM
) -> Running:
    def die_with_the_tests() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(orphaned))

    with log.open("ab") as out:
        popen = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_the_tests,  # noqa: PLW1509  # one call into libc
        )
    return Running(name, popen, log)
