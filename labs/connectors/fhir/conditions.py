"""Conditions that several types share."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from labs.connectors.fhir.asking import Asker
from labs.connectors.fhir.families import Condition, nothing
from labs.connectors.fhir.models import ExternalNumber
from labs.formats.fhir.elements import Reference
from labs.formats.fhir.problems import Issue, Problem
from labs.formats.fhir.search import DateAsked, Token, read_date_asked, read_token, unescaped
from labs.formats.messages.times import YEARS

# Nothing is stored of other times, and an open end such as 9999-12-31 has no day after it.
_EARLIEST, _LATEST = date(YEARS.start, 1, 1), date(YEARS.stop - 1, 12, 31)


def on_day(name: str, column: str) -> Condition:
    """A column that holds days."""

    def condition(_asker: Asker, text: str) -> Q:
        asked = read_date_asked(name, text, timezone.get_current_timezone())
        first, last = asked.date.first, asked.date.last
        # Within a day nothing is known: before ten o'clock may be any time of that day.
        open_ended = asked.date.precision == "time"
        compared = {
            "eq": Q(**{f"{column}__range": (first, last)}),
            "ap": Q(**{f"{column}__range": (first, last)}),
            "ne": ~Q(**{f"{column}__range": (first, last)}) & Q(**{f"{column}__isnull": False}),
            "ge": Q(**{f"{column}__gte": first}),
            "le": Q(**{f"{column}__lte": last}),
            "gt": Q(**{f"{column}__gte" if open_ended else f"{column}__gt": last}),
            "lt": Q(**{f"{column}__lte" if open_ended else f"{column}__lt": first}),
            "sa": Q(**{f"{column}__gt": last}),
            "eb": Q(**{f"{column}__lt": first}),
        }
        return compared[asked.prefix]

    return condition


def at_moment(name: str, column: str) -> Condition:
    """A column that holds moments; a moment that was asked to the second covers its second."""

    def condition(_asker: Asker, text: str) -> Q:
        asked = read_date_asked(name, text, timezone.get_current_timezone())
        return _compared(asked, column)

    return condition


def _compared(asked: DateAsked, column: str) -> Q:
    zone = timezone.get_current_timezone()
    first, last = (max(_EARLIEST, min(day, _LATEST)) for day in (asked.date.first, asked.date.last))
    if asked.date.moment is not None and first == asked.date.first:
        start, end = asked.date.moment, asked.date.moment + timedelta(seconds=1)
    else:
        midnight = time.min
        start = datetime.combine(first, midnight, zone)
        end = datetime.combine(last, midnight, zone) + timedelta(days=1)
    within = Q(**{f"{column}__gte": start, f"{column}__lt": end})
    compared = {
        "eq": within,
        "ap": within,
        "ne": ~within,
        "ge": Q(**{f"{column}__gte": start}),
        "gt": Q(**{f"{column}__gte": end}),
        "sa": Q(**{f"{column}__gte": end}),
        "le": Q(**{f"{column}__lt": end}),
        "lt": Q(**{f"{column}__lt": start}),
        "eb": Q(**{f"{column}__lt": start}),
    }
    return compared[asked.prefix]


def of_key(way: str) -> Condition:
    def condition(_asker: Asker, text: str) -> Q:
        return key_is(way, read_token(text).code)

    return condition


def key_is(way: str, text: str) -> Q:
    return Q(**{way: int(text)}) if text.isascii() and text.isdigit() and len(text) < 19 else nothing()


def refers_to(kind: str, way: str) -> Condition:
    """Patient/12, the whole address, or the bare id."""

    def condition(asker: Asker, text: str) -> Q:
        return key_is(way, local_key(asker, Reference(unescaped(text)), kind))

    return condition


def local_key(asker: Asker, reference: Reference, kind: str) -> str:
    """The id in a reference to this server, "" where it points elsewhere."""
    path = reference.target.removeprefix(asker.base).strip("/").split("/_history/", 1)[0]
    named, slash, key = path.partition("/")
    if not slash:
        return named
    return key if named == kind and "/" not in key else ""


def coded(known: Mapping[str, Q], system: str) -> Condition:
    """A token whose codes are few; a system that is not this one fits nothing."""

    def condition(_asker: Asker, text: str) -> Q:
        token = read_token(text)
        return known.get(token.code, nothing()) if token.system in (None, system) else nothing()

    return condition


def numbered(kind: str, token: Token) -> "dict[str, object]":
    """Which numbers of other systems a token means."""
    asked: dict[str, object] = {"kind": kind, "retired_reason": ""}
    if token.code:
        asked["value"] = token.code
    if token.system is not None:
        asked["system"] = token.system
    return asked


def specimens_numbered(kind: str, token: Token) -> Q:
    rows = ExternalNumber.objects.filter(**numbered(kind, token))
    return Q(pk__in=rows.values("specimen"))


def not_for_everybody(name: str, text: str) -> Problem:
    return Problem(403, Issue(text, name, "forbidden"))
