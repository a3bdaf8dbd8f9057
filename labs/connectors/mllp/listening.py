"""The ports that are listened to, the connections that are open, and how all of it ends."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from labs.connectors.mllp.connection import Connection, Counts
from labs.connectors.mllp.limits import Limits
from labs.connectors.mllp.receiver import Receiver, Told

logger = logging.getLogger("labs.connectors.mllp")
HEALTH_SECONDS = 300


@dataclass(frozen=True)
class Port:
    """0 for a number that is free."""

    name: str
    number: int
    receiver: Receiver


class Life(Protocol):
    """What is to be done besides listening: before it, then every few seconds, and at the end. Called in threads."""

    @property
    def seconds(self) -> float: ...
    def begin(self) -> None: ...
    def go_on(self) -> None: ...
    def end(self) -> None: ...


@dataclass
class Listener:
    ports: Sequence[Port]
    host: str = "127.0.0.1"
    limits: Limits = field(default_factory=Limits)
    tls: ssl.SSLContext | None = None
    life: Life | None = None
    counts: Counts = field(default_factory=Counts)
    # Name of the port and where it is, once `start` is done.
    addresses: dict[str, tuple[str, int]] = field(default_factory=dict)
    _servers: list[asyncio.Server] = field(default_factory=list)
    _connections: set[asyncio.Task[None]] = field(default_factory=set)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._threads = ThreadPoolExecutor(self.limits.threads, thread_name_prefix="mllp")

    async def run(self) -> None:
        """Listens until `stop` is called; then ends what is in hand and returns. OSError where it cannot listen."""
        if self.life is not None:
            await self._try(self.life.begin)
        await self.start()
        await self.serve()

    def stop(self) -> None:
        self._stopping.set()

    async def start(self) -> None:
        for port in self.ports:
            take = partial(self._take, port)
            server = await asyncio.start_server(take, self.host, port.number, backlog=128)
            self._servers.append(server)
            host, number, *_ = server.sockets[0].getsockname()
            self.addresses[port.name] = (host, number)
            logger.info("%s: listening on %s port %s%s", port.name, host, number, " with TLS" if self.tls else "")

    async def serve(self) -> None:
        beside = [asyncio.ensure_future(self._tell_health())]
        if self.life is not None:
            beside.append(asyncio.ensure_future(self._live(self.life)))
        try:
            await self._stopping.wait()
        finally:
            for task in beside:
                task.cancel()
            await self._end()
        logger.info("stopped: %s", self.counts.line())

    async def _end(self) -> None:
        for server in self._servers:
            server.close()
        if self._connections:
            _, late = await asyncio.wait(self._connections, timeout=self.limits.stop)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self.life is not None:
            await self._try(self.life.end)
        # What is being stored is stored to its end, even when its sender is not told any more.
        self._threads.shutdown(wait=True)

    async def _tell_health(self) -> None:
        while True:
            await asyncio.sleep(HEALTH_SECONDS)
            logger.info("%s", self.counts.line())

    async def _live(self, life: Life) -> None:
        while True:
            await asyncio.sleep(life.seconds)
            await self._try(life.go_on)

    async def _try(self, act: Callable[[], None]) -> None:
        """In the threads of the messages: when those are stuck, the signs of life stop too."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, act)
        except Exception as error:
            logger.warning("a sign of life could not be noted: %s", type(error).__name__)

    async def _take(self, port: Port, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        peer = str((writer.get_extra_info("peername") or ("",))[0])
        why_not = self._why_not(peer)
        if why_not or task is None:
            logger.warning("%s: %s", peer, why_not)
            writer.close()
            return
        # A peer that vanished without a word must not hold its place for an hour.
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._connections.add(task)
        self.counts.open += 1
        try:
            if self.tls is not None and not await self._is_shaken(writer, self.tls):
                return
            receive = partial(self._receive, port.receiver)
            await Connection(reader, writer, peer, receive, self.limits, self._stopping, self.counts).serve()
            writer.close()
            await asyncio.wait_for(writer.wait_closed(), self.limits.frame)
        except ssl.SSLError as error:
            # What a client without the right certificate sees as a connection that is closed.
            logger.warning("%s: refused, TLS: %s", peer, error.reason or type(error).__name__)
        except (OSError, TimeoutError) as error:
            logger.warning("%s: the connection broke: %s", peer, type(error).__name__)
        finally:
            # Nothing once it is closed.
            writer.transport.abort()
            self.counts.open -= 1
            self._connections.discard(task)

    async def _is_shaken(self, writer: asyncio.StreamWriter, tls: ssl.SSLContext) -> bool:
        """The handshake. It takes a place and has the time of a frame, like a message. False at the stop."""
        # Nothing that was sent in the clear, by whomever, may be taken for a part of what follows.
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        shaking = asyncio.ensure_future(writer.start_tls(tls, ssl_handshake_timeout=self.limits.frame))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({shaking, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if shaking.done():
                shaking.result()
            return shaking.done()
        finally:
            shaking.cancel()
            stopping.cancel()

    def _why_not(self, peer: str) -> str:
        if not self.limits.is_allowed(peer):
            return "refused, not on the list of peers"
        if self.counts.open >= self.limits.connections:
            return "refused, too many connections"
        return "refused, stopping" if self._stopping.is_set() else ""

    async def _receive(self, receiver: Receiver, message: bytes, peer: str) -> Told:
        """Not before it is stored: the sender waits, and with it whatever it would send next."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(receiver, message, peer=peer))
