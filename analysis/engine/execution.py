"""One run, from the claim to the stored result."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db import OperationalError, transaction

from analysis.canonical import canonical_json, plain
from analysis.engine import failures
from analysis.engine.claiming import Claimed, claim_next, renew
from analysis.engine.doorbell import ring_for_company, ring_for_parts
from analysis.engine.environment import provenance
from analysis.engine.heartbeat import ClaimLost, beating, stoppable
from analysis.engine.models import Analysis, AnalysisInput, Run
from analysis.engine.parts import hand_out
from analysis.engine.storing import store_failure, store_lost, store_result, store_unchanged
from analysis.frames.building import BuiltFrame, build_frame
from analysis.kinds.base import Kind, Output, Part, PartedKind
from analysis.kinds.registry import kind_of
from analysis.spending.judging import judge
from analysis.subcohorts.models import SubCohort
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


def run_stale(trigger: str, quiet: timedelta = timedelta()) -> int:
    """Runs every stale analysis that nobody holds and whose facts have rested that long; returns how many."""
    count = 0
    while claimed := claim_next(trigger, quiet):
        if claimed.others_wait:
            ring_for_company()
        with beating(partial(renew, claimed)):
            execute(claimed)
        count += 1
    return count


def execute(claimed: Claimed) -> Run:
    """1. load the frame in one read snapshot; 2. same data as the result on show: stamp it; 3. else compute and store.
    What is heavy is handed out in parts instead: the run is then still under way.

    Nothing is computed inside a transaction. Whatever fails is kept as a failed run, with the last result on show.
    """
    analysis = Analysis.objects.select_related("cohort", "current").get(pk=claimed.analysis_id)
    # Read before the frame: what arrives while it fails to load has not been tried.
    versions, rows = stream_versions(analysis, "default"), 0
    try:
        kind = kind_of(analysis.kind)
        loaded = load(analysis, kind)
        versions, frame = loaded.versions, loaded.built.frame
        rows = len(frame.rows)
        if _is_answered(analysis, kind, loaded):
            return store_unchanged(claimed, versions, loaded.built.facts)
        if isinstance(kind, PartedKind) and len(parts := kind.parts(frame, analysis.parameters)) >= kind.fewest_parts:
            return _handed_out(claimed, loaded, kind, parts)
        with stoppable():
            output = compute(kind, loaded.built, analysis)
        return store_result(
            claimed,
            versions=versions,
            frame=frame,
            facts=loaded.built.facts,
            parameters=canonical_json(analysis.parameters),
            kind=kind,
            output=output,
            # While the claim is held: nobody else adds a look.
            judged=judge(analysis, kind, output),
            provenance=provenance(frame),
        )
    except ClaimLost:
        return store_lost(claimed, "")
    except OperationalError:
        logger.exception("run %s of analysis %s met a busy or absent database", claimed.run_id, claimed.analysis_id)
        return store_lost(claimed, failures.BUSY)
    except Exception as error:
        logger.exception("run %s of analysis %s failed", claimed.run_id, claimed.analysis_id)
        return store_failure(claimed, versions, failures.in_words(error, rows))


def _handed_out(claimed: Claimed, loaded: Loaded, kind: Kind, parts: list[Part]) -> Run:
    run = hand_out(
        claimed,
        versions=loaded.versions,
        frame=loaded.built.frame,
        facts=loaded.built.facts,
        kind=kind,
        parts=parts,
    )
    ring_for_parts()
    return run


def load(analysis: Analysis, kind: Kind) -> Loaded:
    with transaction.atomic(using=SNAPSHOT):
        versions = stream_versions(analysis, SNAPSHOT)
        # Read again: the definition of the cohort belongs to the same moment as its facts.
        cohort = Cohort.objects.using(SNAPSHOT).get(pk=analysis.cohort_id)
        part = SubCohort.objects.using(SNAPSHOT).get(pk=analysis.subcohort_id) if analysis.subcohort_id else None
        built = build_frame(cohort, kind.request(analysis.parameters), using=SNAPSHOT, part=part)
    return Loaded(built, built.frame.fingerprint(), versions)


def compute(kind: Kind, built: BuiltFrame, analysis: Analysis) -> Output:
    return dict(plain(kind.compute(built.frame, analysis.parameters)))


def stream_versions(analysis: Analysis, using: str) -> dict[str, int]:
    inputs = AnalysisInput.objects.using(using).filter(analysis_id=analysis.pk).select_related("stream")
    return {row.stream.domain: row.stream.version for row in inputs}


def _is_answered(analysis: Analysis, kind: Kind, loaded: Loaded) -> bool:
    current = analysis.current
    return current is not None and (
        (current.frame_id, current.parameters, current.kind, current.kind_version)
        == (loaded.fingerprint, canonical_json(analysis.parameters), kind.code, kind.version)
    )
