"""What runs beside the run that started it, on the second core: the tests that use the database of tests.

They run there on SQLite and then, but for those marked `one_database`, once more on PostgreSQL. The first run keeps
what has a browser or processes of its own, and what has no database.
"""

import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import pytest
from django.conf import settings

from tests.services.postgres import Server

_PYTEST = [sys.executable, "-m", "pytest", "-q"]
OF_THE_FIRST = ("browser", "services")
_WITHOUT_THOSE = " and ".join(f"not {mark}" for mark in OF_THE_FIRST)
ON_SQLITE = [*_PYTEST, "--only-database", "-m", _WITHOUT_THOSE, "tests"]
ON_POSTGRES = [*_PYTEST, "--only-database", "-m", f"{_WITHOUT_THOSE} and not one_database", "tests"]
# Both are run, whatever the first says.
SCRIPT = f"{shlex.join(ON_SQLITE)}; first=$?; DATABASE_URL=$ON_POSTGRES {shlex.join(ON_POSTGRES)} && exit $first"


def _is_second() -> bool:
    return os.environ.get("DATABASE_URL", "").startswith("postgres") or "ON_POSTGRES" in os.environ


def starts_second_run(items: list[pytest.Item]) -> bool:
    return not _is_second() and any("second_run" in getattr(item, "fixturenames", ()) for item in items)


@dataclass
class SecondRun:
    process: "subprocess.Popen[bytes]"
    # A file, not a pipe: nobody reads until the end, and a full pipe would stop the run.
    log: IO[bytes]

    def wait(self) -> str:
        self.process.wait()
        self.log.seek(0)
        return self.log.read().decode(errors="replace")


@pytest.fixture(scope="session")
def second_run(postgres: Server) -> Iterator[SecondRun]:
    if _is_second():
        pytest.skip("this is the run beside another already")
    environment = os.environ | {"ON_POSTGRES": postgres.create(f"hepatica_{os.getpid()}")}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            ["sh", "-c", SCRIPT],
            env=environment,
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        yield SecondRun(process, log)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="session", autouse=True)
def second_run_starts_with_the_first(request: pytest.FixtureRequest) -> None:
    if starts_second_run(request.session.items):
        request.getfixturevalue("second_run")
