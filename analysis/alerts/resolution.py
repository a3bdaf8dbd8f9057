"""Which open alerts a new headline closes by itself: those whose conclusions are again what they were at first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Standing:
    """An open alert: what each of its conclusions was before it turned."""

    pk: int
    before: Mapping[str, str]


def baseline(alerts: Iterable[Standing]) -> dict[str, str]:
    """By conclusion, what stood before the first of the open alerts about it: the last that anybody took note of."""
    found: dict[str, str] = {}
    for alert in sorted(alerts, key=lambda alert: alert.pk):
        found = dict(alert.before) | found
    return found


def resolved(alerts: Iterable[Standing], now: Mapping[str, str]) -> set[int]:
    """The alerts all of whose conclusions are now what they were before the first open alert about them."""
    standing = list(alerts)
    known = baseline(standing)
    return {alert.pk for alert in standing if all(now.get(name) == known[name] for name in alert.before)}


def news(flips: Mapping[str, str], alerts: Iterable[Standing]) -> set[str]:
    """Of the conclusions that turned (name → what it is now), those that did not just turn back."""
    known = baseline(alerts)
    return {name for name, now in flips.items() if known.get(name) != now}
