"""A value by what it says, whatever type the sender gives it."""

import re
from dataclasses import dataclass

from labs.formats.messages.received import Observation
from labs.formats.messages.site import AnalyteRule

COMPARATORS = {"<": "<", ">": ">", "<=": "<=", ">=": ">=", "≤": "<=", "≥": ">=", "=<": "<=", "=>": ">="}
WRITTEN = re.compile(r"(<=|>=|=<|=>|[<>≤≥])?\s*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)")
DECIMAL_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9]+\s*$)|(?<=[0-9]),(?=[0-9]+[eE])")


@dataclass(frozen=True)
class Value:
    """A number with its comparator, or a result in words."""

    number: float | None = None
    comparator: str = ""
    coded: str = ""


def is_empty(observation: Observation) -> bool:
    return observation.raw.strip() in {"", '""'}


def is_comment(observation: Observation, words: tuple[str, ...]) -> bool:
    text = observation.delimiters.unescape(observation.raw).strip().casefold()
    return any(text.startswith(word.casefold()) for word in words)


def value_of(observation: Observation, analyte: AnalyteRule, unit: str, *, decimal_comma: bool) -> Value | None:
    """None where nothing can be made of it: a titre, a range, a text, more than one value."""
    delimiters = observation.delimiters
    repetitions = [one for one in delimiters.repetitions(observation.raw.strip()) if one]
    if len(repetitions) != 1:
        return None
    parts = delimiters.components(repetitions[0])
    if (word := _word(parts, analyte, unit)) is not None:
        return Value(coded=word)
    return _number(parts, decimal_comma=decimal_comma)


def _word(parts: tuple[str, ...], analyte: AnalyteRule, unit: str) -> str | None:
    """The text, or the code or the text of a coded value."""
    if not analyte.words or unit not in analyte.word_units:
        return None
    said = {part.casefold() for part in parts[:2] if part}
    return next((word for word, texts in analyte.words.items() if said & {text.casefold() for text in texts}), None)


def _number(parts: tuple[str, ...], *, decimal_comma: bool) -> Value | None:
    first, second, *rest = (*parts, "")
    if any(rest):
        # A structured number with a separator: a ratio or a range.
        return None
    comparator = ""
    if first in COMPARATORS:
        comparator, first, second = COMPARATORS[first], second, ""
    elif not first:
        first, second = second, ""
    if second:
        return None
    text = DECIMAL_COMMA.sub(".", first) if decimal_comma else first
    found = WRITTEN.fullmatch(text)
    if found is None or (comparator and found.group(1)):
        return None
    return Value(float(found.group(2)), comparator or COMPARATORS.get(found.group(1) or "", ""))
