"""The scheduled reanalysis: every fingerprint is computed anew, so that even a change made by hand in SQL is found."""

from dataclasses import dataclass

from analysis.engine.claiming import claim
from analysis.engine.execution import execute
from analysis.engine.freshness import stale
from analysis.engine.heartbeat import beating
from analysis.engine.models import Analysis, Run
from registry.models import Cohort


@dataclass(frozen=True)
class Rechecked:
    analysis_id: int
    # None: somebody else was computing it at that moment
    run: Run | None
    # no stream had moved, and yet the data were other than before
    is_unexplained: bool


def reanalyse(cohort: Cohort, trigger: str) -> list[Rechecked]:
    analyses = Analysis.objects.filter(cohort=cohort).select_related("current")
    known_stale = set(stale(analyses).values_list("pk", flat=True))
    return [_recheck(analysis, trigger, was_stale=analysis.pk in known_stale) for analysis in analyses]


def _recheck(analysis: Analysis, trigger: str, *, was_stale: bool) -> Rechecked:
    claimed = claim(analysis.pk, trigger)
    if claimed is None:
        return Rechecked(analysis.pk, None, is_unexplained=False)
    with beating(claimed):
        run = execute(claimed)
    return Rechecked(analysis.pk, run, is_unexplained=not was_stale and _other_data(analysis, run))


def _other_data(analysis: Analysis, run: Run) -> bool:
    """A new version of the kind gives a new result of the same data: that is explained."""
    before, after = analysis.current, run.result
    return before is not None and after is not None and before.frame_id != after.frame_id
