"""One row on its way into the registry: each fact is written, corrected or left, and each refusal names its column."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.cohort_import import cells
from labs.cohort_import.definitions import Definitions
from labs.cohort_import.errors import RowError
from labs.cohort_import.known import Known
from labs.cohort_import.mapping import Mapping
from labs.cohort_import.reader import Row
from labs.cohort_import.records import Record
from labs.cohort_import.rowcells import shown
from labs.cohort_import.tally import State, Tally
from registry.log.actors import Actor
from registry.log.facts import Versioned

V = TypeVar("V", bound=Versioned)


@dataclass(frozen=True)
class World:
    """What all rows share."""

    mapping: Mapping
    definitions: Definitions
    known: Known
    by: Actor
    reason: str

    @property
    def signed(self) -> dict[str, Any]:
        return {"by": self.by, "reason": self.reason}


@dataclass(frozen=True)
class Item(Generic[V]):
    """One fact to settle: what is known, what the file wants, how to write that, and with what to add it to others."""

    columns: dict[str, str]
    known: V | None
    wanted: dict[str, Any]
    write: Callable[[], V]
    arguments: Any


@dataclass
class RowWriter:
    world: World
    record: Record
    row: Row
    tally: Tally = field(default_factory=Tally)
    errors: list[RowError] = field(default_factory=list)

    def settle(
        self, kind: str, columns: dict[str, str], known: V | None, wanted: dict[str, Any], write: Callable[[], V]
    ) -> V | None:
        """The fact after `write`, or `known` when it says what is wanted already; None when it was refused."""
        moved = _differences(known, wanted) if known else {}
        if known and (not moved or _is_withdrawn(known)):
            self.tally.add(kind, State.SAME)
            return known
        with self.refusals(columns):
            written = write()
            self.count(kind, State.CHANGED if known else State.NEW, moved)
            return written
        return None

    def settle_all(
        self, kind: str, items: Sequence[Item[V]], add_all: Callable[[list[Any]], Sequence[V]]
    ) -> list[V | None]:
        """Settles each item, those that are new together by `add_all`: a statement for all of them."""
        new = [item for item in items if item.known is None]
        added: dict[int, V] = {}
        # What is refused together is written one by one after all, so that each error names its column.
        with suppress(ValidationError):
            added = {id(item): fact for item, fact in zip(new, add_all([item.arguments for item in new]), strict=True)}
            self.tally.add_new(kind, len(new))
        return [
            added.get(id(item)) or self.settle(kind, item.columns, item.known, item.wanted, item.write)
            for item in items
        ]

    def count(self, kind: str, state: State, moved: dict[str, tuple[Any, Any]]) -> None:
        what = ", ".join(f"{name} {_printed(old)} → {_printed(new)}" for name, (old, new) in moved.items())
        self.tally.add(kind, state, f"{self.record.study_number} {kind}: {what}" if what else "")

    @contextmanager
    def refusals(self, columns: dict[str, str]) -> Iterator[None]:
        """`columns` says which column a field came from; the first stands for whatever names no field."""
        try:
            yield
        except ValidationError as error:
            self.explain(error, columns)

    def explain(self, error: ValidationError, columns: dict[str, str]) -> None:
        named = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        fallback = next(iter(columns.values()), "")
        for name, messages in named.items():
            self.refuse(columns.get(name) or fallback, messages)

    def refuse(self, column: str, rules: Iterable[str]) -> None:
        value = cells.text_of(self.row.cells[column]) if column in self.row.cells else ""
        for rule in rules:
            self.errors.append(RowError(self.record.line, column, shown(self.world.mapping, column, value), str(rule)))


def _is_withdrawn(fact: Versioned) -> bool:
    """What people marked as an error does not come back because a file still has it."""
    return bool(getattr(fact, "retired_reason", "") or getattr(fact, "is_retracted", False))


def _differences(known: Versioned, wanted: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {name: (getattr(known, name), value) for name, value in wanted.items() if getattr(known, name) != value}


def _printed(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, float):
        return f"{value:.10g}"
    return "—" if value in (None, "") else str(value)
