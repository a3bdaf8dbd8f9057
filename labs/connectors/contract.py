"""What a connector is: ours, and those that other packages add by the entry point `hepatica.connectors`."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, runtime_checkable

Numbers = Collection[tuple[str, str]]


class Undeliverable(Exception):
    """It makes no sense to try again: the other system has refused this for good, in the words of the message."""


@dataclass(frozen=True)
class Ask:
    """What a pull should bring: what changed since then (by our clock, with a margin), all of it where `since` is None,
    and whatever there is of the specimens that are new here.

    `known` says which of the codes are specimens here; `knows_patient` whether one of the (number, authority) is a
    patient's. What belongs to nobody here stays where it is: a laboratory has many patients who are not in a registry.
    """

    since: datetime | None
    new_specimens: tuple[str, ...]
    known: Callable[[Collection[str]], set[str]]
    knows_patient: Callable[[Numbers], bool]


@dataclass(frozen=True)
class Pulled:
    """A document for the inbox, which reads it as a file of one of the formats."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Score:
    """A derived value of a draw. `version` changes with whatever it was computed from."""

    specimen: str
    collected: date | None
    name: str
    text: str
    version: str

    def as_payload(self) -> dict[str, Any]:
        return {
            "specimen": self.specimen,
            "collected": self.collected.isoformat() if self.collected else "",
            "score": self.name,
            "text": self.text,
        }


@runtime_checkable
class Connector(Protocol):
    """`scores` are the derived values that the other system wants, with its own code for each. `address` is its host.

    `pull` raises OSError where the other side does not answer or refuses. `deliver` is called again after an OSError
    or ValueError, perhaps after it had succeeded: it looks for `key`, or for what it would make, before it makes it.
    """

    @property
    def name(self) -> str: ...

    @property
    def address(self) -> str: ...

    @property
    def scores(self) -> Mapping[str, str]: ...

    def pull(self, ask: Ask) -> Iterator[Pulled]: ...

    def deliver(self, *, payload: dict[str, Any], key: str) -> None: ...
