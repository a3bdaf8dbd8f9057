"""Defining analyses. Running them is analysis/engine/execution.py."""

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from analysis.canonical import plain
from analysis.engine.models import Analysis, AnalysisInput, Run
from analysis.frames.variables import VariableNameError
from analysis.kinds.base import Kind, ParameterError
from analysis.kinds.registry import KINDS, kind_of
from registry.log.actors import Actor
from registry.log.facts import log_fact
from registry.log.models import Action, Stream
from registry.log.recording import Recorder, StreamKey, recording, stream_of
from registry.models import Cohort

logger = logging.getLogger(__name__)


def analysis_define(
    *,
    cohort: Cohort,
    slug: str,
    title: str,
    kind: str,
    parameters: Mapping[str, Any],
    by: Actor,
    is_registered: bool = False,
    order: int = 100,
    reason: str = "",
) -> Analysis:
    """Creates the analysis or brings its definition up to date; does nothing when nothing differs."""
    checked = _checked(kind, parameters)
    wanted = {
        "title": title,
        "kind": kind,
        "parameters": plain(dict(parameters)),
        "is_registered": is_registered,
        "order": order,
    }
    with recording(by, reason) as log:
        analysis = Analysis.objects.select_for_update().filter(cohort=cohort, slug=slug).first()
        if analysis is None:
            analysis = _create(log, cohort, slug, wanted)
        elif any(getattr(analysis, name) != value for name, value in wanted.items()):
            _change(log, analysis, wanted)
        _bind_inputs(analysis, checked)
    return analysis


def _checked(kind: str, parameters: Mapping[str, Any]) -> Kind:
    try:
        found = kind_of(kind)
        found.check(parameters)
    except (ParameterError, VariableNameError) as error:
        raise ValidationError({"parameters": str(error)}) from error
    return found


def _create(log: Recorder, cohort: Cohort, slug: str, wanted: dict[str, Any]) -> Analysis:
    analysis = Analysis(cohort=cohort, slug=slug, **wanted)
    analysis.full_clean()
    analysis.save(force_insert=True)
    log_fact(log, analysis, Action.CREATE, new=analysis.values())
    return analysis


def _change(log: Recorder, analysis: Analysis, wanted: dict[str, Any]) -> None:
    old = analysis.values()
    for name, value in wanted.items():
        setattr(analysis, name, value)
    analysis.version += 1
    # Whoever computes the old question just now has lost the claim: its answer must not count as the new one's.
    analysis.claimed_by, analysis.lease_until = "", None
    analysis.full_clean()
    analysis.save()
    # Another question: the answer on record no longer belongs to it.
    analysis.inputs.update(computed_version=None, failed_version=None, parts_version=None)
    moved = {name: value for name, value in analysis.values().items() if old[name] != value}
    log_fact(log, analysis, Action.UPDATE, old={name: old[name] for name in moved}, new=moved)


def _bind_inputs(analysis: Analysis, kind: Kind) -> None:
    request = kind.request(analysis.parameters)
    keys: list[StreamKey] = [(analysis.cohort_id, domain) for domain in request.domains()]
    keys += [(None, domain) for domain in request.shared_domains()]
    # In the order in which every write takes the streams: two that make new ones must not wait for each other.
    streams = [stream_of(key) for key in sorted(keys, key=lambda key: (key[1], key[0] or 0))]
    analysis.inputs.exclude(stream__in=streams).delete()
    for stream in streams:
        AnalysisInput.objects.get_or_create(analysis=analysis, stream=stream)


def rebind_analyses() -> None:
    """After an upgrade: what the kinds read now, and a new run wherever a kind would answer otherwise than it did."""
    for analysis in Analysis.objects.filter(kind__in=KINDS).select_related("current"):
        kind = kind_of(analysis.kind)
        try:
            _bind_inputs(analysis, kind)
        except (ParameterError, VariableNameError):
            # Its next run says so on its page; an upgrade does not end on one question.
            logger.warning("Analysis %s asks for what is not known any more.", analysis.log_code())
            continue
        if analysis.current and analysis.current.kind_version != kind.version:
            analysis_retry(analysis)


def analysis_retry(analysis: Analysis) -> None:
    """Asks for a new run at once, also where the same data failed before or the run was cancelled."""
    analysis.inputs.update(computed_version=None, failed_version=None, parts_version=None)


def analysis_cancel(*, analysis: Analysis, by: Actor, reason: str = "") -> Run:
    """Stops the run that is under way. The same data are not computed again by themselves; `analysis_retry` does it."""
    with recording(by, reason) as log:
        held = Analysis.objects.select_for_update().get(pk=analysis.pk)
        run = held.runs.filter(state=Run.State.RUNNING).order_by("-id").first()
        if run is None:
            raise ValidationError(_("Nothing is being computed at the moment: the run has just ended."))
        version = Stream.objects.filter(pk=OuterRef("stream_id")).values("version")
        held.inputs.update(failed_version=Subquery(version), parts_version=None)
        Analysis.objects.filter(pk=held.pk).update(claimed_by="", lease_until=None)
        run.state, run.finished_at = Run.State.CANCELLED, timezone.now()
        run.error = _("Cancelled by %(who)s.") % {"who": by.name}
        run.save()
        log_fact(log, held, Action.UPDATE, new={"cancelled_run": run.pk})
    return run
