"""Reading elements of a resource that somebody sent. A Problem names the element that is not as it must be."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from labs.formats.fhir.problems import Json, malformed, refused

DEEPEST = 60
# Identifiers, codings, results of a panel: each is looked for.
MOST = 200
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
# JSON can escape it, and nothing can store it or answer with it.
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Identifier:
    system: str
    value: str

    def __str__(self) -> str:
        return f"{self.system}|{self.value}"


@dataclass(frozen=True)
class Reference:
    """`target` as written (Patient/12, urn:uuid:…, Patient?identifier=…), or `identifier` says who is meant."""

    target: str = ""
    identifier: Identifier | None = None


def parse_json(data: bytes) -> Json:
    """One object. Numbers keep their digits: 4.10 is not 4.1 in a laboratory."""
    try:
        found = json.loads(
            data.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_once
        )
    except (ValueError, RecursionError) as error:
        raise malformed(f"The body is no JSON: {_short(str(error))}") from None
    if not isinstance(found, dict):
        raise malformed("A resource is a JSON object.")
    _refuse_unfit(found)
    return found


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _once(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _refuse_unfit(value: Any, depth: int = 0) -> None:
    if depth > DEEPEST:
        raise malformed("The resource is nested too deeply.")
    if isinstance(value, str) and _HALF.search(value):
        raise malformed("A text has half a surrogate pair, which is no character.")
    parts = (*value, *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        _refuse_unfit(part, depth + 1)


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:119] + "…"


def type_of(resource: Json) -> str:
    name = resource.get("resourceType")
    if not isinstance(name, str) or not name:
        raise malformed("Say which resourceType it is.", "resourceType")
    return name


def expect_type(resource: Json, expected: str) -> None:
    """Also refuses what would change the meaning of the rest, as nobody here understands it."""
    found = type_of(resource)
    if found != expected:
        raise malformed(f"{_short(found)} was sent where {expected} is expected.", "resourceType")
    for place, name in ((expected, "modifierExtension"), (expected, "implicitRules")):
        if name in resource:
            raise refused("This could change the meaning of the rest, and is not understood here.", f"{place}.{name}")


def text_of(holder: Json, name: str, place: str, *, longest: int = 255) -> str:
    """A text, "" when it is not there."""
    value = holder.get(name, "")
    if not isinstance(value, str):
        raise malformed("A text is expected.", f"{place}.{name}")
    if "\0" in value:
        raise malformed("This text cannot be stored.", f"{place}.{name}")
    value = value.strip()
    if len(value) > longest:
        raise refused(f"Longer than {longest} characters.", f"{place}.{name}")
    return value


def object_of(holder: Json, name: str, place: str) -> Json:
    value = holder.get(name, {})
    if not isinstance(value, dict):
        raise malformed("An object is expected.", f"{place}.{name}")
    return value


def objects_of(holder: Json, name: str, place: str, *, most: int = MOST) -> list[tuple[Json, str]]:
    """Each with its place."""
    value = holder.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise malformed("A list of objects is expected.", f"{place}.{name}")
    if len(value) > most:
        raise refused(f"At most {most} of these.", f"{place}.{name}", "too-costly")
    return [(each, f"{place}.{name}[{index}]") for index, each in enumerate(value)]


def identifiers_of(resource: Json, place: str, name: str = "identifier") -> list[Identifier]:
    found = []
    for each, where in objects_of(resource, name, place):
        value = text_of(each, "value", where, longest=200)
        if value:
            found.append(Identifier(text_of(each, "system", where, longest=200), value))
    return list(dict.fromkeys(found))


def reference_of(holder: Json, name: str, place: str) -> Reference | None:
    return read_reference(holder[name], f"{place}.{name}") if name in holder else None


def references_of(holder: Json, name: str, place: str) -> list[tuple[Reference, str]]:
    return [(read_reference(each, where), where) for each, where in objects_of(holder, name, place)]


def read_reference(value: Any, place: str) -> Reference:
    if not isinstance(value, dict):
        raise malformed("A reference is expected.", place)
    target = text_of(value, "reference", place, longest=500)
    inner = object_of(value, "identifier", place)
    number = text_of(inner, "value", f"{place}.identifier", longest=200)
    identifier = Identifier(text_of(inner, "system", f"{place}.identifier", longest=200), number) if number else None
    if not target and identifier is None:
        raise malformed("A reference or an identifier is expected.", place)
    return Reference(target, identifier)


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def walk(value: Any) -> Iterator[Json]:
    """Every object inside, the outermost first."""
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from walk(part)
    elif isinstance(value, list):
        for part in value:
            yield from walk(part)
