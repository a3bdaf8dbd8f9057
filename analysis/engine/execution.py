"""One run, from the claim to the stored result."""

import logging
from dataclasses import dataclass
from functools import partial

from django.db import OperationalError, transaction
from django.utils import timezone

from analysis.canonical import canonical_json, plain
from analysis.engine.claiming import Claimed, claim_next, renew
from analysis.engine.environment import provenance
from analysis.engine.heartbeat import beating
from analysis.engine.models import Analysis, AnalysisInput, Run
from analysis.engine.storing import store_failure, store_lost, store_result, store_unchanged
from analysis.frames.building import BuiltFrame, build_frame
from analysis.kinds.base import Kind, Output
from analysis.kinds.registry import kind_of
from analysis.spending.judging import judge
from analysis.stats.errors import StatsInputError
from registry.models import Cohort

logger = logging.getLogger(__name__)

# The connection whose transactions see one moment of the database and never write.
SNAPSHOT = "snapshot"


@dataclass(frozen=True)
class Loaded:
    built: BuiltFrame
    fingerprint: str
    # domain → version, as of the moment of reading
    versions: dict[str, int]


def run_stale(trigger: str) -> int:
    """Runs every stale analysis that nobody holds; returns how many runs were made."""
    count = 0
    while claimed := claim_next(trigger):
        with beating(partial(renew, claimed)):
            execute(claimed)
        count += 1
    return count


def execute(claimed: Claimed) -> Run:
    """1. load the frame in one read snapshot; 2. same data as the result on show: stamp it; 3. else compute and store.

    Nothing is computed inside a transaction. Whatever fails is kept as a failed run, with the last result on show.
    """
    analysis = Analysis.objects.select_related("cohort", "current").get(pk=claimed.analysis_id)
    # Read before the frame: what arrives while it fails to load has not been tried.
    versions = stream_versions(analysis, "default")
    try:
        kind = kind_of(analysis.kind)
        loaded = load(analysis, kind)
        versions = loaded.versions
        if _is_answered(analysis, kind, loaded):
            return store_unchanged(claimed, versions, loaded.built.facts)
        output = compute(kind, loaded.built, analysis)
        return store_result(
            claimed,
            versions=versions,
            frame=loaded.built.frame,
            facts=loaded.built.facts,
            parameters=canonical_json(analysis.parameters),
            kind=kind,
            output=output,
            # While the claim is held: nobody else adds a look.
            judged=judge(analysis, kind, output),
            provenance=provenance(loaded.built.frame),
        )
    except OperationalError:
        logger.exception("run %s of analysis %s met a busy or absent database", claimed.run_id, claimed.analysis_id)
        return store_lost(claimed, "The database was busy; the run is repeated.")
    except Exception as error:
        logger.exception("run %s of analysis %s failed", claimed.run_id, claimed.analysis_id)
        return store_failure(claimed, versions, _in_words(error))


def load(analysis: Analysis, kind: Kind) -> Loaded:
    with transaction.atomic(using=SNAPSHOT):
        versions = stream_versions(analysis, SNAPSHOT)
        # Read again: the definition of the cohort belongs to the same moment as its facts.
        cohort = Cohort.objects.using(SNAPSHOT).get(pk=analysis.cohort_id)
        built = build_frame(cohort, kind.request(analysis.parameters), using=SNAPSHOT)
    return Loaded(built, built.frame.fingerprint(), versions)


def compute(kind: Kind, built: BuiltFrame, analysis: Analysis) -> Output:
    return dict(plain(kind.compute(built.frame, analysis.parameters)))


def stream_versions(analysis: Analysis, using: str) -> dict[str, int]:
    inputs = AnalysisInput.objects.using(using).filter(analysis_id=analysis.pk).select_related("stream")
    return {row.stream.domain: row.stream.version for row in inputs}


def _is_answered(analysis: Analysis, kind: Kind, loaded: Loaded) -> bool:
    current = analysis.current
    return current is not None and (
        (current.frame_id, current.parameters, current.kind_version)
        == (loaded.fingerprint, canonical_json(analysis.parameters), kind.version)
    )


def _in_words(error: Exception) -> str:
    if isinstance(error, StatsInputError):
        return str(error)
    # The text of an unforeseen error may quote values of patients: the log of the worker has it, the page does not.
    return f"Unforeseen {type(error).__name__}; the worker's log has the details. Finished {timezone.now():%H:%M} UTC."
