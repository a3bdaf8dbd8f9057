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
from analysis.kinds.base import ParameterError
from analysis.kinds.registry import KINDS, kind_of
from analysis.plans.services import has_registered, plan_void
from analysis.slugs import free_slug
from analysis.subcohorts.models import SubCohort
from registry.log.actors import Actor
from registry.log.facts import StaleWrite, changes_since, log_fact
from registry.log.models import Action, Stream
from registry.log.recording import Recorder, StreamKey, recording, stream_of
from registry.models import Cohort

logger = logging.getLogger(__name__)


def _one_line(title: str) -> str:
    """A title stands in references and subjects of mails, where another line is another field."""
    return " ".join(title.split())


def analysis_define(
    *,
    cohort: Cohort,
    slug: str,
    title: str,
    kind: str,
    parameters: Mapping[str, Any],
    by: Actor,
    subcohort: SubCohort | None = None,
    is_registered: bool = False,
    order: int = 100,
    reason: str = "",
) -> Analysis:
    """Creates the analysis or brings its definition up to date; does nothing when nothing differs."""
    check_definition(kind, parameters)
    wanted = {
        "title": _one_line(title),
        "kind": kind,
        "parameters": plain(dict(parameters)),
        "subcohort": subcohort,
        "is_registered": is_registered,
        "order": order,
    }
    with recording(by, reason) as log:
        _hold(cohort, subcohort)
        analysis = Analysis.objects.select_for_update(of=("self",)).filter(cohort=cohort, slug=slug).first()
        if analysis is None:
            analysis = _create(log, cohort, slug, wanted)
        else:
            wanted["is_registered"] = is_registered or (not _asks_other(analysis, wanted) and has_registered(analysis))
            if any(getattr(analysis, name) != value for name, value in wanted.items()):
                _change(log, analysis, wanted)
        inputs_bind(analysis)
    return analysis


def analysis_create(
    *,
    cohort: Cohort,
    title: str,
    kind: str,
    parameters: Mapping[str, Any],
    by: Actor,
    subcohort: SubCohort | None = None,
    waits_for_plan: bool = False,
    reason: str = "",
) -> Analysis:
    """A new question under a free short name made from its title; exploratory until its plan is registered."""
    check_definition(kind, parameters)
    with recording(by, reason) as log:
        _hold(cohort, subcohort)
        # Two that define at once must not take the same name.
        Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
        wanted = {
            "title": _one_line(title),
            "kind": kind,
            "parameters": plain(dict(parameters)),
            "subcohort": subcohort,
            "waits_for_plan": waits_for_plan,
        }
        analysis = _create(log, cohort, free_slug(cohort, title), wanted)
        inputs_bind(analysis)
    return analysis


def analysis_redefine(
    *,
    analysis: Analysis,
    expected_version: int,
    title: str,
    parameters: Mapping[str, Any],
    subcohort: SubCohort | None,
    by: Actor,
    reason: str,
) -> Analysis:
    """Another title, or another question: then the version goes up and a plan signed for the old one is void."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the definition is changed.")})
    check_definition(analysis.kind, parameters)
    with recording(by, reason.strip()) as log:
        _hold(analysis.cohort, subcohort)
        held = locked_analysis(analysis, expected_version)
        if held.retired_reason:
            raise ValidationError(_("A retired analysis is not changed: restore it first."))
        wanted: dict[str, Any] = {
            "title": _one_line(title),
            "kind": held.kind,
            "parameters": plain(dict(parameters)),
            "subcohort": subcohort,
        }
        if _asks_other(held, wanted):
            wanted["is_registered"] = False
        if any(getattr(held, name) != value for name, value in wanted.items()):
            _change(log, held, wanted)
            inputs_bind(held)
    return held


def analysis_retire(*, analysis: Analysis, expected_version: int, by: Actor, reason: str) -> Analysis:
    """Nobody asks it any more: it is not computed, stands on no list and in no report, and keeps its results."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why nobody asks this any more.")})
    return _set_retired(analysis, expected_version, reason.strip(), by, reason.strip())


