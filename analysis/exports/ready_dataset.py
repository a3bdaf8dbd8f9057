"""The analysis-ready table of all chosen cohorts, under a profile."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from analysis.exports import columns as types
from analysis.exports.columns import OutColumn, Subject, Vanished
from analysis.exports.datasets import Scope, treated
from analysis.exports.profiles import Nature, Profile, treatment
from analysis.exports.versions import RawColumn, ReadyTable, Version
from analysis.exports.wish import READY

# Without these nobody knows what a row is.
_ALWAYS = ("patient", "cohort", "simulated")


class ReadyDataset:
    name = READY

    def __init__(self, scope: Scope, version: Version) -> None:
        self._scope, self._version = scope, version
        self.title = str(_("Analysis-ready table"))

    @cached_property
    def _loaded(self) -> list[ReadyTable]:
        scope = self._scope
        return [self._version.load(scope.user, cohort, scope.using) for cohort in scope.cohorts]

    @cached_property
    def _columns(self) -> dict[str, RawColumn]:
        """Of all cohorts, in the order of the first that has it; numbers where one cohort has whole ones only."""
        found: dict[str, RawColumn] = {}
        for table in self._loaded:
            for column in table.columns:
                known = found.get(column.name)
                found[column.name] = column if known is None else _both(known, column)
        unwanted = self._scope.wish.left_out.get(READY, ())
        return {name: column for name, column in found.items() if name not in unwanted}

    @cached_property
    def _treated(self) -> tuple[dict[str, OutColumn], list[Vanished]]:
        kept: dict[str, OutColumn] = {}
        gone: list[Vanished] = []
        wish = self._scope.wish
        for name, column in self._columns.items():
            told = treatment(column.nature, wish.profile, is_shifted=wish.is_shifted, of_patient=True)
            if wish.profile == Profile.ANONYMOUS and column.tells_who:
                gone.append(Vanished(name, column.label, _("tells age or sex, which may be blank here")))
            elif wish.profile == Profile.ANONYMOUS and column.nature == Nature.DAY:
                gone.append(Vanished(name, column.label, _("a date; all intervals begin on it")))
            elif told.how is None:
                gone.append(Vanished(name, column.label, str(told.words)))
            else:
                plain = OutColumn(
                    name,
                    column.type,
                    column.label,
                    column.source,
                    column.unit,
                    column.levels,
                    provenance=column.provenance,
                )
                kept[name] = treated(plain, told, column.nature, self._scope.population)
        return kept, gone

    @property
    def columns(self) -> list[OutColumn]:
        return list(self._treated[0].values())

    @property
    def vanished(self) -> list[Vanished]:
        return self._treated[1]

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(name, column.label) for name, column in self._columns.items() if name not in _ALWAYS]

    @property
    def stale(self) -> list[RawColumn]:
        return [column for name, column in self._columns.items() if column.is_stale and name in self._treated[0]]

    @property
    def runs(self) -> list[dict[str, Any]]:
        """Those behind the columns that are in the file."""
        named = set(self._treated[0])
        kept = [run | {"columns": sorted(named & set(run["columns"]))} for table in self._loaded for run in table.runs]
        return [run for run in kept if run["columns"]]

    @property
    def notes(self) -> list[str]:
        """Marks may quote what somebody wrote, so they go with the identified profile only."""
        if not self._scope.is_open:
            return []
        return sorted({note for table in self._loaded for note in table.notes})

    def count(self) -> int:
        return len(self._kept())

    def rows(self) -> Iterator[tuple[Any, ...]]:
        kept = self._kept()
        if self._scope.wish.profile == Profile.ANONYMOUS:
            secrets.SystemRandom().shuffle(kept)
        columns = list(self._treated[0].items())
        for row in kept:
            whose = Subject(row["patient_id"], row["enrolment_id"])
            yield tuple(
                column.change(row.get(name), whose) if column.change else row.get(name) for name, column in columns
            )

    def why_empty(self) -> str:
        codes = ", ".join(self._scope.wish.cohorts)
        if not any(table.rows for table in self._loaded):
            return _("nobody in the chosen cohorts (%(codes)s) is eligible") % {"codes": codes}
        if not self._scope.population.index:
            return _("nobody belongs to the sub-cohort")
        return _("everybody in it is in a group of fewer than %(k)s patients") % {"k": self._scope.wish.smallest_cell}

    def _kept(self) -> list[dict[str, Any]]:
        left_out, seen = self._scope.population.left_out, self._scope.population.index
        rows = [row for table in self._loaded for row in table.rows]
        if self._scope.is_open and not self._scope.population.is_part:
            return rows
        return [row for row in rows if row["patient_id"] not in left_out and row["enrolment_id"] in seen]


def _both(known: RawColumn, other: RawColumn) -> RawColumn:
    if known.type == other.type:
        return replace(known, levels={**known.levels, **other.levels}, is_stale=known.is_stale or other.is_stale)
    numbers = {types.INTEGER, types.NUMBER}
    kind = types.NUMBER if {known.type, other.type} <= numbers else types.TEXT
    return replace(known, type=kind, levels={**known.levels, **other.levels})
