"""Frames of the minimal lower layer protocol: VT … FS CR, fed in whatever pieces a connection delivers."""

from dataclasses import dataclass, field

START, END, RETURN = b"\x0b", b"\x1c", b"\r"
MAX_FRAME = 16 * 1024 * 1024
# Enough for the header, by which the sender is answered.
KEPT_OF_TOO_LARGE = 4096


def framed(message: bytes) -> bytes:
    return START + message + END + RETURN


@dataclass
class FrameSplitter:
    """What stands before VT is skipped, the CR after FS may be missing. A VT inside a frame begins it anew.

    `skipped` counts stray bytes (the CR of a frame is none), `frames` the frames given out, `cut_short` those that
    began anew or had no end. After a frame that is too large nothing is taken any more: `too_large` is its beginning.
    """

    max_bytes: int = MAX_FRAME
    skipped: int = 0
    frames: int = 0
    cut_short: int = 0
    is_inside: bool = False
    too_large: bytes = b""
    _frame: bytearray = field(default_factory=bytearray)
    _after_end: bool = False

    def feed(self, chunk: bytes) -> list[bytes]:
        found: list[bytes] = []
        at = 0
        while at < len(chunk) and not self.too_large:
            at = self._within(chunk, at, found) if self.is_inside else self._outside(chunk, at)
        return found

    def close(self) -> str:
        """Why the last bytes were no frame: "truncated", "no_frame" when there was not one, else ""."""
        if self.is_inside:
            self.is_inside = False
            self.cut_short += 1
            return "truncated"
        return "" if self.frames or self.cut_short else "no_frame"

    def _outside(self, chunk: bytes, at: int) -> int:
        start = chunk.find(START, at)
        end = len(chunk) if start < 0 else start
        stray = chunk[at:end]
        if self._after_end and stray:
            stray = stray.removeprefix(RETURN)
            self._after_end = False
        self.skipped += len(stray)
        if start < 0:
            return end
        self.is_inside, self._after_end = True, False
        self._frame.clear()
        return start + 1

    def _within(self, chunk: bytes, at: int, found: list[bytes]) -> int:
        end, again = chunk.find(END, at), chunk.find(START, at)
        if again >= 0 and (end < 0 or again < end):
            self.cut_short += 1
            self._frame.clear()
            return again + 1
        self._frame += chunk[at : end if end >= 0 else len(chunk)]
        if len(self._frame) > self.max_bytes:
            self.too_large = bytes(self._frame[:KEPT_OF_TOO_LARGE])
            self._frame.clear()
            return len(chunk)
        if end < 0:
            return len(chunk)
        found.append(bytes(self._frame))
        self.frames += 1
        self.is_inside, self._after_end = False, True
        return end + 1
