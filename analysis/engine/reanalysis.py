"""The scheduled reanalysis: every fingerprint is computed anew, so that even a change made by hand in SQL is found."""

from dataclasses import dataclass
from functools import partial

from analysis.engine.claiming import claim, renew
from analysis.engine.execution import execute
from analysis.engine.heartbeat import beating
from analysis.engine.models import Analysis, Run
from analysis.engine.parts import run_parts
from registry.models import Cohort


@dataclass(frozen=True)
class Rechecked:
    analysis_id: int
    # None: somebody else was computing it all the time
    run: Run | None
    # no stream had moved, and yet the data were other than before
    is_unexplained: bool


def reanalyse(cohort: Cohort, trigger: str) -> list[Rechecked]:
    """What somebody else was computing is asked for once more when the others are done."""
    ids = Analysis.objects.asked().filter(cohort=cohort).values_list("pk", flat=True)
    first = [_recheck(analysis_id, trigger) for analysis_id in ids]
    return [_recheck(one.analysis_id, trigger) if one.run is None else one for one in first]


def _recheck(analysis_id: int, trigger: str) -> Rechecked:
    claimed = claim(analysis_id, trigger)
    if claimed is None:
        return Rechecked(analysis_id, None, is_unexplained=False)
    # Read under the claim: until then other workers may have stored results of changes that the log does explain.
    before = Analysis.objects.select_related("current").get(pk=analysis_id)
    computed_at = {row.stream.domain: row.computed_version for row in before.inputs.select_related("stream")}
    with beating(partial(renew, claimed)):
        run = execute(claimed)
    if run.state == Run.State.RUNNING:
        # In parts: without other workers for them the report would tell of a run that is still under way.
        run_parts(run)
        run.refresh_from_db()
    return Rechecked(analysis_id, run, is_unexplained=run.versions == computed_at and _other_data(before, run))


def _other_data(analysis: Analysis, run: Run) -> bool:
    """A new version of the kind gives a new result of the same data: that is explained."""
    before, after = analysis.current, run.result
    return before is not None and after is not None and before.frame_id != after.frame_id
