"""The dashboard of a cohort: every row of every current result that the reader may see, with freshness and q."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.access import visible_analyses
from analysis.canonical import canonical_json, sha256
from analysis.dashboard.rows import Output, Row, is_shown, rows_of
from analysis.engine.freshness import Freshness, freshness_of_all
from analysis.engine.models import Analysis
from analysis.stats.multiplicity import Discovery, Tested, false_discoveries
from registry.models import Cohort
from registry.people.models import User

RESPONSE = "response"


@dataclass(frozen=True)
class Line:
    key: str
    row: Row
    analysis: Analysis
    freshness: Freshness
    discovery: Discovery


@dataclass(frozen=True)
class Family:
    """The rows of one endpoint: their q allow for each other."""

    name: str
    lines: list[Line]

    @property
    def discovery(self) -> Discovery:
        return self.lines[0].discovery


@dataclass(frozen=True)
class Dashboard:
    families: list[Family]
    # what the page would show differently if it were another
    state: str

    def line(self, key: str) -> Line | None:
        lines = [line for family in self.families for line in family.lines]
        return next((line for line in lines if line.key == key), lines[0] if lines else None)


def dashboard_of(user: User, cohort: Cohort) -> Dashboard:
    analyses = [row for row in visible_analyses(user).filter(cohort=cohort) if is_shown(row.kind)]
    fresh = freshness_of_all(analyses)
    found = [(analysis, row) for analysis in analyses for row in _rows(analysis)]
    tested = [_tested(analysis, row, fresh[analysis.pk]) for analysis, row in found]
    lines = [
        Line(f"{analysis.slug}~{row.part}", row, analysis, fresh[analysis.pk], discovery)
        for (analysis, row), discovery in zip(found, false_discoveries(tested), strict=True)
    ]
    names = dict.fromkeys(line.row.family for line in lines)
    families = [Family(name, [line for line in lines if line.row.family == name]) for name in names]
    return Dashboard(families, _state(analyses, fresh))


def state_of(user: User, cohort: Cohort) -> str:
    """The same without reading a single result: this is what is asked every few seconds."""
    light = visible_analyses(user).filter(cohort=cohort).select_related(None)
    analyses = [row for row in light.only("kind", "current", "lease_until") if is_shown(row.kind)]
    return _state(analyses, freshness_of_all(analyses))


def _state(analyses: Sequence[Analysis], fresh: dict[int, Freshness]) -> str:
    states = [(row.pk, fresh[row.pk].state, fresh[row.pk].run_id) for row in analyses]
    return sha256(canonical_json(states).encode())[:16]


def output_of(analysis: Analysis) -> Output:
    return analysis.current.output_values if analysis.current else {}


def _rows(analysis: Analysis) -> list[Row]:
    if analysis.current is None:
        family = str(analysis.parameters.get("endpoint") or RESPONSE)
        return [Row(part="all", family=family, label=analysis.title, why_no_p="No result yet.")]
    return rows_of(analysis.kind, output_of(analysis))


def _tested(analysis: Analysis, row: Row, freshness: Freshness) -> Tested:
    current = analysis.current
    is_current = current is not None and current.parameters == canonical_json(analysis.parameters)
    return Tested(row.family, row.p, is_current=is_current, is_stale=freshness.state != "fresh")
