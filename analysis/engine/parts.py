"""Heavy runs in parts: handed out as rows, claimed like runs by any worker on any machine, put together by the last."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db import OperationalError, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from analysis.canonical import canonical_json, plain
from analysis.engine import failures
from analysis.engine.claiming import MAX_LOST, Claimed, claim_run, lease_end, new_token, renew
from analysis.engine.doorbell import ring_for_parts
from analysis.engine.environment import provenance
from analysis.engine.freshness import in_parts
from analysis.engine.heartbeat import ClaimLost, beating, stoppable
from analysis.engine.models import Analysis, PartedRun, Run, RunPart
from analysis.engine.storing import Facts, store_failure, store_parted, store_result
from analysis.frames.frame import Frame
from analysis.kinds.base import Kind, Part, PartedKind
from analysis.kinds.registry import kind_of
from analysis.spending.judging import judge

logger = logging.getLogger(__name__)

# Of runs that have ended: until then a run of the same data and question takes over what is done.
_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Progress:
    done: int
    total: int
    # What is being computed just now, where parts have names.
    steps: tuple[str, ...] = ()


def hand_out(
    claimed: Claimed, *, versions: dict[str, int], frame: Frame, facts: Facts, kind: Kind, parts: Sequence[Part]
) -> Run:
    """Leaves the run under way, in parts, and the claim to whoever ends it."""
    analysis = Analysis.objects.get(pk=claimed.analysis_id)
    parameters = canonical_json(analysis.parameters)
    with transaction.atomic():
        run = store_parted(
            claimed, versions=versions, frame=frame, facts=facts, parameters=parameters, kind_version=kind.version
        )
        if run.state == Run.State.RUNNING:
            _make_parts(PartedRun.objects.get(run=run), parts)
    return run


def run_parts(of: Run | None = None) -> int:
    """Computes parts, and ends runs whose parts are done, until there is nothing left; returns how many of both.

    `of`: only of this run.
    """
    wanted = {} if of is None else {"run": of}
    count = 0
    while _end_next(_of_the_present().filter(**wanted)) or _compute_next(_of_the_present().filter(**wanted)):
        count += 1
    return count


def progress_of(run: Run) -> Progress | None:
    parts = RunPart.objects.filter(parted=run.pk)
    found = parts.aggregate(total=Count("pk"), done=Count("pk", filter=Q(state=RunPart.State.DONE)))
    under_way = parts.filter(state=RunPart.State.RUNNING).order_by("index").values_list("told", flat=True)
    steps = tuple(told["step"] for told in under_way if "step" in told)
    return Progress(found["done"], found["total"], steps) if found["total"] else None


def parts_purge() -> None:
    old = Run.objects.exclude(state=Run.State.RUNNING).filter(finished_at__lt=timezone.now() - _KEPT)
    RunPart.objects.filter(parted__run__in=old).delete()
    PartedRun.objects.filter(run__in=old).delete()


def _make_parts(parted: PartedRun, parts: Sequence[Part]) -> None:
    """What an earlier run in parts has done for the same frame, parameters and version of the kind is taken over."""
    earlier = RunPart.objects.filter(
        state=RunPart.State.DONE,
        parted__run__analysis=parted.run.analysis_id,
        parted__frame=parted.frame_id,
        parted__parameters=parted.parameters,
        parted__kind_version=parted.kind_version,
    )
    done = {canonical_json(part.told): part for part in earlier}
    rows = []
    for index, told in enumerate(parts):
        row = RunPart(parted=parted, index=index, seed=told["seed"], told=told)
        if before := done.get(canonical_json(told)):
            row.state, row.output, row.finished_at = RunPart.State.DONE, before.output, before.finished_at
        rows.append(row)
    RunPart.objects.bulk_create(rows, batch_size=500)


def _of_the_present() -> QuerySet[PartedRun]:
    """Newer data or another question end a run in parts: the analysis waits then, and is claimed anew."""
    return PartedRun.objects.filter(
        run__state=Run.State.RUNNING, run__analysis__in=in_parts(Analysis.objects.all()).values("pk")
    )


def _open() -> QuerySet[RunPart]:
    return RunPart.objects.exclude(state=RunPart.State.DONE)


def _free(wanted: QuerySet[PartedRun]) -> QuerySet[RunPart]:
    unheld = Q(lease_until__isnull=True) | Q(lease_until__lt=timezone.now())
    return _open().filter(unheld, parted__in=wanted)


def _next_free(wanted: QuerySet[PartedRun]) -> RunPart | None:
    """The first part that nobody holds and that rests on no other, or on parts that are done."""
    for part in _free(wanted).order_by("parted_id", "index"):
        after = part.told.get("after", ())
        if not after or not _open().filter(parted=part.parted_id, index__in=after).exists():
            return part
    return None


def _compute_next(wanted: QuerySet[PartedRun]) -> bool:
    while part := _next_free(wanted):
        if part.attempts >= MAX_LOST:
            if not _give_up(part.parted, failures.LOST % {"times": MAX_LOST}):
                return False
            continue
        token = new_token()
        won = (
            _free(wanted)
            .filter(pk=part.pk)
            .update(state=RunPart.State.RUNNING, claimed_by=token, lease_until=lease_end(), attempts=F("attempts") + 1)
        )
        if won == 1:
            if _next_free(wanted):
                # One bell woke one worker, and a part that is done may have set others free.
                ring_for_parts()
            with beating(partial(_renew, part.pk, token)):
                _compute(part, token)
            return True
    return False


def _held(pk: int, token: str) -> QuerySet[RunPart]:
    return _open().filter(pk=pk, claimed_by=token)


def _renew(pk: int, token: str) -> bool:
    # A part of a run that was cancelled or overtaken is not worth its computation any more.
    return _held(pk, token).filter(parted__in=_of_the_present()).update(lease_until=lease_end()) == 1


def _compute(part: RunPart, token: str) -> None:
    parted = PartedRun.objects.select_related("run__analysis", "frame").get(pk=part.parted_id)
    try:
        kind = _parted_kind(parted)
        frame, parameters = Frame.from_bytes(parted.frame.content), json.loads(parted.parameters)
        with stoppable():
            output = canonical_json(plain(kind.compute_part(frame, parameters, part.told)))
        _held(part.pk, token).update(
            state=RunPart.State.DONE, output=output, claimed_by="", lease_until=None, finished_at=timezone.now()
        )
    except ClaimLost:
        logger.info("part %s of run %s was stopped: it is not wanted any more", part.index, parted.pk)
    except OperationalError:
        # Its lease runs out, then it is taken again.
        logger.exception("part %s of run %s met a busy or absent database", part.index, parted.pk)
    except Exception as error:
        logger.exception("part %s of run %s failed", part.index, parted.pk)
        _give_up(parted, failures.in_words(error, parted.frame.rows))


def _parted_kind(parted: PartedRun) -> PartedKind:
    kind = kind_of(parted.run.analysis.kind)
    if not isinstance(kind, PartedKind) or kind.version != parted.kind_version:
        # Handed out before an upgrade, which asks for a new run itself: see rebind_analyses.
        parted.run.analysis.inputs.update(parts_version=None)
        raise ClaimLost
    return kind


def _give_up(parted: PartedRun, error: str) -> bool:
    claimed = claim_run(parted.run)
    if claimed:
        store_failure(claimed, parted.run.versions, error)
    return claimed is not None


def _end_next(wanted: QuerySet[PartedRun]) -> bool:
    complete = ~Exists(_open().filter(parted=OuterRef("pk")))
    for parted in wanted.filter(complete).select_related("run__analysis", "frame").order_by("pk"):
        if claimed := claim_run(parted.run):
            with beating(partial(renew, claimed)):
                _end(claimed, parted)
            return True
    return False


def _end(claimed: Claimed, parted: PartedRun) -> None:
    try:
        kind = _parted_kind(parted)
        frame, parameters = Frame.from_bytes(parted.frame.content), json.loads(parted.parameters)
        outputs = [json.loads(output) for output in parted.parts.order_by("index").values_list("output", flat=True)]
        with stoppable():
            output = dict(plain(kind.reduce(frame, parameters, outputs)))
        store_result(
            claimed,
            versions=parted.run.versions,
            frame=frame,
            facts=_facts_of(parted.run),
            parameters=parted.parameters,
            kind=kind,
            output=output,
            judged=judge(parted.run.analysis, kind, output),
            provenance=provenance(frame),
        )
    except ClaimLost:
        logger.info("run %s was stopped: it is not wanted any more", parted.pk)
    except OperationalError:
        logger.exception("run %s met a busy or absent database", parted.pk)
    except Exception as error:
        logger.exception("run %s failed at its end", parted.pk)
        store_failure(claimed, parted.run.versions, failures.in_words(error, parted.frame.rows))


def _facts_of(run: Run) -> Facts:
    content = json.loads(run.facts.content) if run.facts else []
    return [(patient, column, tuple(refs)) for patient, column, refs in content]
