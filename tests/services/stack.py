"""The whole of Hepatica as real processes, once on SQLite and once on PostgreSQL.

    @pytest.mark.services
    def test_a_killed_worker_loses_nothing(stack: Stack) -> None:
        stack.manage("import_cohort", …)                   # manage.py, in the stack's environment; returns its output
        stack.start("broker", "worker", "beat", "web")     # each a process of its own; start() alone starts all of them
        stack.start("worker-2")                            # one more of the same
        stack.python("from labs... import ...; ...")       # code in `manage.py shell`; returns what it prints
        stack.kill("worker")                               # kill -9 of worker and pool
        stack.start("worker")
        stack.stop("broker")                               # SIGTERM; start("broker") brings it back with its messages
        stack.rows("SELECT state FROM analysis_run")       # SQL by hand, behind the application's back
        wait_for(lambda: stack.rows(...), "the run ends")  # polls against a deadline: no fixed sleeps
        stack.url                                          # of the web server, once "web" was started
        stack.output("worker")                             # its log so far, for messages of failed assertions

`stack` is parametrised: each test runs as `[sqlite]` and `[postgres]`. The database is new and migrated, with
`demo_stack` it holds the demo cohorts too, with `imported_stack` the cohort of tests/flows/imported.py (all are copied
from a template made once per session); the folder of run-time data is the test's own, static files are collected once.
Before the processes are started `stack.environment[...] = ...` may change a setting (SWEEP_SECONDS and LEASE_SECONDS
are 2 here). A browser comes from
the fixture `chromium` (tests/services/browser.py). Tests of kills, load and fuzz carry the mark `soak` and multiply
their size by the fixture `scale`: 1 in `make test`, 50 in `make soak`.
"""

import os
import signal
import socket
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from config.launch import broker_command, commands
from tests.services.databases import Databases, environment, manage, short_folder
from tests.services.postgres import Server
from tests.services.processes import Running, start, wait_for

PARTS = ("broker", "worker", "heavy", "beat", "web")


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Stack:
    database: str
    folder: Path
    environment: dict[str, str]
    server: Server | None
    port: int = field(default_factory=free_port)
    _running: dict[str, Running] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *arguments: str) -> str:
        return manage(self.environment, *arguments)

    def python(self, code: str) -> str:
        return self.manage("shell", "--no-imports", "-c", code)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """SQL by hand, with ? for values on either database; what it changes is committed."""
        if self.server is None:
            with closing(sqlite3.connect(self.folder / "hepatica.sqlite3", timeout=20)) as file, file:
                return file.execute(statement, values).fetchall()
        with self.server.connect(self.database_name) as connection:
            cursor = connection.execute(statement.replace("?", "%s"), values or None)
            return cursor.fetchall() if cursor.description else []

    @property
    def database_name(self) -> str:
        return self.environment["DATABASE_URL"].rpartition("/")[2]

    def start(self, *names: str) -> None:
        for name in names or PARTS:
            assert name not in self._running, f"{name} was started already"
            # "worker-2" is one more worker
            getattr(self, f"_start_{name.partition('-')[0]}")(name)

    def replace(self, name: str) -> None:
        """kill -9, and another one in its place at once: whether it is ready is not waited for."""
        self.kill(name)
        if name == "broker":
            self.start(name)
        else:
            self._spawn(name, self._command(name))

    def stop(self, *names: str) -> None:
        for name in names:
            self._running.pop(name).stop()

    def kill(self, name: str) -> None:
        self._running.pop(name).kill()

    def running(self, name: str) -> Running:
        return self._running[name]

    def output(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def kill_all(self) -> None:
        """The test is over: nobody looks how they end, and asking each of them takes seconds."""
        for name in [*self._running]:
            self.kill(name)

    def _start_broker(self, name: str) -> None:
        socket_path = self.folder / "valkey.sock"
        self._spawn(name, broker_command(socket_path, self.folder))
        wait_for(lambda: _accepts(socket_path), "the broker accepts connections")

    def _start_worker(self, name: str) -> None:
        self._spawn(name, self._command(name))
        self._wait_for_line(name, " ready.")

    _start_heavy = _start_worker

    def _start_beat(self, name: str) -> None:
        self._spawn(name, self._command(name))

    def _start_web(self, name: str) -> None:
        self._spawn(name, self._command(name))
        wait_for(self._web_answers, "the web server answers")

    def _command(self, name: str) -> list[str]:
        return [*commands(self.port)[name.partition("-")[0]][0], *(["--loglevel", "INFO"] if name != "web" else [])]

    def _spawn(self, name: str, command: list[str]) -> None:
        log = self.folder / f"{name}.log"
        log.unlink(missing_ok=True)
        orphaned = signal.SIGQUIT if name.startswith(("worker", "heavy")) else signal.SIGTERM
        self._running[name] = start(name, command, self.environment, log, orphaned=orphaned)

    def _wait_for_line(self, name: str, text: str) -> None:
        def said() -> bool:
            assert self.running(name).alive, self.output(name)
            return text in self.output(name)

        wait_for(said, f"{name} says {text!r}")

    def _web_answers(self) -> bool:
        assert self.running("web").alive, self.output("web")
        try:
            urllib.request.urlopen(f"{self.url}/health/live/", timeout=5).close()
        except urllib.error.HTTPError:
            return True  # it answers; whether it is healthy is the test's question
        except OSError:
            return False
        return True


def _accepts(path: Path) -> bool:
    with closing(socket.socket(socket.AF_UNIX)) as probe:
        return probe.connect_ex(str(path)) == 0


FULL_SIZE = os.environ.get("HEPATICA_FULL_SIZE") == "1"


@pytest.fixture(scope="session")
def scale() -> int:
    return 50 if FULL_SIZE else 1


def quick_on(database: str) -> list[str]:
    """For flows of which either database tells enough: that one in `make test`, both at full size."""
    return ["sqlite", "postgres"] if FULL_SIZE else [database]


@contextmanager
def on(database: str, contents: str, request: pytest.FixtureRequest) -> Iterator[Stack]:
    server: Server | None = request.getfixturevalue("postgres") if database == "postgres" else None
    databases: Databases = request.getfixturevalue("databases")
    static: Path = request.getfixturevalue("collected_static")
    with short_folder() as folder:
        url = databases.copy(contents, server or folder / "hepatica.sqlite3")
        (folder / "static").symlink_to(static)
        made = Stack(database, folder, environment(folder, url), server)
        try:
            yield made
        finally:
            made.kill_all()
            if server:
                server.drop(made.database_name)


@pytest.fixture(params=["sqlite", "postgres"])
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    with on(request.param, "migrated", request) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgres"])
def imported_stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    with on(request.param, "imported", request) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgres"])
def demo_stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    with on(request.param, "demo", request) as made:
        yield made
