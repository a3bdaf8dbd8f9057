"""Signing the plan of an analysis, and what makes a signature void."""

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from analysis.canonical import canonical_json
from analysis.engine.models import Analysis, Result
from analysis.kinds.base import SequentialKind
from analysis.kinds.registry import kind_of
from analysis.kinds.wording import ALPHA
from analysis.plans.models import AnalysisPlan, population_of
from analysis.plans.wording import cutoff_rule, written_plan
from analysis.spending.models import SpendingPlan
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.log.facts import StaleWrite, changes_since, create, log_fact, retire
from registry.log.models import Action
from registry.log.recording import recording
from registry.signing.services import Proof, sign, void

SUBJECT = "analysisplan"
MEANING = gettext_noop("I declare that this is the plan of the analysis, and that its results so far are counted.")


def standing_plan(analysis: Analysis) -> AnalysisPlan | None:
    return AnalysisPlan.objects.filter(analysis=analysis, retired_reason="").select_related("signature").first()


def has_registered(analysis: Analysis) -> bool:
    plan = standing_plan(analysis)
    return plan is not None and plan.is_registered


def looks_at(analysis: Analysis) -> int:
    """Results of this analysis under any of its definitions, and of the same question asked elsewhere in the cohort.

    Of the same patients under another name as well.
    """
    patients = Q(analysis__subcohort=analysis.subcohort_id)
    if analysis.subcohort is not None:
        patients |= Q(analysis__subcohort__conditions=analysis.subcohort.conditions)
    same = patients & Q(analysis__kind=analysis.kind, parameters=canonical_json(analysis.parameters))
    return Result.objects.filter(Q(analysis=analysis) | same, analysis__cohort_id=analysis.cohort_id).count()


def plan_sign(
    *, analysis: Analysis, expected_version: int, question: str, alpha: float, planned_size: str, proof: Proof
) -> AnalysisPlan:
    """Signs what is asked.

    1. How often the answer was seen is counted now, under the lock: nobody can compute in between.
    2. A plan that stood before is void; what it said stays on record.
    3. Never seen: the analysis is registered. Seen: it stays what it was, and says after how many looks.
    4. An analysis that waited for its plan is computed from here on.
    """
    by = proof.signer
    with recording(by) as log:
        held = Analysis.objects.select_for_update(of=("self",)).select_related("cohort").get(pk=analysis.pk)
        if held.version != expected_version:
            raise StaleWrite(changes_since(held, expected_version))
        if held.retired_reason:
            raise ValidationError(_("A retired analysis has no plan: restore it first."))
        if alpha != ALPHA and not isinstance(kind_of(held.kind), SequentialKind):
            message = _("Verdicts of this kind are judged at %(alpha)s: no other threshold can be signed.")
            raise ValidationError({"alpha": message % {"alpha": ALPHA}})
        spent = SpendingPlan.objects.filter(analysis=held).order_by("-number").first()
        if spent is not None and spent.alpha > alpha:
            message = _(
                "The looks of the analysis spend %(alpha)s by its spending plan: declare another version first."
            )
            raise ValidationError({"alpha": message % {"alpha": f"{spent.alpha:g}"}})
        by_mapping = held.is_registered and not has_registered(held)
        plan_void(analysis=held, by=by, reason=_("replaced by another plan"))
        plan = AnalysisPlan(
            analysis=held,
            question=question,
            alpha=alpha,
            planned_size=planned_size,
            kind=held.kind,
            parameters=held.parameters,
            population=population_of(held),
            definition_version=held.version,
            looks=looks_at(held),
            **written_plan(held),
        )
        plan.signature = sign(
            proof=proof,
            meaning=MEANING,
            subject_type=SUBJECT,
            subject_code=held.log_code(),
            content=plan.signed_content(),
            cohort=held.cohort,
        )
        create(plan, by=by)
        wanted = {"is_registered": by_mapping or plan.is_registered, "waits_for_plan": False}
        old = {name: getattr(held, name) for name in wanted}
        if old != wanted:
            held.is_registered, held.waits_for_plan = wanted["is_registered"], wanted["waits_for_plan"]
            held.version += 1
            held.save(update_fields=["version", *wanted])
            log_fact(log, held, Action.UPDATE, old=old, new=wanted | {"version": held.version})
    return plan


def plan_void(*, analysis: Analysis, by: Actor, reason: str) -> None:
    """What was signed is not what is asked any more. Plan and signature stay on record, marked void."""
    plan = standing_plan(analysis)
    if plan is None:
        return
    said = reason.strip() or _("the definition was changed")
    retire(plan, expected_version=plan.version, by=by, reason=said)
    void(signature=plan.signature, by=by, reason=said)


def plans_of_other_cutoff_void(*, cohort: Cohort, by: Actor) -> None:
    """A plan says what its cutoff is: another one that is declared since makes it the plan of something else."""
    standing = AnalysisPlan.objects.filter(analysis__cohort=cohort, retired_reason="")
    for plan in standing.select_related("analysis__cohort", "signature"):
        rule = cutoff_rule(plan.analysis)
        if rule == plan.cutoff_rule:
            continue
        reason = _("another cutoff is declared: %(rule)s") % {"rule": rule}
        with recording(by, reason) as log:
            held = Analysis.objects.select_for_update(of=("self",)).select_related("cohort").get(pk=plan.analysis_id)
            plan_void(analysis=held, by=by, reason=reason)
            if held.is_registered and plan.is_registered:
                held.is_registered, held.version = False, held.version + 1
                held.save(update_fields=["version", "is_registered"])
                new = {"is_registered": False, "version": held.version}
                log_fact(log, held, Action.UPDATE, old={"is_registered": True}, new=new)


def plan_forgo(*, analysis: Analysis, expected_version: int, by: Actor) -> None:
    """Computes an analysis without waiting for a plan any longer: it stays exploratory."""
    with recording(by, _("computed without a plan")) as log:
        held = Analysis.objects.select_for_update(of=("self",)).select_related("cohort").get(pk=analysis.pk)
        if held.version != expected_version:
            raise StaleWrite(changes_since(held, expected_version))
        if not held.waits_for_plan:
            return
        held.waits_for_plan, held.version = False, held.version + 1
        held.save(update_fields=["version", "waits_for_plan"])
        new = {"waits_for_plan": False, "version": held.version}
        log_fact(log, held, Action.UPDATE, old={"waits_for_plan": True}, new=new)
