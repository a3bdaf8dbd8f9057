"""Keeps a handful of processes together: one log, and when one ends, all end, but for one that asks for another."""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Stop:
    """How a process is asked to end: (signal, seconds to wait) one after the other, then it is killed."""

    steps: Sequence[tuple[signal.Signals, float]] = ((signal.SIGTERM, 5.0),)
    # What the kernel sends when the supervisor itself is killed and nobody is left to wait.
    orphaned: signal.Signals = signal.SIGTERM


class Ended(Exception):
    def __init__(self, name: str, code: int) -> None:
        super().__init__(f"{name} ended with code {code}")
        self.name, self.code = name, code


@dataclass(frozen=True)
class _Child:
    process: subprocess.Popen[bytes]
    command: Sequence[str]
    stop: Stop


@dataclass
class Supervisor:
    environment: dict[str, str]
    out: IO[str] = sys.stdout
    _children: dict[str, _Child] = field(default_factory=dict)
    _pipes: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _tails: dict[str, bytes] = field(default_factory=dict)

    def say(self, name: str, line: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {name:<7}| {line}", file=self.out, flush=True)

    def start(self, name: str, command: Sequence[str], stop: Stop | None = None) -> subprocess.Popen[bytes]:
        stop = stop or Stop()
        process = subprocess.Popen(
            command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A session of its own: the terminal's Ctrl-C must reach only the supervisor, which knows the order.
            start_new_session=True,
            preexec_fn=_die_with_parent(stop.orphaned, os.getpid()),  # noqa: PLW1509  # no threads in this process
        )
        assert process.stdout is not None  # noqa: S101  # PIPE was asked for
        os.set_blocking(process.stdout.fileno(), False)
        self._pipes.register(process.stdout, selectors.EVENT_READ, name)
        self._children[name] = _Child(process, command, stop)
        return process

    def run(self, name: str, command: Sequence[str]) -> None:
        """Run a command to its end while the others are watched; raises Ended when any of them fails."""
        process = self.start(name, command)
        while process.poll() is None:
            self.watch(0.2, but=name)
        self._forget(name)
        if process.returncode:
            raise Ended(name, process.returncode)

    def watch(self, seconds: float, but: str = "") -> None:
        """Pass lines on for a moment; raises Ended when a process is gone that should not be.

        Who ends with EX_TEMPFAIL is started again.
        """
        self._pump(seconds)
        for name, child in [*self._children.items()]:
            if name == but or child.process.poll() is None:
                continue
            if child.process.returncode != os.EX_TEMPFAIL:
                raise Ended(name, child.process.returncode)
            _kill_session(child.process.pid)
            self._forget(name)
            self.say(name, "ended, and is started anew")
            self.start(name, child.command, child.stop)

    def stop(self, *groups: Sequence[str]) -> None:
        """End the named processes, group after group, then whatever else is left."""
        for group in [*groups, [*self._children]]:
            present = [name for name in group if name in self._children]
            for name in present:
                self._ask(name, step=0)
            for name in present:
                self._wait_or_kill(name)

    def _ask(self, name: str, step: int) -> None:
        child = self._children[name]
        if child.process.poll() is None:
            # Only to the main process: its pool children must be ended by it, or tasks in flight are lost.
            child.process.send_signal(child.stop.steps[step][0])

    def _wait_or_kill(self, name: str) -> None:
        process = self._children[name].process
        for number, (_, seconds) in enumerate(self._children[name].stop.steps):
            if number:
                self._ask(name, number)
            if self._wait(lambda: process.poll() is not None, seconds):
                break
        _kill_session(process.pid)
        process.wait()
        self._forget(name)

    def _wait(self, done: Callable[[], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not done() and time.monotonic() < deadline:
            self._pump(0.05)
        return done()

    def _pump(self, seconds: float) -> None:
        if not self._pipes.get_map():
            time.sleep(seconds)
            return
        for key, _ in self._pipes.select(seconds):
            self._read(key)

    def _read(self, key: selectors.SelectorKey) -> None:
        name = key.data
        chunk = os.read(key.fd, 65536)
        *lines, rest = (self._tails.pop(name, b"") + chunk).split(b"\n")
        if chunk:
            self._tails[name] = rest
        else:
            self._pipes.unregister(key.fileobj)
            lines += [rest] if rest else []
        for line in lines:
            self.say(name, line.decode(errors="replace"))

    def _forget(self, name: str) -> None:
        process = self._children.pop(name).process
        for key in [key for key in self._pipes.get_map().values() if key.data == name]:
            self._drain(key)
        if process.stdout:
            process.stdout.close()

    def _drain(self, key: selectors.SelectorKey) -> None:
        while key.fileobj in {known.fileobj for known in self._pipes.get_map().values()}:
            try:
                self._read(key)
            except BlockingIOError:  # a grandchild still holds the other end
                self._pipes.unregister(key.fileobj)


def _die_with_parent(number: signal.Signals, parent: int) -> Callable[[], None]:
    def arrange() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # it died before the kernel was told
            os._exit(1)

    return arrange


def _kill_session(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
