"""Where two canonical values differ: the path to each number, with what it was and what it is."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

_ABSENT = "(not there)"


@dataclass(frozen=True)
class Difference:
    path: str
    stored: Any
    now: Any

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def differences(stored: Any, now: Any, path: str = "") -> Iterator[Difference]:
    if isinstance(stored, dict) and isinstance(now, dict):
        for name in sorted({*stored, *now}):
            place = f"{path}.{name}" if path else name
            yield from differences(stored.get(name, _ABSENT), now.get(name, _ABSENT), place)
    elif isinstance(stored, list) and isinstance(now, list):
        for place in range(max(len(stored), len(now))):
            yield from differences(_at(stored, place), _at(now, place), f"{path}[{place}]")
    # 1 and 1.0 are equal to Python and other bytes.
    elif stored != now or type(stored) is not type(now):
        yield Difference(path, _short(stored), _short(now))


def _at(values: list[Any], place: int) -> Any:
    return values[place] if place < len(values) else _ABSENT


def _short(value: Any) -> Any:
    """A whole branch that came or went is named, not quoted."""
    if isinstance(value, dict):
        return f"({len(value)} values)"
    return f"({len(value)} items)" if isinstance(value, list) else value
