"""FHIR's dates, which may be partial, and the days that they cover."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from labs.formats.messages.times import YEARS

_SHAPE = re.compile(
    r"(?P<year>[1-9]\d{3})(-(?P<month>0[1-9]|1[0-2])(-(?P<day>0[1-9]|[12]\d|3[01])"
    r"(T(?P<time>([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)(\.\d{1,9})?)?)(?P<zone>Z|[+-](0\d|1[0-4]):[0-5]\d)?)?)?)?"
)


@dataclass(frozen=True)
class PartialDate:
    """`precision` is year, month, day or time; `first` and `last` are the days it covers; `moment` only of a time."""

    first: date
    last: date
    precision: str
    moment: datetime | None = None


def read_date(text: str, zone: tzinfo = UTC, *, needs_zone: bool = True) -> PartialDate:
    """ValueError for what is no date of FHIR. `zone` is where the day of a moment in UTC is looked up."""
    found = _SHAPE.fullmatch(text)
    if found is None or (needs_zone and found["time"] and not found["zone"]):
        raise ValueError(text)
    year = int(found["year"])
    if not found["month"]:
        return PartialDate(date(year, 1, 1), date(year, 12, 31), "year")
    month = int(found["month"])
    if not found["day"]:
        return PartialDate(date(year, month, 1), _last_of(year, month), "month")
    day = date(year, month, int(found["day"]))
    if not found["time"]:
        return PartialDate(day, day, "day")
    moment = _moment(day, found["time"], found["zone"], zone)
    # Who writes an offset writes the day of that place; who writes Z does not say which day it was there.
    local = moment.astimezone(zone).date() if found["zone"] == "Z" and year in YEARS else day
    return PartialDate(local, local, "time", moment)


def _last_of(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _moment(day: date, clock: str, offset: str | None, zone: tzinfo) -> datetime:
    clock = clock if clock.count(":") == 2 else f"{clock}:00"
    # Python has neither leap seconds nor more than six decimals.
    whole, _dot, fraction = clock.replace(":60", ":59").partition(".")
    text = f"{day.isoformat()}T{whole}.{(fraction or '0')[:6].ljust(6, '0')}{(offset or '').replace('Z', '+00:00')}"
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def partial_text(day: date, precision: str) -> str:
    return day.isoformat()[: {"year": 4, "month": 7}.get(precision, 10)]


def instant(moment: datetime) -> str:
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def seconds(moment: datetime) -> str:
    """With the offset it was sent with."""
    return moment.isoformat(timespec="seconds")
