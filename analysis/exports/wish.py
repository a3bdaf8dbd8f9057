"""What somebody asks an export to be; kept with the job, so that what was asked can be read and asked again."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from analysis.exports.profiles import Profile

LIVE = "live"
# The analysis-ready table, beside the codes of tables of the database.
READY = "analysis-ready"
FORMATS = ("csv", "xlsx", "parquet")


@dataclass(frozen=True)
class Wish:
    # codes of cohorts
    cohorts: tuple[str, ...]
    # of the one cohort, the code of a sub-cohort; "" for everybody
    part: str = ""
    # codes of tables of the database
    tables: tuple[str, ...] = ()
    # one row per eligible enrolment with endpoints and every variable
    is_ready: bool = False
    # table → columns that are not wanted
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    profile: Profile = Profile.ANONYMOUS
    shift_dates: bool = True
    smallest_cell: int = 5
    version: str = LIVE
    stale_accepted: bool = False
    formats: tuple[str, ...] = FORMATS
    purpose: str = ""
    recipient: str = ""

    @property
    def is_shifted(self) -> bool:
        return self.profile == Profile.LIMITED and self.shift_dates

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that becomes a file, the analysis-ready table first."""
        return ((READY,) if self.is_ready else ()) + self.tables

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def digest(self) -> str:
        """Of everything that is asked: a page that shows a wish says which one it showed."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Wish":
        lists = {name: tuple(stored[name]) for name in ("cohorts", "tables", "formats")}
        left_out = {table: tuple(columns) for table, columns in stored["left_out"].items()}
        return cls(**{**stored, **lists, "left_out": left_out, "profile": Profile(stored["profile"])})