def analysis_restore(*, analysis: Analysis, expected_version: int, by: Actor, reason: str) -> Analysis:
    """Back on the lists; facts that have changed in between make it stale as ever."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it is asked again.")})
    return _set_retired(analysis, expected_version, "", by, reason.strip())


def _set_retired(analysis: Analysis, expected_version: int, retired: str, by: Actor, reason: str) -> Analysis:
    with recording(by, reason) as log:
        held = locked_analysis(analysis, expected_version)
        if bool(held.retired_reason) == bool(retired):
            return held
        if not retired:
            _hold(held.cohort, held.subcohort)
        old = {"retired_reason": held.retired_reason}
        held.version, held.retired_reason = held.version + 1, retired
        # Whoever computes it just now has lost the claim.
        held.claimed_by, held.lease_until = "", None
        held.save(update_fields=["version", "retired_reason", "claimed_by", "lease_until"])
        new = {"retired_reason": retired, "version": held.version}
        log_fact(log, held, Action.RETIRE if retired else Action.UPDATE, old=old, new=new)
    return held


def locked_analysis(analysis: Analysis, expected_version: int) -> Analysis:
    held = Analysis.objects.select_for_update(of=("self",)).select_related("cohort").get(pk=analysis.pk)
    if held.version != expected_version:
        raise StaleWrite(changes_since(held, expected_version))
    return held


def _asks_other(analysis: Analysis, wanted: Mapping[str, Any]) -> bool:
    asked = {"kind": analysis.kind, "parameters": analysis.parameters, "subcohort": analysis.subcohort}
    return any(asked[name] != wanted[name] for name in asked if name in wanted)


def check_definition(kind: str, parameters: Mapping[str, Any]) -> None:
    try:
        kind_of(kind).check(parameters)
    except ParameterError as error:
        said = ValidationError(str(error), params={"name": error.name, "message": error.message})
        raise ValidationError({"parameters": said}) from error
    except VariableNameError as error:
        raise ValidationError({"parameters": str(error)}) from error


def _hold(cohort: Cohort, subcohort: SubCohort | None) -> None:
    """It must not be retired before the analysis that is about it is written."""
    if subcohort is None:
        return
    held = SubCohort.objects.select_for_update().filter(pk=subcohort.pk, cohort=cohort, retired_reason="").first()
    if held is None:
        raise ValidationError({"subcohort": _("This sub-cohort is not one of the cohort.")})


def _create(log: Recorder, cohort: Cohort, slug: str, wanted: dict[str, Any]) -> Analysis:
    analysis = Analysis(cohort=cohort, slug=slug, **wanted)
    if log.actor.id:
        analysis.owner_id, analysis.owner_name = log.actor.id, log.actor.name
    analysis.full_clean()
    analysis.save(force_insert=True)
    log_fact(log, analysis, Action.CREATE, new=analysis.values() | {"version": analysis.version})
    return analysis


def _change(log: Recorder, analysis: Analysis, wanted: dict[str, Any]) -> None:
    old = analysis.values()
    asks_other = _asks_other(analysis, wanted)
    for name, value in wanted.items():
        setattr(analysis, name, value)
    analysis.version += 1
    if asks_other:
        # Whoever computes the old question just now has lost the claim: its answer must not count as the new one's.
        analysis.claimed_by, analysis.lease_until = "", None
    analysis.full_clean()
    analysis.save()
    if asks_other:
        # Another question: the answer on record no longer belongs to it, nor does what was signed.
        analysis.inputs.update(computed_version=None, failed_version=None, parts_version=None)
        plan_void(analysis=analysis, by=log.actor, reason=log.reason)
    moved = {name: value for name, value in analysis.values().items() if old[name] != value}
    new = moved | {"version": analysis.version}
    log_fact(log, analysis, Action.UPDATE, old={name: old[name] for name in moved}, new=new)


def inputs_bind(analysis: Analysis) -> None:
    """Ties the analysis to the streams that its kind and its sub-cohort read now."""
    request = kind_of(analysis.kind).request(analysis.parameters)
    part = analysis.subcohort
    own = {*request.domains(), *(part.domains() if part else ())}
    shared = {*request.shared_domains(), *(part.shared_domains() if part else ())}
    keys: list[StreamKey] = [(analysis.cohort_id, domain) for domain in own]
    keys += [(None, domain) for domain in shared]
    # In the order in which every write takes the streams: two that make new ones must not wait for each other.
    streams = [stream_of(key) for key in sorted(keys, key=lambda key: (key[1], key[0] or 0))]
    analysis.inputs.exclude(stream__in=streams).delete()
    for stream in streams:
        AnalysisInput.objects.get_or_create(analysis=analysis, stream=stream)


def analysis_unregister(*, analysis: Analysis, by: Actor, reason: str) -> None:
    """What was signed is not what is asked any more, though nobody touched the definition itself."""
    if not has_registered(analysis):
        plan_void(analysis=analysis, by=by, reason=reason)
        return
    with recording(by, reason) as log:
        held = (
            Analysis.objects.select_for_update(of=("self",)).select_related("cohort", "subcohort").get(pk=analysis.pk)
        )
        _change(log, held, {"is_registered": False})
        plan_void(analysis=held, by=by, reason=reason)


def rebind_analyses() -> None:
    """After an upgrade: what the kinds read now, and a new run wherever a kind would answer otherwise than it did."""
    for analysis in Analysis.objects.filter(kind__in=KINDS).select_related("current", "subcohort"):
        kind = kind_of(analysis.kind)
        try:
            inputs_bind(analysis)
        except (ParameterError, VariableNameError):
            # Its next run says so on its page; an upgrade does not end on one question.
            logger.warning("Analysis %s asks for what is not known any more.", analysis.log_code())
            continue
        if analysis.current and analysis.current.kind_version != kind.version:
            _forget_versions(analysis)


def analysis_retry(analysis: Analysis) -> None:
    """Asks for a new run at once, also where the same data failed before or the run was cancelled."""
    if analysis.retired_reason:
        raise ValidationError(_("A retired analysis is not computed: restore it first."))
    if analysis.waits_for_plan:
        raise ValidationError(_("This analysis is computed as soon as its plan is signed."))
    _forget_versions(analysis)


def _forget_versions(analysis: Analysis) -> None:
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
