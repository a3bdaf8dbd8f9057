"""One connection: frames in, answers out, one message after the other."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from labs.connectors.mllp.limits import Limits
from labs.connectors.mllp.receiver import Told
from labs.formats.hl7.mllp import FrameSplitter, framed
from labs.formats.hl7.reading import not_read
from labs.formats.messages.reading import messages_of_frame

logger = logging.getLogger("labs.connectors.mllp")
CHUNK = 64 * 1024

# Hands bytes to the receiver in a thread and waits for what is to be told.
Receiving = Callable[[bytes, str], Awaitable[Told]]


@dataclass
class Counts:
    """Since the start; `verdicts` by what was told, with its reason."""

    open: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)

    def line(self) -> str:
        told = ", ".join(f"{number} {name}" for name, number in sorted(self.verdicts.items())) or "no message yet"
        return f"{self.open} connections open; {told}"


@dataclass
class Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    peer: str
    receive: Receiving
    limits: Limits
    stopping: asyncio.Event
    counts: Counts

    async def serve(self) -> None:
        """Until the peer goes, a limit is passed, or the listener stops. What has come in whole is answered."""
        splitter = FrameSplitter(self.limits.frame_bytes)
        clock = asyncio.get_running_loop().time
        frame_until: float | None = None
        is_last = False
        while not is_last:
            is_last = self.stopping.is_set()
            chunk = await self._chunk(self.limits.idle if frame_until is None else frame_until - clock())
            if not chunk:
                break
            frames = splitter.feed(chunk)
            for message in (message for frame in frames for message in messages_of_frame(frame)):
                await self._answer(await self._received(message))
            if splitter.too_large:
                text = f"A message may have {self.limits.frame_bytes} bytes."
                await self._answer(Told.of(not_read(splitter.too_large, "too_large", text)))
                break
            if not splitter.is_inside:
                frame_until = None
            elif frames or frame_until is None:
                frame_until = clock() + self.limits.frame
        if splitter.is_inside:
            logger.warning("%s: a message had no end; nothing of it is kept", self.peer)

    async def _chunk(self, wait: float) -> bytes:
        """b"" at the end. Bytes that are there already come before the stop."""
        reading = asyncio.ensure_future(self.reader.read(CHUNK))
        stopping = asyncio.ensure_future(self.stopping.wait())
        try:
            await asyncio.wait({reading, stopping}, timeout=max(wait, 0), return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                return reading.result()
            if not stopping.done():
                logger.warning("%s: closed after %g seconds without what was expected", self.peer, wait)
            return b""
        finally:
            reading.cancel()
            stopping.cancel()

    async def _received(self, message: bytes) -> Told:
        try:
            return await self.receive(message, self.peer)
        except Exception as error:
            # No traceback: its values would be those of a patient.
            logger.error("%s: a message could not be kept: %s", self.peer, type(error).__name__)
            return Told.of(not_read(message, "failed", "The message could not be stored. Send it again."))

    async def _answer(self, told: Told) -> None:
        verdict = ", ".join(filter(None, (str(told.received.verdict), told.received.reason)))
        self.counts.verdicts[verdict] += 1
        logger.info("%s: %s", self.peer, verdict)
        for answer in (told.answers.commit, told.answers.application):
            if answer.message is not None:
                self.writer.write(framed(answer.message))
        await asyncio.wait_for(self.writer.drain(), self.limits.frame)
