"""What a search asks, taken apart: names, modifiers, prefixes, systems; nothing is looked up."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo

from labs.formats.fhir.problems import Issue, Problem, malformed
from labs.formats.fhir.times import PartialDate, read_date

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
LONGEST_PAGE = 200
USUAL_PAGE = 50
MOST_VALUES = 200
# They shape the answer and choose nothing: to leave one out shows nobody more.
RESULT_PARAMETERS = frozenset(
    {
        "_total",
        "_totalMethod",
        "_elements",
        "_contained",
        "_containedType",
        "_revinclude",
        "_pretty",
        "_score",
        "_fields",
    }
)
_UNESCAPE = re.compile(r"\\([,|$\\])")


@dataclass(frozen=True)
class Asked:
    """One parameter: any of `values` must fit."""

    name: str
    modifier: str
    values: tuple[str, ...]

    @property
    def written(self) -> str:
        return f"{self.name}:{self.modifier}" if self.modifier else self.name


@dataclass(frozen=True)
class Token:
    """`system` is None where any is meant, "" where none is."""

    system: str | None
    code: str


def parse_asked(pairs: Iterable[tuple[str, str]]) -> list[Asked]:
    """Parameters that are there twice must both fit; an empty one asks nothing."""
    found = []
    for name, value in pairs:
        if "\0" in value:
            raise malformed("This cannot be searched for.", name)
        base, _colon, modifier = name.partition(":")
        values = tuple(part for part in split_escaped(value, ",") if part)
        if values:
            found.append(Asked(base, modifier, values))
    if sum(len(asked.values) for asked in found) > MOST_VALUES:
        # Each is a condition of one statement, and a database takes only so many.
        raise Problem(400, Issue(f"At most {MOST_VALUES} values.", code="too-costly"))
    return found


def split_escaped(text: str, separator: str) -> list[str]:
    """At each separator without a backslash before it. The parts keep their backslashes."""
    parts, current, index = [], "", 0
    while index < len(text):
        if text[index] == "\\" and index + 1 < len(text):
            current += text[index : index + 2]
            index += 2
        elif text[index] == separator:
            parts.append(current)
            current, index = "", index + 1
        else:
            current += text[index]
            index += 1
    return [*parts, current]


def unescaped(text: str) -> str:
    return _UNESCAPE.sub(r"\1", text)


def read_token(text: str) -> Token:
    parts = split_escaped(text, "|")
    if len(parts) > 2:
        raise malformed(f"“{text}” has more than one “|”.")
    if len(parts) == 1:
        return Token(None, unescaped(parts[0]))
    return Token(unescaped(parts[0]), unescaped(parts[1]))


@dataclass(frozen=True)
class DateAsked:
    prefix: str
    date: PartialDate


def read_date_asked(name: str, text: str, zone: tzinfo) -> DateAsked:
    # A plus that was not escaped arrives as a space.
    plain = text.replace(" ", "+")
    prefix, rest = (plain[:2], plain[2:]) if plain[:2] in PREFIXES else ("eq", plain)
    try:
        return DateAsked(prefix, read_date(rest, zone, needs_zone=False))
    except ValueError:
        raise malformed(f"“{text}” is no date to search for.", name) from None


def whole_number(name: str, text: str, *, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise malformed(f"“{text}” is no whole number.", name)
    return min(max(int(text), low), high)


def preference(header: str, name: str) -> str:
    """From `Prefer: return=minimal, handling=strict` the value of one."""
    for part in re.split(r"[,;]", header):
        key, _equals, value = part.strip().partition("=")
        if key.strip().lower() == name:
            return value.strip().strip('"').lower()
    return ""


JSON_TYPES = ("application/fhir+json", "application/json", "text/json")
_WILDCARDS = ("*/*", "application/*")


def chosen_type(accept: str, asked_format: str = "") -> str:
    """The content type of the answer; "" when nothing that is made here is accepted. `_format` goes before Accept."""
    if asked_format:
        # application/fhir+json without escaping arrives with a space
        wanted = asked_format.strip().lower().replace(" ", "+").split(";", 1)[0]
        return JSON_TYPES[0] if wanted in {*JSON_TYPES, "json"} else ""
    best, best_quality = "", 0.0
    for part in accept.split(",") if accept.strip() else ["*/*"]:
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        settings = dict(_setting(piece) for piece in parameters)
        quality = _quality(settings.get("q", "1"))
        is_known = name in JSON_TYPES or name in _WILDCARDS
        if not is_known or settings.get("fhirversion", "4.0") not in {"4.0", "4.0.1"}:
            continue
        if quality > best_quality:
            best, best_quality = (JSON_TYPES[0] if name in _WILDCARDS else name), quality
    return best


def _setting(piece: str) -> tuple[str, str]:
    key, _equals, value = piece.partition("=")
    return key.strip(), value.strip().strip('"')


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
