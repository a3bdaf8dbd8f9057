"""What runs beside the run that started it: the tests that use the database of tests, on SQLite and on PostgreSQL.

PostgreSQL is asked where the databases may differ: by every service and selector, by locks, constraints, triggers and
transactions, and by the access matrix, which asks every address there too. On SQLite only run those marked
`one_database`, those of single pages, and those in MADE_FROM_ROWS. The run on PostgreSQL is the shorter, so that it has
the tests of the apps that need no database as well. The first keeps what has a browser or processes of its own, and the
comparisons with files of others.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import pytest
from django.conf import settings

from tests.services.databases import COPIED, Databases
from tests.services.postgres import Server

OF_THE_FIRST = ("browser", "services")
_WITHOUT_THOSE = " and ".join(f"not {mark}" for mark in OF_THE_FIRST)
_PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--only-database"]
ON_SQLITE = [*_PYTEST, "-m", _WITHOUT_THOSE, "tests"]
_ON_BOTH = f"{_WITHOUT_THOSE} and not one_database"
ON_POSTGRES = [*_PYTEST, "--with-arithmetic", "--where-databases-differ", "-m", _ON_BOTH, "tests"]
# Folders whose tests look at numbers, files and words. The rows these are made of are stored and read by the tests of
# services and of the engine, on both databases.
MADE_FROM_ROWS = {"agreement", "dashboard", "kinds", "reexecution", "remark", "reports"}
# Tells a run that it is one beside another.
BESIDE = "HEPATICA_RUN_BESIDE"


def starts_runs_beside(items: list[pytest.Item]) -> bool:
    return BESIDE not in os.environ and any("runs_beside" in getattr(item, "fixturenames", ()) for item in items)


@dataclass
class RunBeside:
    process: "subprocess.Popen[bytes]"
    # A file, not a pipe: nobody reads until the end, and a full pipe would stop the run.
    log: IO[bytes]

    def wait(self) -> str:
        self.process.wait()
        self.log.seek(0)
        return self.log.read().decode(errors="replace")


@contextmanager
def beside(command: list[str], **environment: str) -> Iterator[RunBeside]:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command,
            env=os.environ | {BESIDE: "1"} | environment,
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        yield RunBeside(process, log)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="session")
def runs_beside(postgres: Server, databases: Databases) -> Iterator[dict[str, RunBeside]]:
    if BESIDE in os.environ:
        pytest.skip("this is a run beside another already")
    file, template = databases.migrated(postgres)
    os.environ[COPIED] = str(file)
    url = postgres.create(f"hepatica_{os.getpid()}")
    with beside(ON_SQLITE) as on_sqlite, beside(ON_POSTGRES, DATABASE_URL=url, **{COPIED: template}) as on_postgres:
        yield {"sqlite": on_sqlite, "postgresql": on_postgres}
    del os.environ[COPIED]


@pytest.fixture(scope="session", autouse=True)
def they_start_with_the_first(request: pytest.FixtureRequest) -> None:
    if starts_runs_beside(request.session.items):
        request.getfixturevalue("runs_beside")
