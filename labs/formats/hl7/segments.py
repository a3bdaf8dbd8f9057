"""Segments and their fields, taken apart only as far as somebody asks."""

import re
from dataclasses import dataclass

from labs.formats.messages.delimiters import Delimiters

BLANK = re.compile(r"[\x00-\x20\x7f]*")
NAME = re.compile(r"[A-Z][A-Z0-9]{2}")


@dataclass(frozen=True)
class Segment:
    """`fields[0]` is the name: OBX-5 is `field(5)`. What is not there is ""."""

    name: str
    fields: tuple[str, ...]
    delimiters: Delimiters

    def field(self, number: int) -> str:
        return self.fields[number].strip() if number < len(self.fields) else ""

    def text(self, number: int) -> str:
        return self.delimiters.unescape(self.field(number))

    def repetitions(self, number: int) -> tuple[tuple[str, ...], ...]:
        """Of every repetition that is not empty its components, without escapes."""
        field = self.field(number)
        return tuple(self.delimiters.components(one) for one in self.delimiters.repetitions(field) if one)

    def component(self, number: int, place: int = 1) -> str:
        """Of the first repetition."""
        parts = self.delimiters.components(self.delimiters.repetitions(self.field(number))[0])
        return parts[place - 1] if place <= len(parts) else ""


def lines_of(text: str) -> list[str]:
    """Without what is blank: spaces, or control characters such as some editors and old systems end a file with."""
    return [line for line in re.split(r"[\r\n]+", text) if not BLANK.fullmatch(line)]


def is_segment(line: str, delimiters: Delimiters) -> bool:
    name = NAME.match(line)
    return name is not None and line[3:4] in {"", delimiters.field}


def segment_of(line: str, delimiters: Delimiters) -> Segment:
    fields = tuple(line.split(delimiters.field))
    return Segment(fields[0].strip(), fields, delimiters)
