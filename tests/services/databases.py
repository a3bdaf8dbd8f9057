"""What a run or a stack needs before it starts: settings, a migrated database, static files. Made once, then copied.

`make test` migrates one file and one database of PostgreSQL; its runs and its stacks all start from copies of these. A
run that was started otherwise migrates its database of tests itself.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from config.launch import ROOT, static_is_current
from tests.flows import imported
from tests.services.postgres import Server
from tests.services.processes import wait_for

MIGRATED, DEMO, IMPORTED = "migrated", "demo", "imported"
# Names the migrated file, or the migrated database of the server, that a run's own database of tests is a copy of.
COPIED = "HEPATICA_COPIED_DATABASE"


def environment(folder: Path, database_url: str) -> dict[str, str]:
    kept = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "OPENBLAS_CORETYPE") if name in os.environ
    }
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return (
        kept
        | threads
        | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "HEPATICA_VAR": str(folder),
            "DATABASE_URL": database_url,
            "REDIS_URL": f"redis+socket://{folder / 'valkey.sock'}",
            "SECRET_KEY": "only-for-tests-and-long-enough-to-satisfy-every-check-of-its-length",
            "DEBUG": "0",
            "SWEEP_SECONDS": "2",
            "LEASE_SECONDS": "2",
            "PYTHONUNBUFFERED": "1",
        }
    )


def manage(environ: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=environ,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"manage.py {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@dataclass
class Databases:
    folder: Path
    _files: set[str] = field(default_factory=set)
    _templates: set[str] = field(default_factory=set)
    _copies: int = 0

    def copy(self, contents: str, target: Server | Path) -> str:
        """The URL of a new database: a file at that path, or on that server.

        It is `migrated`, and holds perhaps the `demo` cohorts or the `imported` one.
        """
        return self._copy_on(target, contents) if isinstance(target, Server) else self._copy_to(target, contents)

    def migrated(self, server: Server) -> tuple[Path, str]:
        """The migrated file and the migrated database of the server, made at the same time."""
        with ThreadPoolExecutor() as both:
            file, template = both.submit(self._file, MIGRATED), both.submit(self._template, server, MIGRATED)
        return file.result(), template.result()

    def _copy_to(self, target: Path, contents: str) -> str:
        copy_file(self._file(contents), target)
        return f"sqlite:///{target}"

    def _file(self, contents: str) -> Path:
        file = self.folder / f"{contents}.sqlite3"
        if contents not in self._files:
            if contents != MIGRATED:
                self._copy_to(file, MIGRATED)
            self._fill(f"sqlite:///{file}", contents)
            self._files.add(contents)
        return file

    def _copy_on(self, server: Server, contents: str) -> str:
        template = self._template(server, contents)
        self._copies += 1
        return server.create(f"hepatica_{os.getpid()}_{self._copies}", template=template)

    def _template(self, server: Server, contents: str) -> str:
        name = f"hepatica_{contents}_{os.getpid()}"
        if name not in self._templates:
            basis = "template1" if contents == MIGRATED else self._template(server, MIGRATED)
            self._fill(server.create(name, template=basis), contents)
            self._templates.add(name)
        return name

    def _fill(self, url: str, contents: str) -> None:
        if contents == IMPORTED:
            table, mapping = imported.write(self.folder)
            command: tuple[str, ...] = ("import_cohort", table, "--mapping", mapping)
        else:
            command = ({MIGRATED: "migrate", DEMO: "load_demo"}[contents],)
        manage(environment(self.folder, url), *command)


def copy_file(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


@contextmanager
def short_folder() -> Iterator[Path]:
    """Not pytest's folder: the path of the broker's socket in it has at most 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="hepatica-") as name:
        yield Path(name)


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    with short_folder() as folder:
        yield Databases(folder)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """What pytest-django asks for before it makes the database of tests."""
    given = connection.settings_dict["TEST"]
    source = os.environ.get(COPIED)
    if connection.vendor == "postgresql":
        if source:
            given |= {"TEMPLATE": source, "MIGRATE": False}
        yield
        return
    # In memory, the threads of the live server would share one connection, and find tables locked at random.
    with short_folder() as folder:
        file = folder / "test_hepatica.sqlite3"
        given["NAME"] = str(file)
        connection.settings_dict["OPTIONS"]["init_command"] += ";PRAGMA synchronous=OFF"
        if source:
            given["MIGRATE"] = False
            copy_file(Path(source), file)
        yield


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool) -> bool:
    """A file that was copied for this run is not to be deleted before it begins."""
    return django_db_keepdb or (connection.vendor == "sqlite" and COPIED in os.environ)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What a test has committed is undone by copying the file back: to flush and fill again takes seconds."""
    if connection.vendor != "sqlite":
        yield
        return
    with short_folder() as folder, pytest.MonkeyPatch.context() as patch:
        file = Path(connection.settings_dict["NAME"])
        with django_db_blocker.unblock():
            connection.close()
        copy_file(file, folder / "fresh.sqlite3")

        def copied_back(_: TransactionTestCase) -> None:
            wait_for(lambda: not answering(), "the live server has answered")
            connections.close_all()
            copy_file(folder / "fresh.sqlite3", file)

        patch.setattr(TransactionTestCase, "_fixture_teardown", copied_back)
        yield


def answering() -> list[threading.Thread]:
    """The threads of the live server: one for each connection, with a connection of its own to the database."""
    return [thread for thread in threading.enumerate() if "process_request_thread" in thread.name]


@pytest.fixture(scope="session")
def collected_static(databases: Databases) -> Path:
    """The static files as the web server sends them, with hashed names: `make static` has just made them."""
    if static_is_current(settings.VAR):
        return Path(settings.STATIC_ROOT)
    environ = environment(databases.folder, f"sqlite:///{databases.folder / 'hepatica.sqlite3'}")
    manage(environ, "build_vega")
    manage(environ, "collectstatic", "--noinput", "--verbosity", "0")
    return databases.folder / "static"
