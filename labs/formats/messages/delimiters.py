"""The characters that divide a message, and the escapes that stand for them inside a value."""

import re
from dataclasses import dataclass


def without_zeros(text: str) -> str:
    """A zero byte is no character that a database keeps: SUBSTITUTE stands for it."""
    return text.replace("\x00", "\x1a")


@dataclass(frozen=True)
class Delimiters:
    """`escape` is "" where the sender has none. `sent` is MSH-2 as it came, for the answer."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    sent: str = "^~\\&"

    def components(self, text: str) -> tuple[str, ...]:
        return tuple(self.unescape(part).strip() for part in text.split(self.component))

    def repetitions(self, text: str) -> tuple[str, ...]:
        return tuple(text.split(self.repetition)) if self.repetition else (text,)

    def subcomponents(self, text: str) -> tuple[str, ...]:
        parts = text.split(self.subcomponent) if self.subcomponent else [text]
        return tuple(self.unescape(part).strip() for part in parts)

    def unescape(self, text: str) -> str:
        r"""\F\ \S\ \T\ \R\ \E\ \.br\ and \Xhh..\ in place, \H\ and \N\ left out; what is not known stays as it is."""
        if not self.escape or self.escape not in text:
            return text
        escape = re.escape(self.escape)
        return re.sub(f"{escape}([^{escape}\\r\\n]{{1,64}}){escape}", self._meaning, text)

    def escape_text(self, text: str) -> str:
        """The other way round; without an escape character a delimiter in the text becomes a space."""
        names = {self.field: "F", self.component: "S", self.subcomponent: "T", self.repetition: "R", self.escape: "E"}
        wanted = {character: name for character, name in names.items() if character}
        wanted |= {"\r": "X0D", "\n": "X0A"}
        return "".join(self._escaped(wanted[letter]) if letter in wanted else letter for letter in text)

    def _escaped(self, name: str) -> str:
        return f"{self.escape}{name}{self.escape}" if self.escape else " "

    def _meaning(self, found: re.Match[str]) -> str:
        name = found.group(1)
        fixed = {"F": self.field, "S": self.component, "T": self.subcomponent, "R": self.repetition, "E": self.escape}
        if name in fixed:
            return fixed[name]
        if name in {"H", "N"}:
            return ""
        if name.lower() == ".br":
            return "\n"
        if name[0] == "X" and (hexadecimal := _hexadecimal(name[1:])):
            return hexadecimal
        return found.group(0)


def _hexadecimal(digits: str) -> str:
    """ASCII only: what a higher byte means is up to a character set that the escape does not name."""
    try:
        return without_zeros(bytes.fromhex(digits).decode("ascii"))
    except ValueError:
        return ""


STANDARD = Delimiters()
# Of values that come one by one: no character of theirs divides or escapes anything.
PLAIN = Delimiters(field="", component="\x1f", repetition="", escape="", subcomponent="", sent="")
