"""What a run leaves behind, in one short transaction that only the holder of the claim may make."""

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from analysis.alerts.services import alert_of_failure, alerts_of_movement, failures_over
from analysis.canonical import canonical_json, sha256
from analysis.engine.between import stretches
from analysis.engine.claiming import Claimed
from analysis.engine.models import Analysis, AnalysisInput, Movement, PartedRun, Result, Run, StoredFacts, StoredFrame
from analysis.frames.frame import Frame
from analysis.headline.claims import compare
from analysis.kinds.base import Kind, Output, ScoringKind
from analysis.scores.services import scores_write
from analysis.spending.judging import Judged

Facts = list[tuple[str, str, tuple[str, ...]]]


def store_unchanged(claimed: Claimed, versions: dict[str, int], facts: Facts) -> Run:
    with transaction.atomic():
        analysis = _hold(claimed)
        if analysis is None:
            return _finish_lost(claimed)
        _stamp(analysis, versions)
        _let_go(analysis)
        failures_over(analysis)
        return _finish(
            claimed, Run.State.UNCHANGED, versions=versions, facts=kept_facts(facts), result=analysis.current
        )


def store_result(
    claimed: Claimed,
    *,
    versions: dict[str, int],
    frame: Frame,
    facts: Facts,
    parameters: str,
    kind: Kind,
    output: Output,
    judged: Judged,
    provenance: dict[str, Any],
) -> Run:
    with transaction.atomic():
        analysis = _hold(claimed)
        if analysis is None:
            return _finish_lost(claimed)
        result = _result(analysis, frame, parameters, kind, output, judged, provenance)
        if isinstance(kind, ScoringKind):
            scores_write(result, kind, output)
        movement = _move(analysis, result, versions)
        analysis.current = result
        _stamp(analysis, versions)
        _let_go(analysis)
        failures_over(analysis)
        if movement:
            alerts_of_movement(movement)
        return _finish(claimed, Run.State.DONE, versions=versions, facts=kept_facts(facts), result=result)


def store_failure(claimed: Claimed, versions: dict[str, int], error: str) -> Run:
    """The last result stays on show, marked stale; the same data are not tried again by themselves."""
    with transaction.atomic():
        analysis = _hold(claimed)
        if analysis is None:
            return _finish_lost(claimed)
        for domain, version in versions.items():
            analysis.inputs.filter(stream__domain=domain).update(failed_version=version, parts_version=None)
        _let_go(analysis)
        run = _finish(claimed, Run.State.FAILED, versions=versions, error=error)
        alert_of_failure(run)
        return run


def store_lost(claimed: Claimed, error: str) -> Run:
    """Something went wrong that has nothing to do with the data: they are tried again."""
    with transaction.atomic():
        analysis = _hold(claimed)
        if analysis is not None:
            _let_go(analysis)
        return _finish_lost(claimed, error)


def store_parted(
    claimed: Claimed,
    *,
    versions: dict[str, int],
    frame: Frame,
    facts: Facts,
    parameters: str,
    kind_version: int,
) -> Run:
    """The run goes on in parts, which need nobody to hold the analysis; newer data make it wait for a claim again."""
    with transaction.atomic():
        analysis = _hold(claimed)
        if analysis is None:
            return _finish_lost(claimed)
        for domain, version in versions.items():
            analysis.inputs.filter(stream__domain=domain).update(parts_version=version)
        _let_go(analysis)
        run = Run.objects.get(pk=claimed.run_id)
        run.versions, run.facts = versions, kept_facts(facts)
        run.save()
        PartedRun.objects.create(run=run, frame=kept_frame(frame), parameters=parameters, kind_version=kind_version)
        return run


def _hold(claimed: Claimed) -> Analysis | None:
    held = Analysis.objects.select_for_update(of=("self",)).select_related("current")
    return held.filter(pk=claimed.analysis_id, claimed_by=claimed.token).first()


def _let_go(analysis: Analysis) -> None:
    analysis.claimed_by, analysis.lease_until = "", None
    analysis.save(update_fields=["current", "claimed_by", "lease_until"])


def _stamp(analysis: Analysis, versions: dict[str, int]) -> None:
    inputs = list(analysis.inputs.select_related("stream"))
    for row in inputs:
        row.computed_version, row.failed_version = versions.get(row.stream.domain), None
        row.parts_version = None
    AnalysisInput.objects.bulk_update(inputs, ["computed_version", "failed_version", "parts_version"])


def _finish_lost(claimed: Claimed, error: str = "") -> Run:
    """A run that was cancelled or overtaken meanwhile stays that."""
    run = Run.objects.get(pk=claimed.run_id)
    return _finish(claimed, Run.State.LOST, error=error) if run.state == Run.State.RUNNING else run


def _finish(claimed: Claimed, state: Run.State, **values: Any) -> Run:
    run = Run.objects.get(pk=claimed.run_id)
    run.state, run.finished_at = state, timezone.now()
    for name, value in values.items():
        setattr(run, name, value)
    run.save()
    return run


def _result(
    analysis: Analysis,
    frame: Frame,
    parameters: str,
    kind: Kind,
    output: Output,
    judged: Judged,
    provenance: dict[str, Any],
) -> Result:
    """The same frame, parameters and kind version met before: that very result, not a copy of it."""
    stored = kept_frame(frame)
    identity = {"frame": stored, "parameters": parameters, "kind": kind.code, "kind_version": kind.version}
    existing = analysis.results.filter(**identity).first()
    if existing:
        return existing
    look = (analysis.results.aggregate(Max("look"))["look__max"] or 0) + 1
    claims = [claim.as_json() for claim in judged.claims]
    return Result.objects.create(
        analysis=analysis,
        look=look,
        output=canonical_json(output),
        headline=canonical_json(claims),
        threshold=judged.threshold,
        spending=judged.spending,
        provenance=canonical_json(provenance),
        **identity,
    )


def kept_frame(frame: Frame) -> StoredFrame:
    content = frame.to_bytes()
    stored, _made = StoredFrame.objects.get_or_create(
        fingerprint=sha256(content), defaults={"packed": StoredFrame.pack(content), "rows": len(frame.rows)}
    )
    return stored


def kept_facts(facts: Facts) -> StoredFacts:
    content = canonical_json([[patient, column, list(refs)] for patient, column, refs in facts]).encode()
    stored, _made = StoredFacts.objects.get_or_create(
        fingerprint=sha256(content), defaults={"packed": StoredFacts.pack(content)}
    )
    return stored


def _move(analysis: Analysis, after: Result, versions: dict[str, int]) -> Movement | None:
    before = analysis.current
    if before is not None and before.pk == after.pk:
        return None
    moved = compare(before.claims if before else [], after.claims)
    return Movement.objects.create(
        analysis=analysis,
        before=before,
        after=after,
        claims=[claim.as_json() for claim in moved],
        causes=_causes(analysis, before, versions),
        is_flip=before is not None and any(claim.is_flip for claim in moved),
    )


def _causes(analysis: Analysis, before: Result | None, versions: dict[str, int]) -> list[dict[str, Any]]:
    """The stretch of each stream's versions that lies between the two results: its Change rows are the causes.

    Taken from the runs, not from the inputs: those are emptied when somebody asks for a new run or another question.
    """
    if before is None:
        return [{"domain": domain, "after": 0, "up_to": version} for domain, version in sorted(versions.items())]
    last = analysis.runs.filter(result=before).order_by("-id").first()
    return stretches(last.versions if last else {}, versions)
