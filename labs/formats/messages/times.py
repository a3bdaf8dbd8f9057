"""Times of messages: YYYY[MM[DD[HH[MM[SS[.F]]]]]][+ZZZZ], and the bad lengths that senders make of it."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

WRITTEN = re.compile(r"(\d{4,14})\d*(?:\.\d*)?\s*(?:([+-])(\d{2}):?(\d{2}))?", re.ASCII)
SHORTEST = 8
# What lies outside is no time of a laboratory, and at the ends of the calendar no offset can be applied.
YEARS = range(1900, 2200)
OFFSETS = 14 * 60
FORMATS = {14: "%Y%m%d%H%M%S", 12: "%Y%m%d%H%M", 10: "%Y%m%d%H", 8: "%Y%m%d", 6: "%Y%m", 4: "%Y"}


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
    for shorter in range(length, min(SHORTEST, length) - 1, -2):
        try:
            # strptime takes "2012311" as it likes: the length decides which parts there are.
            at = datetime.strptime(digits[:shorter], FORMATS[shorter])  # noqa: DTZ007 - the caller knows the zone
        except ValueError:
            continue
        return at if at.year in YEARS else None
    return None


def day(text: str) -> date | None:
    """A date of birth: eight digits, or the eight before a time. Nothing is guessed of another length."""
    digits = re.match(r"[0-9]*", text.strip())
    if digits is None or len(digits.group()) not in {8, 12, 14}:
        return None
    at = _longest(digits.group()[:8])
    return at.date() if at else None
