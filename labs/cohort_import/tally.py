"""What an import did or would do, counted by kind of fact."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from labs.cohort_import.errors import RowError


class State(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass
class Tally:
    facts: dict[str, Counter[State]] = field(default_factory=lambda: defaultdict(Counter))
    # one sentence per changed fact: "HCC-012 baseline: age 57 → 58"
    changes: list[str] = field(default_factory=list)

    def add(self, kind: str, state: State, change: str = "") -> None:
        self.facts[kind][state] += 1
        if change:
            self.changes.append(change)

    def add_new(self, kind: str, count: int) -> None:
        if count:
            self.facts[kind][State.NEW] += count

    def merge(self, other: "Tally") -> None:
        for kind, counts in other.facts.items():
            self.facts[kind].update(counts)
        self.changes.extend(other.changes)

    def as_dict(self) -> dict[str, dict[str, int]]:
        return {kind: {state.value: counts[state] for state in State} for kind, counts in sorted(self.facts.items())}


@dataclass(frozen=True)
class Outcome:
    cohort: str
    rows: int
    tally: Tally
    errors: list[RowError]
    is_dry_run: bool
    is_stored: bool
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        facts = self.tally.as_dict()
        return {
            "cohort": self.cohort,
            "rows": self.rows,
            "patients": facts.pop("patients", dict.fromkeys((state.value for state in State), 0)),
            "facts": facts,
            "changes": self.tally.changes,
            "errors": [error.as_dict() for error in self.errors],
            "dry_run": self.is_dry_run,
            "seconds": round(self.seconds, 2),
        }
