"""Writes of liver assessments: the computation and the baseline that it decides, in one transaction."""

from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from registry.clinical.liver.computing import Computed, Inputs, as_rows, compute
from registry.clinical.liver.models import LiverAssessment
from registry.clinical.liver.quantities import StagingRefused
from registry.clinical.models import Baseline
from registry.clinical.services import baseline_save
from registry.log.actors import Actor
from registry.log.facts import create, update
from registry.log.recording import recording
from registry.patients.models import Enrolment


@dataclass(frozen=True)
class Decision:
    """What somebody decided instead of what was computed, and that a typed class may be replaced."""

    child_pugh: str = ""
    child_pugh_why: str = ""
    bclc: str = ""
    bclc_why: str = ""
    replaces_typed: bool = False


_NOTHING_DECIDED = Decision()


def liver_assess(
    *,
    enrolment: Enrolment,
    inputs: Inputs,
    decision: Decision = _NOTHING_DECIDED,
    expected_version: int | None = None,
    baseline_version: int | None = None,
    by: Actor,
    reason: str = "",
) -> LiverAssessment:
    """Computes, keeps what it was computed from, and writes inputs and classes to the baseline.

    The expected versions are those that the person saw, 0 for none; None expects nothing.

    Raises
    ------
    ValidationError
        When an input is missing or vague, an override has no reason, or the baseline holds a typed class that differs
        and nobody said that it may be replaced.
    StaleWrite
        When the baseline or the assessment was changed in between.
    """
    try:
        computed = compute(replace(inputs, child_pugh_override=decision.child_pugh))
    except StagingRefused as refused:
        raise ValidationError({refused.name: str(refused)}) from refused
    _check_overrides(computed, decision)
    values = _values(inputs, computed, decision)
    with recording(by, reason):
        known = LiverAssessment.objects.filter(enrolment=enrolment).first()
        baseline = Baseline.objects.filter(enrolment=enrolment).first()
        final = {"child_pugh": values["child_pugh_override"] or values["child_pugh"]}
        final["bclc"] = values["bclc_override"] or values["bclc"]
        if not decision.replaces_typed and (found := discordances(baseline, known, final)):
            raise ValidationError({"replaces_typed": found})
        if known is None:
            assessment = create(LiverAssessment(enrolment=enrolment, **values), by=by, reason=reason)
        else:
            known.enrolment = enrolment
            assessment = update(known, values, expected_version=expected_version, by=by, reason=reason)
        baseline_save(
            enrolment=enrolment,
            values=_baseline_values(inputs, computed, decision, final),
            expected_version=baseline_version,
            by=by,
            reason=reason,
        )
    return assessment


def discordances(baseline: Baseline | None, known: LiverAssessment | None, final: dict[str, str]) -> list[str]:
    """Classes in the baseline that were typed or imported and are not what would be stored now."""
    if baseline is None:
        return []
    own = {"child_pugh": known.decided_child_pugh, "bclc": known.decided_bclc} if known else {}
    found = []
    for name, after in final.items():
        before = getattr(baseline, name)
        if before and after and before != after and before != own.get(name):
            label = Baseline._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # a column
            found.append(
                _("%(label)s is recorded as %(before)s; from these inputs it is %(after)s.")
                % {"label": label, "before": before, "after": after}
            )
    return found


def _check_overrides(computed: Computed, decision: Decision) -> None:
    errors = {}
    if decision.child_pugh and not decision.child_pugh_why.strip():
        errors["child_pugh_why"] = _("Say why the Child–Pugh class is another than the computed one.")
    if decision.bclc and not decision.bclc_why.strip():
        errors["bclc_why"] = _("Say why the BCLC stage is another than the computed one.")
    if decision.child_pugh and decision.child_pugh == computed.child_pugh.letter:
        errors["child_pugh"] = _("This is the computed class: leave the decision empty.")
    if decision.bclc and computed.bclc and decision.bclc == computed.bclc.stage:
        errors["bclc"] = _("This is the computed stage: leave the decision empty.")
    if errors:
        raise ValidationError(errors)


def _values(inputs: Inputs, computed: Computed, decision: Decision) -> dict[str, Any]:
    return {
        "inputs": as_rows(inputs),
        "points": computed.child_pugh.points,
        "score": computed.child_pugh.score,
        "child_pugh": computed.child_pugh.letter,
        "albi": round(computed.albi.score, 4) if computed.albi else None,
        "albi_grade": computed.albi.grade if computed.albi else None,
        "bclc": computed.bclc.stage if computed.bclc else "",
        "bclc_reason": computed.bclc.reason if computed.bclc else "",
        "child_pugh_override": decision.child_pugh,
        "child_pugh_why": decision.child_pugh_why.strip() if decision.child_pugh else "",
        "bclc_override": decision.bclc,
        "bclc_why": decision.bclc_why.strip() if decision.bclc else "",
    }


def _baseline_values(inputs: Inputs, computed: Computed, decision: Decision, final: dict[str, str]) -> dict[str, Any]:
    """What was not known does not erase what is."""
    tumours = inputs.tumours
    known = {
        "ecog": inputs.ecog,
        "tumour_count": tumours.count,
        "multiple_tumours": None if tumours.count is None else tumours.count > 1,
        "tumour_size_cm": tumours.largest_cm,
        "vascular_invasion": tumours.vascular_invasion,
        "extrahepatic_spread": tumours.extrahepatic_spread,
    }
    values: dict[str, Any] = {name: value for name, value in known.items() if value is not None}
    values |= {"ascites": inputs.ascites, "encephalopathy": inputs.encephalopathy}
    # A class that was decided otherwise has no score that fits it.
    score = None if decision.child_pugh else computed.child_pugh.score
    values |= {"child_pugh": final["child_pugh"], "child_pugh_score": score}
    return values | ({"bclc": final["bclc"]} if final["bclc"] else {})
