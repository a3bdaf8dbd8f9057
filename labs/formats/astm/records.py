"""Records H P O R C M S L Q, and the delimiters that the header names."""

import re
from dataclasses import dataclass

from labs.formats.hl7.header import PUNCTUATION
from labs.formats.messages.delimiters import Delimiters

KNOWN = frozenset("HPORCMSLQ")


@dataclass(frozen=True)
class Record:
    """`field(3)` of `R|1|^^^WBC|…` is the test: the letter is the first."""

    letter: str
    fields: tuple[str, ...]
    delimiters: Delimiters

    def field(self, number: int) -> str:
        return self.fields[number - 1] if number <= len(self.fields) else ""

    def component(self, number: int, place: int = 1) -> str:
        parts = self.delimiters.components(self.delimiters.repetitions(self.field(number))[0])
        return parts[place - 1] if place <= len(parts) else ""


@dataclass
class Message:
    """`delimiters` is None without a header that names them. `is_damaged`: a checksum of it did not agree."""

    lines: list[str]
    is_damaged: bool = False

    @property
    def has_header(self) -> bool:
        return bool(self.lines) and self.lines[0].startswith("H")

    @property
    def delimiters(self) -> Delimiters | None:
        return delimiters_of(self.lines[0]) if self.has_header else None

    @property
    def is_complete(self) -> bool:
        return bool(self.lines) and self.lines[-1].startswith("L")


def delimiters_of(header: str) -> Delimiters | None:
    """After the field delimiter exactly three different ones: repetition, component, escape."""
    separator = header[1:2]
    if separator not in PUNCTUATION:
        return None
    sent = header[2:].split(separator, maxsplit=1)[0]
    if len(sent) != 3 or len(set(sent)) != 3 or not set(sent) <= PUNCTUATION:
        return None
    return Delimiters(separator, component=sent[1], repetition=sent[0], escape=sent[2], subcomponent="", sent=sent)


def record_of(line: str, delimiters: Delimiters) -> Record:
    fields = tuple(line.split(delimiters.field))
    return Record(fields[0].strip().upper(), fields, delimiters)


def messages_of(pieces: tuple[tuple[str, bool], ...]) -> list[Message]:
    """Split at H; what follows an L without one, or stands before the first, is a message without a header."""
    found: list[Message] = []
    for line, is_wrong in _lines(pieces):
        if line.startswith("H") or not found or found[-1].is_complete:
            found.append(Message([]))
        found[-1].lines.append(line)
        found[-1].is_damaged |= is_wrong
    return found


def _lines(pieces: tuple[tuple[str, bool], ...]) -> list[tuple[str, bool]]:
    """A record may go on over frames: only a line end ends it."""
    lines: list[tuple[str, bool]] = []
    begun, is_wrong = "", False
    for text, piece_is_wrong in pieces:
        *whole, rest = re.split(r"[\r\n]+", text)
        is_wrong |= piece_is_wrong
        for line in whole:
            lines.append((begun + line, is_wrong))
            begun, is_wrong = "", piece_is_wrong
        begun += rest
    lines.append((begun, is_wrong))
    return [(line, wrong) for line, wrong in lines if line.strip() and not line.startswith("#")]
