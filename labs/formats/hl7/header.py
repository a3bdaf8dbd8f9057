"""The MSH segment: who sends what to whom, with which delimiters, and how it wants to be answered."""

import re
from dataclasses import dataclass

from labs.formats.messages.delimiters import Delimiters

PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
ASKS = frozenset({"AL", "NE", "ER", "SU"})


class MalformedHeader(ValueError):
    """The text says why, without a word of the message."""


@dataclass(frozen=True)
class Header:
    """`fields` are MSH-1 and on, as sent; the properties have them without escapes."""

    delimiters: Delimiters
    fields: tuple[str, ...]
    # MSH-9 is left out by this sender: what follows stands one place early.
    is_shifted: bool = False
    encoding: str = ""

    def field(self, number: int) -> str:
        if self.is_shifted and number >= 9:
            if number == 9:
                return ""
            number -= 1
        return self.fields[number - 1] if number <= len(self.fields) else ""

    def first(self, number: int) -> str:
        """The first component of the first repetition."""
        repetition = self.delimiters.repetitions(self.field(number))[0]
        return self.delimiters.components(repetition)[0]

    @property
    def sender(self) -> str:
        return f"{self.first(3)}|{self.first(4)}"

    @property
    def control_id(self) -> str:
        return self.delimiters.unescape(self.field(10)).strip()

    @property
    def type(self) -> str:
        return self.field(9).strip()

    @property
    def trigger(self) -> str:
        """ORU^R01 of ORU^R01^ORU_R01; the type only where no trigger is named."""
        parts = [part.upper() for part in self.delimiters.components(self.field(9))[:2]]
        return "^".join(part for part in parts if part)

    @property
    def processing_id(self) -> str:
        return self.first(11).upper()

    @property
    def version(self) -> str:
        return self.first(12)

    @property
    def commit_when(self) -> str:
        return self._asked(15)

    @property
    def answer_when(self) -> str:
        return self._asked(16)

    @property
    def is_enhanced(self) -> bool:
        return bool(self._asked_in(15) or self._asked_in(16))

    @property
    def is_calibration_or_control(self) -> bool:
        """MSH-16 of analysers that do not follow the standard: 0 a patient, 1 calibration, 2 quality control."""
        return self.first(16) in {"1", "2"}

    @property
    def charset(self) -> str:
        return self.delimiters.repetitions(self.field(18))[0].strip()

    def _asked(self, number: int) -> str:
        return self._asked_in(number) or "NE"

    def _asked_in(self, number: int) -> str:
        asked = self.first(number).upper()
        return asked if asked in ASKS else ""


def read_header(line: str) -> Header:
    """Raises MalformedHeader for an MSH-2 of which nothing can be made."""
    line = line.strip("\ufeff")
    if not line.startswith("MSH"):
        raise MalformedHeader("There is no MSH segment at the beginning.")
    separator = line[3:4]
    if separator not in PUNCTUATION:
        raise MalformedHeader("MSH-1 is no field separator.")
    fields = line[4:].split(separator)
    delimiters = _delimiters(separator, fields[0])
    return Header(delimiters, (separator, *fields))


def _delimiters(separator: str, sent: str) -> Delimiters:
    # The escape character may have been escaped itself on its way.
    characters = re.sub(r"(.)\1", r"\1", sent) if len(sent) == 5 else sent
    if not (2 <= len(characters) <= 5 and len(set(characters)) == len(characters) and set(characters) <= PUNCTUATION):
        raise MalformedHeader("MSH-2 does not name two to five different delimiters.")
    component, repetition, rest = characters[0], characters[1], characters[2:]
    if len(rest) == 1 and rest != "\\":
        escape, subcomponent = "", rest
    else:
        escape, subcomponent = rest[:1], rest[1:2]
    return Delimiters(separator, component, repetition, escape, subcomponent, sent)
