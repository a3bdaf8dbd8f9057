"""Which state of the data an export holds: the live one, or one that a source of named snapshots offers.

    add_versions(find)      # find(user, cohorts) → [Version, …], in the ready() of whoever keeps snapshots

A version says how the analysis-ready table of a cohort is read. Only the live data have the tables of the database
behind them, so with any other version only the analysis-ready table can be taken.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analysis.exports.profiles import Nature
from analysis.exports.wish import LIVE
from registry.models import Cohort
from registry.people.models import User


@dataclass(frozen=True)
class RawColumn:
    """A column before a profile has been applied to it."""

    name: str
    type: str
    label: str
    source: str
    unit: str = ""
    levels: Mapping[str, str] = field(default_factory=dict)
    nature: Nature = Nature.PLAIN
    provenance: str = ""
    # computed by an analysis whose facts have moved since
    is_stale: bool = False
    # tells age or sex, though it is neither
    tells_who: bool = False


@dataclass(frozen=True)
class ReadyTable:
    columns: list[RawColumn]
    # name → value, with "patient_id" and "enrolment_id" beside them
    rows: list[dict[str, Any]]
    notes: list[str] = field(default_factory=list)
    # [{"analysis", "run", "freshness", "columns", "exploratory"}]
    runs: list[dict[str, Any]] = field(default_factory=list)


LoadReady = Callable[[User, Cohort, str], ReadyTable]


@dataclass(frozen=True)
class Version:
    code: str
    label: str | Promise
    # reads the table of a cohort as the user may see it, through a connection
    load: LoadReady
    # what the manifest says of it
    description: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_tables(self) -> bool:
        return self.code == LIVE


FindVersions = Callable[[User, list[Cohort]], list[Version]]
_sources: list[FindVersions] = []


def add_versions(find: FindVersions) -> None:
    _sources.append(find)


def versions(user: User, cohorts: list[Cohort]) -> list[Version]:
    return [version for find in _sources for version in find(user, cohorts)]


def version_named(code: str, user: User, cohorts: list[Cohort]) -> Version | None:
    return next((version for version in versions(user, cohorts) if version.code == code), None)


LIVE_LABEL = _("Live: as the data are when the export is made")
