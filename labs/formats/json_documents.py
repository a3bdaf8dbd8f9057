"""JSON of other systems, with numbers kept as they were written: 4.50 is not 4.5 to a laboratory."""

import json
import re
from datetime import datetime, tzinfo
from typing import Any

_OBJECT = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*\{")
_YEARS = range(1900, 2200)


class Written(str):
    """A number as its digits."""

    __slots__ = ()


def is_object(data: bytes) -> bool:
    return _OBJECT.match(data) is not None


def document_of(data: bytes) -> dict[str, Any] | None:
    """None for whatever is no JSON object."""
    if not is_object(data):
        return None
    try:
        found = json.loads(data.decode("utf-8-sig"), parse_float=Written, parse_int=Written)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def text_of(value: object) -> str:
    """Of a text or a number; "" for anything else, so that what is not as expected is as if it were not there."""
    if not isinstance(value, str):
        return ""
    # Half a surrogate pair is JSON, and no text that can be stored.
    return value.encode("utf-8", "replace").decode().strip()


def members(value: object) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def member(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def moment_of(value: object, zone: tzinfo) -> datetime | None:
    """A time of ISO 8601; a day alone is its first moment, and a time without an offset one of `zone`."""
    try:
        found = datetime.fromisoformat(text_of(value))
    except ValueError:
        return None
    if found.year not in _YEARS:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


# Characters of no alphabet, to find the numbers again among the texts.
_BEGIN, _END = "\ue0f1", "\ue0f2"
_NUMBER = re.compile(f'"{_BEGIN}(-?[0-9][0-9.eE+-]*){_END}"')


def dumped(document: object) -> bytes:
    """A part of a document, with its numbers as they were written."""
    marked = json.dumps(_marked(document), ensure_ascii=False, sort_keys=True)
    return _NUMBER.sub(r"\1", marked).encode("utf-8", "replace")


def _marked(value: object) -> object:
    if isinstance(value, Written):
        return f"{_BEGIN}{value}{_END}"
    if isinstance(value, dict):
        return {name: _marked(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_marked(each) for each in value]
    return value
