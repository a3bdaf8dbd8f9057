"""Turns a parsed TOML document into typed dataclasses, and refuses whatever does not fit by the key's own name."""

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from math import isfinite
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labs.cohort_import.errors import ImportRefused

T = TypeVar("T")

# What marks a field that names one or more columns of the data file.
COLUMN: dict[str, Any] = {"column": True}

_WORDS = {
    str: gettext_lazy("a text in quotes"),
    int: gettext_lazy("a whole number"),
    float: gettext_lazy("a number"),
    bool: gettext_lazy("true or false"),
    date: gettext_lazy("a date such as 2024-01-31"),
}


def one_of(choices: list[str]) -> dict[str, Any]:
    return {"choices": choices}


def decode(kind: type[T], content: Any, place: str = "") -> T:
    """Builds the dataclass `kind` from a TOML table; `place` is how the reader finds that table."""
    here = place or _("The mapping")
    if not isinstance(content, dict):
        raise ImportRefused(_("%(place)s must be a table.") % {"place": here})
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]  # always one of our dataclasses
    for key in content:
        if key not in known:
            raise ImportRefused(
                _("%(place)s has an unknown key '%(key)s'; known are %(known)s.")
                % {"place": here, "key": key, "known": ", ".join(sorted(known))}
            )
    hints, values = get_type_hints(kind), {}
    for name, each in known.items():
        if name in content:
            values[name] = _value(hints[name], content[name], f"{place} {name}".strip(), each)
        elif each.default is MISSING and each.default_factory is MISSING:
            raise ImportRefused(_missing(hints[name], here, name))
    return kind(**values)


def columns(section: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every column that a decoded mapping names, with the place where it names it."""
    for each in fields(section):
        where, value = f"{place} {each.name}".strip(), getattr(section, each.name)
        if each.metadata.get("column"):
            yield from ((where, name) for name in (value if isinstance(value, tuple) else (value,)) if name)
        elif is_dataclass(value):
            yield from columns(value, f"[{where}]")
        elif isinstance(value, dict):
            for key, below in value.items():
                yield from columns(below, f"[{where}.{key}]") if is_dataclass(below) else ()
        elif isinstance(value, tuple):
            for number, below in enumerate(value, start=1):
                yield from columns(below, f"[[{where}]] {number}") if is_dataclass(below) else ()


def _missing(hint: Any, place: str, name: str) -> str:
    if is_dataclass(hint):
        return _("%(place)s needs the section [%(key)s].") % {"place": place, "key": name}
    return _("%(place)s needs the key '%(key)s'.") % {"place": place, "key": name}


def _value(hint: Any, raw: Any, place: str, each: Field[Any] | None = None) -> Any:
    origin = get_origin(hint)
    if hint is Any:
        return _plain(raw, place)
    if origin in (Union, UnionType):
        return _value(next(arg for arg in get_args(hint) if arg is not type(None)), raw, place, each)
    if origin is tuple:
        return _tuple(get_args(hint)[0], raw, place)
    if origin is dict:
        return _dict(get_args(hint)[1], raw, place)
    if is_dataclass(hint):
        return decode(hint, raw, f"[{place}]")  # type: ignore[arg-type]  # a dataclass type, not an instance
    return _scalar(hint, raw, place, each)


def _plain(raw: Any, place: str) -> Any:
    """What JSON can hold as well: these values are stored as they are."""
    if isinstance(raw, dict):
        return {key: _plain(item, f"{place}.{key}") for key, item in raw.items()}
    if isinstance(raw, list):
        return [_plain(item, place) for item in raw]
    if isinstance(raw, str | bool | int) or (isinstance(raw, float) and isfinite(raw)):
        return raw
    raise ImportRefused(_("%(place)s holds only texts, numbers, true and false.") % {"place": place})


def _tuple(hint: Any, raw: Any, place: str) -> tuple[Any, ...]:
    if not is_dataclass(hint):
        return tuple(_value(hint, item, place) for item in (raw if isinstance(raw, list) else [raw]))
    if not isinstance(raw, list):
        raise ImportRefused(_("%(place)s is a list of tables: write [[%(place)s]].") % {"place": place})
    return tuple(
        decode(hint, item, f"[[{place}]] {number}")  # type: ignore[arg-type]  # a dataclass type, not an instance
        for number, item in enumerate(raw, start=1)
    )


def _dict(hint: Any, raw: Any, place: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise ImportRefused(_("%(place)s must be a table.") % {"place": place})
    return {key: _value(hint, item, f"{place}.{key}") for key, item in raw.items()}


def _scalar(hint: Any, raw: Any, place: str, each: Field[Any] | None) -> Any:
    if hint is float and isinstance(raw, int) and not isinstance(raw, bool):
        raw = float(raw)
    if not _fits(hint, raw):
        raise ImportRefused(_("%(place)s must be %(what)s.") % {"place": place, "what": _WORDS[hint]})
    choices = each.metadata.get("choices") if each else None
    if choices and raw not in choices:
        raise ImportRefused(
            _("%(place)s = '%(value)s' is none of %(known)s.")
            % {"place": place, "value": raw, "known": ", ".join(choices)}
        )
    return raw


def _fits(hint: Any, raw: Any) -> bool:
    """By the letter: true is no whole number, an instant no date, and TOML's nan and inf are no numbers to us."""
    if hint is not bool and isinstance(raw, bool):
        return False
    if hint is date and isinstance(raw, datetime):
        return False
    return isinstance(raw, hint) and not (hint is float and not isfinite(raw))
