"""Parameters of steps and settings of data: what each may be, with its default, and the sentence for anything else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.discovery.errors import DiscoveryError

REQUIRED = object()
NAMES = {str: "text", float: "a number", int: "a whole number", bool: "true or false", dict: "a table"}


@dataclass(frozen=True)
class Parameter:
    """A value of a type, with its default or ``REQUIRED``.

    ``listed``: any number of such values, or one. ``above`` and ``least`` are limits of numbers, ``most`` likewise.
    """

    of: type
    default: Any = REQUIRED
    options: tuple[str, ...] = ()
    listed: bool = False
    above: float | None = None
    least: float | None = None
    most: float | None = None

    def checked(self, value: Any, place: str) -> Any:
        if self.listed:
            values = value if isinstance(value, list) else [value]
            return [self._one(item, place) for item in values]
        return self._one(value, place)

    def _one(self, given: Any, place: str) -> Any:
        is_whole = isinstance(given, int) and not isinstance(given, bool)
        value: Any = float(given) if self.of is float and is_whole else given
        if not _is_exactly(value, self.of):
            raise DiscoveryError(f"{place} is {NAMES[self.of]}, not {value!r}.")
        if self.options and value not in self.options:
            raise DiscoveryError(f"{place} is one of {', '.join(self.options)}, not {value!r}.")
        if self.of is str and not value.strip():
            raise DiscoveryError(f"{place} is blank.")
        if self.of in (float, int):
            self._within(value, place)
        return value

    def _within(self, value: float, place: str) -> None:
        if self.above is not None and not value > self.above:
            raise DiscoveryError(f"{place} lies above {self.above:g}, not at {value:g}.")
        if self.least is not None and not value >= self.least:
            raise DiscoveryError(f"{place} is at least {self.least:g}, not {value:g}.")
        if self.most is not None and not value <= self.most:
            raise DiscoveryError(f"{place} is at most {self.most:g}, not {value:g}.")


def _is_exactly(value: Any, of: type) -> bool:
    """True and false are no whole numbers here."""
    return isinstance(value, of) and isinstance(value, bool) == (of is bool)


def checked(asked: Mapping[str, Any], known: Mapping[str, Parameter], place: str) -> dict[str, Any]:
    """All parameters by name, given or by default; an unknown one is refused with those there are."""
    unknown = [name for name in asked if name not in known]
    if unknown:
        raise DiscoveryError(f"{place} has no setting {unknown[0]}; it takes {', '.join(known)}.")
    lacking = [name for name, one in known.items() if one.default is REQUIRED and name not in asked]
    if lacking:
        raise DiscoveryError(f"{place} lacks {lacking[0]}.")
    return {
        name: one.checked(asked[name], f"{place}.{name}") if name in asked else one.default
        for name, one in known.items()
    }
