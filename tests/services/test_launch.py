"""`make run` for real: up, one at a time, and down without leaving anything behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from config.launch import ROOT, SOCKET_PATH_LIMIT, broker_socket
from tests.services.databases import Databases, short_folder
from tests.services.processes import Running, start, wait_for
from tests.services.stack import free_port

pytestmark = pytest.mark.services


@pytest.fixture
def var(databases: Databases, collected_static: Path) -> Iterator[Path]:
    """A folder of run-time data whose database and static files are ready, so that the start is quick."""
    with short_folder() as folder:
        databases.copy("demo", folder / "hepatica.sqlite3")
        (folder / "static").symlink_to(collected_static)
        yield folder


def environment(var: Path, port: int) -> dict[str, str]:
    unset = ("DATABASE_URL", "REDIS_URL", "SITE_URL")
    return {name: value for name, value in os.environ.items() if name not in unset} | {
        "HEPATICA_VAR": str(var),
        "PORT": str(port),
    }


def launch(var: Path, port: int) -> Running:
    command = [sys.executable, "-m", "config.launch"]
    return start("launch", command, environment(var, port) | {"PYTHONPATH": str(ROOT)}, var / "launch.log")


def second_start(var: Path, port: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "config.launch"],
        env=environment(var, port),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def launched(var: Path) -> Iterator[tuple[Running, int]]:
    port = free_port()
    running = launch(var, port)
    wait_for(lambda: is_ready(running), "the line that says ready", seconds=120)
    yield running, port
    running.stop(signal.SIGINT, 30)


def is_ready(running: Running) -> bool:
    assert running.alive, running.output()
    return "ready  | Hepatica answers at http://localhost:" in running.output()


def family(running: Running) -> list[psutil.Process]:
    return list(psutil.Process(running.pid).children(recursive=True))


def left(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def child(running: Running, words: str) -> psutil.Process:
    return next(process for process in family(running) if words in " ".join(process.cmdline()))


def test_it_answers_runs_once_and_ctrl_c_ends_all_of_it(launched: tuple[Running, int], var: Path) -> None:
    running, port = launched
    with urllib.request.urlopen(f"http://localhost:{port}/health/", timeout=10) as answer:
        assert answer.status == 200
    assert [line for line in running.output().splitlines() if not re.match(r"\d\d:\d\d:\d\d \w+ *\| ", line)] == []

    second = second_start(var, free_port())
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.strip() == f"Already running in this checkout (process {running.pid})"

    processes = family(running)
    assert all(child(running, words) for words in ("gunicorn", "worker", "beat", "valkey-server"))
    assert running.stop(signal.SIGINT, 60) == 0
    assert left(processes) == []


def test_one_death_ends_the_rest_and_is_named(launched: tuple[Running, int]) -> None:
    running, _ = launched
    processes = family(running)
    child(running, "config.celery beat").kill()
    assert running.popen.wait(30) == 1
    assert "beat ended with code -9; stopping the rest" in running.output()
    assert left(processes) == []


def test_nothing_outlives_a_killed_start(launched: tuple[Running, int]) -> None:
    running, _ = launched
    processes = family(running)
    running.popen.kill()
    wait_for(lambda: not left(processes), "all processes are gone", seconds=20)


def test_a_taken_port_is_named_with_one_that_is_free(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        second = second_start(tmp_path, port)
    assert second.returncode == 1
    assert (match := re.fullmatch(r"Port (\d+) is taken: try PORT=(\d+) make run", second.stderr.strip()))
    assert int(match[1]) == port < int(match[2])


@pytest.mark.parametrize("port", ["0", "65536", "web"])
def test_a_port_that_makes_no_sense_stops_the_start(tmp_path: Path, port: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "config.launch"],
        env=environment(tmp_path, 1) | {"PORT": port},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.strip()) == (1, f"PORT must be a number from 1 to 65535; it is {port!r}.")


def test_a_deep_checkout_gets_a_private_folder_for_its_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with short_folder() as short:
        monkeypatch.setattr(tempfile, "tempdir", str(short))
        deep = tmp_path / ("d" * SOCKET_PATH_LIMIT)
        path = broker_socket(deep)
        assert path.parent.parent == short
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert broker_socket(deep) == path
        assert broker_socket(tmp_path / ("e" * SOCKET_PATH_LIMIT)) != path
