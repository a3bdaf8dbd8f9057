"""Making a snapshot and retiring one; neither changes a row that is there."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from analysis.engine import execution
from analysis.engine.environment import software
from analysis.engine.freshness import stale
from analysis.engine.models import Analysis, Result
from analysis.engine.storing import kept_facts, kept_frame
from analysis.frames.building import BuiltFrame
from analysis.snapshots.freezing import freeze
from analysis.snapshots.models import Snapshot, SnapshotResult, SnapshotRetirement
from registry.log.actors import Actor
from registry.log.facts import log_fact
from registry.log.models import Action, Stream
from registry.log.recording import recording
from registry.log.sealing import head, seal_pending
from registry.models import Cohort


@dataclass(frozen=True)
class _Moment:
    """The cohort as one read transaction saw it."""

    at: datetime
    versions: dict[str, int]
    table: BuiltFrame
    # analysis, its result, whether that is of the facts as they were
    answered: list[tuple[Analysis, int, bool]]


def snapshot_make(*, cohort: Cohort, name: str, purpose: str, by: Actor, accept_stale: bool = False) -> Snapshot:
    """1. everything is read at one moment; 2. stale answers are refused unless accepted; 3. all of it is written."""
    _check(cohort, name, purpose)
    seal_pending()
    log_head, moment = head(), _read(cohort)
    behind = [analysis.title for analysis, _result, is_fresh in moment.answered if not is_fresh]
    if behind and not accept_stale:
        raise ValidationError(
            {"accept_stale": _("Not up to date: %(titles)s. Wait, or accept them.") % {"titles": "; ".join(behind)}}
        )
    with recording(by, purpose) as log:
        snapshot = Snapshot(
            cohort=cohort,
            name=name.strip(),
            purpose=purpose.strip(),
            made_by=by.name,
            taken_at=moment.at,
            versions=moment.versions,
            log_head=log_head,
            table=kept_frame(moment.table.frame),
            facts=kept_facts(moment.table.facts),
            software=software(),
        )
        snapshot.full_clean()
        snapshot.save(force_insert=True)
        for analysis, result_id, is_fresh in moment.answered:
            _keep_answer(snapshot, analysis, result_id, is_fresh)
        log_fact(log, snapshot, Action.CREATE, new=snapshot.values() | {"data": snapshot.table_id})
    return snapshot


def snapshot_retire(*, snapshot: Snapshot, reason: str, by: Actor) -> SnapshotRetirement:
    """It stays readable, with the reason; its name stays taken."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it must not be used any more.")})
    with recording(by, reason) as log:
        retirement = SnapshotRetirement(snapshot=snapshot, reason=reason.strip(), retired_by=by.name)
        retirement.full_clean()
        retirement.save(force_insert=True)
        log_fact(log, retirement, Action.RETIRE, new={"reason": retirement.reason})
    return retirement


def _check(cohort: Cohort, name: str, purpose: str) -> None:
    """Before the data are read, which takes a while."""
    wanted = {"name": name, "purpose": purpose}
    if missing := [field for field, text in wanted.items() if not text.strip()]:
        raise ValidationError({field: _("This is cited: it may not be empty.") for field in missing})
    if Snapshot.objects.filter(cohort=cohort, name=name.strip()).exists():
        raise ValidationError({"name": _("There is a snapshot of this name: names are cited, so none is used twice.")})


def _read(cohort: Cohort) -> _Moment:
    using = execution.SNAPSHOT
    with transaction.atomic(using=using):
        at = timezone.now()
        streams = Stream.objects.using(using).order_by("domain")
        own = streams.filter(cohort_id=cohort.pk) | streams.filter(cohort__isnull=True)
        analyses = Analysis.objects.using(using).filter(cohort_id=cohort.pk, retired_reason="")
        behind = set(stale(analyses).values_list("pk", flat=True))
        return _Moment(
            at=at,
            versions={stream.domain: stream.version for stream in own},
            table=freeze(Cohort.objects.using(using).get(pk=cohort.pk), using),
            answered=[
                (analysis, analysis.current_id, analysis.pk not in behind)
                for analysis in analyses
                if analysis.current_id is not None
            ],
        )


def _keep_answer(snapshot: Snapshot, analysis: Analysis, result_id: int, is_fresh: bool) -> None:
    # By key: the analysis came through the connection that only reads.
    result = Result.objects.get(pk=result_id)
    run = result.runs.latest("id")
    SnapshotResult.objects.create(
        snapshot=snapshot, analysis_id=analysis.pk, result=result, run=run, was_fresh=is_fresh
    )
