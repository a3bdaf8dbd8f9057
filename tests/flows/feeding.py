"""A laboratory that sends: messages of its own over several connections, each again and again until it is accepted."""

import contextlib
import socket
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from config.launch import ROOT
from labs.formats.hl7.mllp import FrameSplitter, framed
from tests.labs.connectors.mllp_server import code
from tests.labs.inbox.messages import oru
from tests.services.processes import Running, start, wait_for
from tests.services.stack import Stack, free_port

PEOPLE = 20


def world(people: int = PEOPLE) -> str:
    return f"""
from datetime import date
from labs.blood.models import Analyte
from labs.inbox.mapping.services import authority_set, code_map, sender_set
from registry.log.actors import Actor
from registry.models import Site
from registry.patients.services import identity_save, patient_create
by = Actor.system("soak")
site = Site.objects.create(code="FEED", name="Feed")
for number in range({people}):
    patient = patient_create(study_number=f"FEED-{{number:03}}", site=site, sex="F", by=by)
    values = {{"record_number": str(4000 + number), "birth_date": date(1950, 5, 17)}}
    identity_save(patient=patient, values=values, by=by)
authority_set(name="HOSP", site=site, by=by)
sender_set(pattern="LAB|EAST", site=site, by=by)
for code, analyte in (("WBC", "WBC"), ("HB", "HGB")):
    code_map(sender="LAB|EAST", code=code, analyte=Analyte.objects.get(code=analyte), by=by)
"""


def value(number: int) -> float:
    """Of the white cells in message `number`: each its own, so that what is stored says where it came from."""
    return 1 + number / 1000


def message(number: int, people: int = PEOPLE) -> bytes:
    """Two results of one draw, which no other message is of."""
    drawn = f"2024{1 + number % 12:02}{1 + number // 12 % 28:02}{number // 336 % 24:02}{number % 60:02}"
    return oru(
        ("WBC", f"{value(number):g}", "G/l"),
        ("HB", "12.8", "g/dL"),
        control=f"M{number}",
        order=f"A{number}",
        pid=f"{4000 + number % people}^^^HOSP",
        drawn=drawn,
    )


@dataclass
class Listening:
    """`manage.py listen_mllp` of a stack, on a port that stays when it is replaced."""

    stack: Stack
    port: int = field(default_factory=free_port)
    running: Running | None = None

    @property
    def log(self) -> Path:
        return self.stack.folder / "mllp.log"

    def begin(self) -> None:
        command = [sys.executable, str(ROOT / "manage.py"), "listen_mllp", "--port", str(self.port)]
        self.running = start("mllp", command, self.stack.environment, self.log)

    def wait(self) -> None:
        wait_for(self._answers, "the listener takes connections", seconds=120)

    def kill(self) -> None:
        assert self.running is not None
        self.running.kill()

    def stop(self) -> int:
        assert self.running is not None
        return self.running.stop(seconds=60)

    def _answers(self) -> bool:
        assert self.running is not None
        assert self.running.alive, self.log.read_text()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 5).close()
            return True
        return False


@dataclass
class Sender:
    """One connection's worth of messages. `told` counts answers, and how often there was none."""

    port: int
    messages: list[bytes]
    stopping: threading.Event
    told: Counter[str] = field(default_factory=Counter)
    accepted: int = 0

    def run(self) -> None:
        connection: socket.socket | None = None
        while self.accepted < len(self.messages) and not self.stopping.is_set():
            try:
                connection = connection or socket.create_connection(("127.0.0.1", self.port), 60)
                answer = _asked(connection, self.messages[self.accepted])
            except OSError:
                answer = ""
            self.told[answer or "nothing"] += 1
            self.accepted += answer == "AA"
            if answer != "AA":
                if connection is not None:
                    connection.close()
                connection = None
                self.stopping.wait(0.2)
        if connection is not None:
            connection.close()


def _asked(connection: socket.socket, data: bytes) -> str:
    splitter = FrameSplitter()
    connection.sendall(framed(data))
    while True:
        chunk = connection.recv(65536)
        if not chunk:
            return ""
        if frames := splitter.feed(chunk):
            return code(frames[0].decode())


@dataclass
class Feed:
    """All senders at work, each in a thread."""

    senders: list[Sender]
    stopping: threading.Event
    threads: list[threading.Thread] = field(default_factory=list)

    @classmethod
    def of(cls, messages: list[bytes], port: int, connections: int) -> "Feed":
        stopping = threading.Event()
        return cls([Sender(port, messages[place::connections], stopping) for place in range(connections)], stopping)

    def begin(self) -> None:
        self.threads = [threading.Thread(target=sender.run, daemon=True) for sender in self.senders]
        for thread in self.threads:
            thread.start()

    @property
    def accepted(self) -> int:
        return sum(sender.accepted for sender in self.senders)

    @property
    def is_over(self) -> bool:
        return not any(thread.is_alive() for thread in self.threads)

    @property
    def told(self) -> Counter[str]:
        return sum((sender.told for sender in self.senders), Counter())

    def end(self) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(90)
