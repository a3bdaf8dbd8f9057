"""Frames of the low-level protocol: STX n text ETX|ETB checksum CR LF. A text without them is taken as it is."""

from dataclasses import dataclass

STX, ETX, ETB = 0x02, 0x03, 0x17


@dataclass(frozen=True)
class Unframed:
    """`pieces` are texts, in their order, with True where a checksum of it does not agree."""

    pieces: tuple[tuple[bytes, bool], ...]
    frames: int = 0
    checksums_ok: int = 0


def unframe(data: bytes) -> Unframed:
    if STX not in data:
        return Unframed(((data, False),))
    pieces: list[tuple[bytes, bool]] = []
    previous: tuple[bytes, bool] | None = None
    frames = right = 0
    at = data.find(STX)
    while at >= 0:
        end = _end(data, at)
        if end < 0:
            # The last frame has no end: what of it came is kept, and not trusted.
            pieces.append((data[at + 2 :], True))
            break
        number, text = data[at + 1 : at + 2], data[at + 2 : end]
        is_wrong = data[end + 1 : end + 3].upper() != b"%02X" % (sum(data[at + 1 : end + 1]) % 256)
        frames += 1
        right += not is_wrong
        if previous is not None and previous[0] == number and (previous[1] or pieces[-1][0] == text):
            # Sent again after it was not acknowledged.
            pieces.pop()
        pieces.append((text, is_wrong))
        previous = (number, is_wrong)
        at = data.find(STX, end)
    return Unframed(tuple(pieces), frames, right)


def _end(data: bytes, start: int) -> int:
    ends = [place for mark in (ETX, ETB) if (place := data.find(mark, start)) >= 0]
    return min(ends, default=-1)
