"""Named snapshots as versions of an export: the analysis-ready table as it was frozen, with the answers of that moment.

Who has withdrawn since is not handed out any more, whatever the snapshot holds.
"""

from functools import partial

from django.utils.translation import gettext as _

from analysis.access import visible_analyses, visible_snapshots
from analysis.exports import columns as types
from analysis.exports.ready_making import Answer, ReadyMaking, by_source, column_name
from analysis.exports.versions import RawColumn, ReadyTable, Version
from analysis.frames.frame import Frame
from analysis.snapshots.models import Snapshot
from registry.models import Cohort
from registry.people.models import User

_MONTHS, _EVENT = ".months", ".event"
_RESPONDER = "responder"


def frozen(user: User, cohorts: list[Cohort]) -> list[Version]:
    """A snapshot is of one cohort, so that several cohorts have none in common."""
    if len(cohorts) != 1:
        return []
    snapshots = visible_snapshots(user).filter(cohort=cohorts[0], retirement=None).order_by("-id")
    return [
        Version(
            f"snapshot-{snapshot.pk}",
            _("Snapshot %(name)s, of %(at)s")
            % {"name": snapshot.name, "at": f"{snapshot.taken_at:%Y-%m-%d %H:%M} UTC"},
            partial(_load, snapshot),
            {"snapshot": snapshot.name, "taken_at": snapshot.taken_at.isoformat(), "data": snapshot.table_id},
        )
        for snapshot in snapshots
    ]


def _load(snapshot: Snapshot, user: User, cohort: Cohort, using: str) -> ReadyTable:
    frame = Frame.from_bytes(snapshot.table.content)
    made = ReadyMaking(cohort, frame.rows, using)
    made.add_cohort()
    derived = [name for name in frame.columns if name.endswith((_MONTHS, _EVENT)) or name == _RESPONDER]
    for name in derived:
        made.add_frozen(_derived_column(name, str(frame.columns[name]["label"])), name)
    for name in sorted(set(frame.columns) - set(derived), key=by_source):
        made.add_variable(name, frame.columns[name])
    visible = set(visible_analyses(user).filter(cohort=cohort).values_list("pk", flat=True))
    for kept in snapshot.results.select_related("analysis", "result", "run"):
        if kept.analysis_id in visible:
            state = "fresh" if kept.was_fresh else "stale"
            made.add_answer(Answer(kept.analysis, kept.result, kept.run_id, kept.run.finished_at, state))
    return ReadyTable(made.columns, made.rows, frame.notes, made.runs)


def _derived_column(name: str, label: str) -> RawColumn:
    source = f"snapshot, {name}"
    if name.endswith(_MONTHS):
        return RawColumn(column_name(name), types.NUMBER, f"{label}: months from the index event", source, "mo")
    return RawColumn(column_name(name), types.BOOLEAN, label, source)
