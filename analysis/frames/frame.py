"""The table an analysis is computed from, and its canonical bytes."""

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from analysis.canonical import canonical_json, sha256

FORMAT = 1
_PER_YEAR = {"days": 365.25, "months": 12.0, "years": 1.0}


@dataclass(frozen=True)
class Frame:
    """One row per patient, sorted by study number; everything that a computation may look at, and nothing else."""

    rows: list[dict[str, Any]]
    # [{"patient": …, "reason": …}]
    left_out: list[dict[str, str]] = field(default_factory=list)
    # variable name → {"label", "unit", perhaps "levels"}
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    # what is not per patient: cutoffs looked up, coefficients, the endpoint's definition
    constants: dict[str, Any] = field(default_factory=dict)
    # marks that must be shown wherever the numbers are: imported times, uncertain dates, values below the limit
    notes: list[str] = field(default_factory=list)
    # patient → variable → why that value is missing, where it is known
    absences: dict[str, dict[str, str]] = field(default_factory=dict)

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows]

    @property
    def time_unit(self) -> str:
        """Of follow-up: a cohort's is months, a table's is whatever its user says."""
        return str(self.constants.get("time_unit", "months"))

    @property
    def per_year(self) -> float | None:
        """Units of follow-up in a year; None where the unit is none that is known."""
        return _PER_YEAR.get(self.time_unit)

    @property
    def time_name(self) -> str:
        return "time" if "time_unit" in self.constants else "months"

    def times(self) -> list[float]:
        return self.column(self.time_name)

    def complete(self, *names: str) -> "Frame":
        """The frame without the rows that lack one of the columns, which are then left out with that reason."""
        kept, missing = [], []
        for row in self.rows:
            absent = next((name for name in names if row[name] is None), None)
            if absent is None:
                kept.append(row)
            else:
                label = self.columns.get(absent, {}).get("label", absent)
                why = self.absences.get(row["patient"], {}).get(absent, "")
                missing.append({"patient": row["patient"], "reason": no_value(label, why)})
        return replace(self, rows=kept, left_out=[*self.left_out, *missing])

    def dropped(self) -> dict[str, int]:
        return dict(sorted(Counter(item["reason"] for item in self.left_out).items()))

    def to_bytes(self) -> bytes:
        content = {
            "format": FORMAT,
            "rows": sorted(self.rows, key=lambda row: str(row["patient"])),
            "left_out": sorted(self.left_out, key=lambda item: (item["patient"], item["reason"])),
            "columns": self.columns,
            "constants": self.constants,
            "notes": sorted(set(self.notes)),
        }
        if self.absences:
            content["absences"] = self.absences
        return canonical_json(content).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Frame":
        stored = json.loads(content)
        names = ("rows", "left_out", "columns", "constants", "notes")
        return cls(**{name: stored[name] for name in names}, absences=stored.get("absences", {}))

    def fingerprint(self) -> str:
        return sha256(self.to_bytes())

    def canonical(self) -> "Frame":
        """What re-execution will see: the same numbers at 12 digits. Computations start from this."""
        return Frame.from_bytes(self.to_bytes())


def no_value(label: str, why: str) -> str:
    return f"no value of {label}: {why}" if why else f"no value of {label}"
