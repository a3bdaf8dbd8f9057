"""The tests that use the database, once more on PostgreSQL: they run on SQLite otherwise."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.services.postgres import Server


@pytest.mark.services
def test_what_passes_on_sqlite_passes_on_postgresql(postgres: Server) -> None:
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        pytest.skip("this run is on PostgreSQL already")
    command = [sys.executable, "-m", "pytest", "-q", "--only-database", "-m", "not browser and not services", "tests"]
    environment = os.environ | {"DATABASE_URL": postgres.create(f"hepatica_{os.getpid()}")}
    done = subprocess.run(
        command,
        env=environment,
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20000:] + done.stderr[-2000:]
    print(done.stdout.splitlines()[-1])
