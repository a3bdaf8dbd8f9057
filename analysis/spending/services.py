"""Declaring how alpha is spent over the looks of a registered analysis."""

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import gettext as _

from analysis.engine.models import Analysis
from analysis.kinds.base import SequentialKind
from analysis.kinds.registry import kind_of
from analysis.spending.judging import events_seen, signed_threshold
from analysis.spending.models import SpendingPlan
from registry.log.actors import Actor
from registry.log.facts import log_fact
from registry.log.models import Action
from registry.log.recording import recording


def spending_declare(
    *, analysis: Analysis, method: str, alpha: float, information: int, max_looks: int, by: Actor, reason: str
) -> SpendingPlan:
    """A further plan is a new version and judges from the next result on: what was seen stays as it was judged."""
    with recording(by, reason) as log:
        held = Analysis.objects.select_for_update(of=("self",)).select_related("cohort").get(pk=analysis.pk)
        seen = events_seen(held)
        plan = SpendingPlan(
            analysis=held,
            number=(held.spending_plans.aggregate(Max("number"))["number__max"] or 0) + 1,
            method=method,
            alpha=alpha,
            information=information,
            max_looks=max_looks,
            from_look=len(seen) + 1,
            reason=reason.strip(),
            declared_by=by.name,
        )
        _check(plan, seen)
        plan.save(force_insert=True)
        log_fact(log, plan, Action.CREATE, new=plan.values() | {"number": plan.number, "from_look": plan.from_look})
    return plan


def _check(plan: SpendingPlan, seen: list[int]) -> None:
    if not may_carry_plan(plan.analysis):
        raise ValidationError(_("Only a registered analysis whose verdict rests on events and a p can carry a plan."))
    plan.full_clean()
    signed = signed_threshold(plan.analysis)
    if signed is not None and plan.alpha > signed:
        message = _("The signed plan of the analysis has %(alpha)s for all looks together.") % {"alpha": f"{signed:g}"}
        raise ValidationError({"alpha": message})
    if seen and plan.information <= max(seen):
        message = _("%(n)s events have been seen already: plan more.") % {"n": max(seen)}
        raise ValidationError({"information": message})
    if plan.max_looks <= len(seen):
        message = _("There have been %(n)s looks already: plan more.") % {"n": len(seen)}
        raise ValidationError({"max_looks": message})


def may_carry_plan(analysis: Analysis) -> bool:
    return analysis.is_registered and isinstance(kind_of(analysis.kind), SequentialKind)
