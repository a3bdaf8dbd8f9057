"""What a stack needs before it starts: settings, a migrated database, static files. Made once, then copied."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from config.launch import ROOT
from tests.flows import imported
from tests.services.postgres import Server

MIGRATED, DEMO, IMPORTED = "migrated", "demo", "imported"


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

    def _copy_to(self, target: Path, contents: str) -> str:
        source = self.folder / f"{contents}.sqlite3"
        if contents not in self._files:
            if contents != MIGRATED:
                self._copy_to(source, MIGRATED)
            self._fill(f"sqlite:///{source}", contents)
            self._files.add(contents)
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
        return f"sqlite:///{target}"

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
def collected_static(databases: Databases) -> Path:
    """The static files as the web server sends them, with hashed names."""
    environ = environment(databases.folder, f"sqlite:///{databases.folder / 'hepatica.sqlite3'}")
    manage(environ, "build_vega")
    manage(environ, "collectstatic", "--noinput", "--verbosity", "0")
    return databases.folder / "static"
