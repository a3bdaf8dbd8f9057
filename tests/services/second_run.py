"""The tests that use the database, once more on PostgreSQL, beside the run that started them: two cores, two runs."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import pytest
from django.conf import settings

from tests.services.postgres import Server

MARKED = "not browser and not services and not one_database"
COMMAND = [sys.executable, "-m", "pytest", "-q", "--only-database", "-m", MARKED, "tests"]


def _is_second() -> bool:
    return os.environ.get("DATABASE_URL", "").startswith("postgres")


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
        pytest.skip("this run is on PostgreSQL already")
    environment = os.environ | {"DATABASE_URL": postgres.create(f"hepatica_{os.getpid()}")}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            COMMAND, env=environment, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        yield SecondRun(process, log)
        process.kill()
        process.wait()


@pytest.fixture(scope="session", autouse=True)
def second_run_starts_with_the_first(request: pytest.FixtureRequest) -> None:
    wanted = any("second_run" in getattr(item, "fixturenames", ()) for item in request.session.items)
    if wanted and not _is_second():
        request.getfixturevalue("second_run")
