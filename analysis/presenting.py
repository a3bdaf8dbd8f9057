"""A stored result, prepared for a page or a file. Nothing is computed here."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from analysis import VERSION
from analysis.calculator.asked import may_be_asked
from analysis.charts.render import Stamp
from analysis.engine.models import Analysis, Movement, Result, Run
from analysis.headline.exploratory import mark_of
from analysis.kinds.base import Figure, Kind, TabledKind, TableKind
from analysis.kinds.registry import kind_of
from analysis.kinds.tables import ResultTable
from analysis.riskmodels.registering import has_score
from analysis.standing import Standing
from registry.log.models import Change

_MOST_CHANGES = 20


@dataclass(frozen=True)
class Shown:
    result: Result
    run: Run | None
    output: dict[str, Any]
    claims: list[dict[str, Any]]
    figures: list[Figure]
    tables: list[ResultTable]
    has_r_script: bool
    has_calculator: bool
    has_score: bool
    provenance: dict[str, Any]
    # Blank where nothing is exploratory.
    exploratory_mark: str
    # What a figure shows and whom it leaves out. A page adds the run and the data; a file has them burned in anyway.
    caption: str

    # Of the result: the definition of its analysis may ask for another kind since.
    kind_label: str
    kind_template: str

    @property
    def is_exploratory(self) -> bool:
        return bool(self.exploratory_mark)

    @property
    def caption_with_run(self) -> str:
        return of_run(self.caption, self.run, self.result)


def shown(analysis: Analysis, result: Result, run: Run | None = None) -> Shown:
    """`run`: the one to name; else the last that gave or confirmed the result."""
    output = result.output_values
    run = run or result.runs.order_by("-id").first()
    kind = kind_of(result.kind)
    figures, tables = _drawn(kind, result, output)
    return Shown(
        result=result,
        run=run,
        output=output,
        claims=result.claims,
        figures=figures,
        tables=tables,
        # A result of an earlier version may lack what its script reads; a new one is on its way.
        has_r_script=isinstance(kind, TableKind) and result.kind_version == kind.version,
        has_calculator=may_be_asked(result.kind, output),
        has_score=has_score(result.kind, output, result.parameter_values),
        provenance=result.provenance_values,
        exploratory_mark=mark_of(output),
        caption=caption(result, output),
        kind_label=str(kind.label),
        kind_template=kind.template,
    )


def _drawn(kind: Kind, result: Result, output: dict[str, Any]) -> tuple[list[Figure], list[ResultTable]]:
    try:
        return kind.figures(output), kind.tables(output) if isinstance(kind, TabledKind) else []
    except (LookupError, TypeError, ValueError):
        # What an earlier version of the method left behind may lack what this version draws: its numbers remain.
        if result.kind_version == kind.version:
            raise
        return [], []


def caption(result: Result, output: dict[str, Any]) -> str:
    parts = [_("Result %(look)s") % {"look": result.look}]
    # What is not about patients counts none.
    if output.get("n") is not None:
        parts.append(_("n = %(n)s") % {"n": output["n"]})
    if "events" in output:
        parts.append(_("events = %(events)s") % {"events": output["events"]})
    parts += [f"{_('left out')}: {reason} ({n})" for reason, n in output.get("dropped", {}).items()]
    parts += [note.rstrip(".") for note in output.get("notes", [])]
    return "; ".join(parts) + "."


def of_run(words: str, run: Run | None, result: Result) -> str:
    """A caption with the run and the data that its figure is of."""
    named = [_("run %(run)s") % {"run": run.pk}] if run else []
    data = _("data %(hash)s") % {"hash": result.frame_id[:12]}
    return "; ".join([words.rstrip("."), *named, data]) + "."


def stamp(analysis: Analysis, seen: Shown, standing: Standing, title: str) -> Stamp:
    marks = []
    if analysis.cohort.is_simulated:
        marks.append(_("Simulated data"))
    if seen.is_exploratory:
        marks.append(seen.exploratory_mark)
    return Stamp(
        run_id=str(standing.run.pk),
        data_hash=seen.result.frame_id,
        caption=seen.caption,
        marks=tuple(marks),
        freshness=str(standing),
        title=f"{analysis.cohort.name}, {analysis.full_title}: {title}",
        software=f"Hepatica {VERSION}",
        as_of=seen.result.created_at.isoformat(timespec="seconds"),
    )


@dataclass(frozen=True)
class Told:
    """A movement with the changes that caused it."""

    movement: Movement
    changes: list[Change]
    more: int
    # the last run of either result
    run_before: int | None
    run_after: int | None

    @property
    def asks_other(self) -> bool:
        """Not the facts moved but the question."""
        before = self.movement.before
        return before is not None and before.parameters != self.movement.after.parameters


def told(movements: list[Movement], cohort_id: int, visible: QuerySet[Change]) -> list[Told]:
    """`visible`: the entries of the log that may be shown."""
    return [_told(movement, cohort_id, visible) for movement in movements]


def _told(movement: Movement, cohort_id: int, visible: QuerySet[Change]) -> Told:
    found: list[Change] = []
    total = 0
    # The first result has the whole history behind it: that is no news.
    for cause in movement.causes if movement.before_id else []:
        changes = visible.filter(
            Q(cohort_id=cohort_id) | Q(cohort__isnull=True),
            domain=cause["domain"],
            version__gt=cause["after"],
            version__lte=cause["up_to"],
        )
        total += changes.count()
        found += list(changes.order_by("-version")[: _MOST_CHANGES - len(found)])
    runs = [_last_run(result) for result in (movement.before, movement.after)]
    return Told(movement, found, max(0, total - len(found)), *runs)


def _last_run(result: Result | None) -> int | None:
    return result.runs.order_by("-id").values_list("pk", flat=True).first() if result else None
