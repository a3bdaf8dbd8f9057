from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from analysis.engine.models import Analysis
from analysis.engine.services import analysis_unregister, inputs_bind
from analysis.subcohorts.models import SubCohort
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.log.facts import create, retire, update
from registry.log.recording import recording


def subcohort_define(
    *, cohort: Cohort, code: str, name: str, conditions: list[dict[str, Any]], by: Actor, reason: str = ""
) -> SubCohort:
    return create(SubCohort(cohort=cohort, code=code, name=name, conditions=conditions), by=by, reason=reason)


def subcohort_update(
    *,
    subcohort: SubCohort,
    name: str,
    conditions: list[dict[str, Any]],
    expected_version: int,
    by: Actor,
    reason: str,
) -> SubCohort:
    """Its analyses are stale at once, and from now on follow the facts that the new conditions read."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the definition changes.")})
    with recording(by, reason):
        changes = {"name": name, "conditions": conditions}
        saved = update(subcohort, changes, expected_version=expected_version, by=by, reason=reason)
        for analysis in Analysis.objects.filter(subcohort=saved).select_related("subcohort", "cohort"):
            inputs_bind(analysis)
            if subcohort.conditions != saved.conditions:
                # Other patients are another question than the one that was signed.
                analysis_unregister(analysis=analysis, by=by, reason=reason)
    return saved


def subcohort_retire(*, subcohort: SubCohort, expected_version: int, by: Actor, reason: str) -> SubCohort:
    """Refused while an analysis is about it."""
    with recording(by, reason):
        # Whoever defines an analysis of it holds the row as well.
        SubCohort.objects.select_for_update().get(pk=subcohort.pk)
        users = (
            Analysis.objects.filter(subcohort=subcohort, retired_reason="")
            .order_by("slug")
            .values_list("title", flat=True)
        )
        if users:
            names = ", ".join(users)
            raise ValidationError(_("These analyses are about it: %(names)s.") % {"names": names})
        return retire(subcohort, expected_version=expected_version, by=by, reason=reason)
