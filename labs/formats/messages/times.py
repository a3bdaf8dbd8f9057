"""Times of messages: YYYY[MM[DD[HH[MM[SS[.F]]]]]][+ZZZZ], and the bad lengths that senders make of it."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WRITTEN = re.compile(r"(\d{4,14})\d*(?:\.\d*)?\s*(?:([+-])(\d{2}):?(\d{2}))?")
SHORTEST = 8
OFFSETS = 14 * 60
FORMATS = {14: "%Y%m%d%H%M%S", 12: "%Y%m%d%H%M", 10: "%Y%m%d%H", 8: "%Y%m%d", 6: "%Y%m", 4: "%Y"}


def zone_of(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def moment(text: str, zone: tzinfo = UTC) -> datetime | None:
    """Where the sender names no offset, the time is one of `zone`. Of a bad length the longest part that is a time."""
    found = WRITTEN.match(text.strip())
    if found is None:
        return None
    digits, sign, hours, minutes = found.groups()
    at = _longest(digits)
    if at is None:
        return None
    if sign:
        offset = int(hours) * 60 + int(minutes)
        if offset > OFFSETS:
            return None
        zone = timezone(timedelta(minutes=offset if sign == "+" else -offset))
    return at.replace(tzinfo=zone)


def _longest(digits: str) -> datetime | None:
    length = len(digits) - len(digits) % 2
    for shorter in range(length, 3, -2):
        if shorter < SHORTEST and shorter != length:
            return None
        try:
            # strptime takes "2012311" as it likes: the length decides which parts there are.
            return datetime.strptime(digits[:shorter], FORMATS[shorter])  # noqa: DTZ007 - the caller knows the zone
        except ValueError:
            continue
    return None


def day(text: str) -> date | None:
    """A date of birth: eight digits, or the eight before a time. Nothing is guessed of another length."""
    digits = re.match(r"\d*", text.strip())
    if digits is None or len(digits.group()) not in {8, 12, 14}:
        return None
    try:
        return datetime.strptime(digits.group()[:8], "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
