"""A listener that really listens, in a thread of its own, and what it kept."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from labs.connectors.mllp.limits import Limits
from labs.connectors.mllp.listening import Listener, Port
from labs.connectors.mllp.receiver import Receiver, Told
from labs.formats.hl7.mllp import FrameSplitter
from labs.formats.hl7.reading import read_message
from tests.labs.formats.messages.site import site

PATIENCE = 20


class ReceiverOfPort(Receiver, Protocol):
    port: str


@dataclass
class Kept:
    """A receiver that remembers. While `gate` is closed nothing is stored; `reached`: something waits."""

    port: str = "production"
    messages: list[bytes] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)
    fails_with: Exception | None = None

    def __post_init__(self) -> None:
        self.gate.set()

    def __call__(self, data: bytes, *, peer: str) -> Told:
        self.reached.set()
        assert self.gate.wait(PATIENCE)
        if self.fails_with is not None:
            raise self.fails_with
        self.messages.append(data)
        return Told.of(read_message(data, site(self.port)))


@dataclass
class Running:
    listener: Listener
    loop: asyncio.AbstractEventLoop
    thread: threading.Thread

    def address(self, port: str = "production") -> tuple[str, int]:
        return self.listener.addresses[port]

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.listener.stop)

    def ended(self) -> bool:
        self.thread.join(PATIENCE)
        return not self.thread.is_alive()


@contextmanager
def listening(
    *receivers: ReceiverOfPort, limits: Limits | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[Running]:
    ready = threading.Event()
    found: list[Running] = []

    async def main() -> None:
        ports = [Port(one.port, 0, one) for one in receivers]
        listener = Listener(ports, limits=limits or Limits(), tls=tls)
        await listener.start()
        found.append(Running(listener, asyncio.get_running_loop(), thread))
        ready.set()
        await listener.serve()

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    assert ready.wait(PATIENCE)
    try:
        yield found[0]
    finally:
        if thread.is_alive():
            found[0].stop()
        for one in receivers:
            if isinstance(one, Kept):
                one.gate.set()
        assert found[0].ended()


class Client:
    """Bytes over a socket: what no library would send, and every frame that comes back."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=PATIENCE)
        self.splitter = FrameSplitter()
        self.frames: list[bytes] = []

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *error: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> str:
        """The next frame; "" when the server closes instead."""
        while not self.frames:
            try:
                chunk = self.socket.recv(65536)
            except ConnectionError:
                return ""
            if not chunk:
                return ""
            self.frames += self.splitter.feed(chunk)
        return self.frames.pop(0).decode()

    def has_answer(self) -> bool:
        self.socket.setblocking(False)
        try:
            return bool(self.socket.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return False
        finally:
            self.socket.settimeout(PATIENCE)


def code(answer: str) -> str:
    """MSA-1 and, where it is not accepted, that it says why."""
    return next((line.split("|")[1] for line in answer.split("\r") if line.startswith("MSA|")), "")
