from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from registry.clinical.models import Baseline
from registry.cohorts.models import Cohort, EligibilityRule, Endpoint
from registry.log.actors import Actor
from registry.log.facts import create, put, retire, update
from registry.log.locking import hold_rules
from registry.log.recording import recording
from registry.patients.models import Enrolment
from registry.patients.services import eligibility_refresh, forget_rules
from registry.people.models import Site


def cohort_create(
    *,
    code: str,
    name: str,
    site: Site,
    index_event: str,
    by: Actor,
    description: str = "",
    data_cut: date | None = None,
    early_recurrence_months: float = 24.0,
    follow_up_months: int = 3,
    is_simulated: bool = False,
    reason: str = "",
) -> Cohort:
    cohort = Cohort(
        code=code,
        name=name,
        site=site,
        index_event=index_event,
        description=description,
        data_cut=data_cut,
        early_recurrence_months=early_recurrence_months,
        follow_up_months=follow_up_months,
        is_simulated=is_simulated,
    )
    return create(cohort, by=by, reason=reason)


def cohort_update(
    *, cohort: Cohort, changes: dict[str, Any], expected_version: int, by: Actor, reason: str = ""
) -> Cohort:
    return update(cohort, changes, expected_version=expected_version, by=by, reason=reason)


def cohort_set_data_cut(*, cohort: Cohort, data_cut: date | None, by: Actor, reason: str = "") -> Cohort:
    return update(cohort, {"data_cut": data_cut}, expected_version=None, by=by, reason=reason)


def endpoint_set(
    *, cohort: Cohort, code: str, name: str, event_kinds: list[str], by: Actor, reason: str = ""
) -> Endpoint:
    values = {"name": name, "event_kinds": sorted(event_kinds)}
    return put(Endpoint, key={"cohort": cohort, "code": code}, values=values, by=by, reason=reason)


def rule_set(
    *,
    cohort: Cohort,
    text: str,
    kind: str,
    variable: str,
    operator: str,
    bounds: list[Any] | None = None,
    order: int = 1,
    by: Actor,
    reason: str = "",
) -> EligibilityRule:
    """Declares a criterion and judges everybody in the cohort by it."""
    if variable not in rule_variables():
        raise ValidationError({"variable": _("There is no baseline variable %(name)s.") % {"name": variable}})
    values = {"kind": kind, "variable": variable, "operator": operator, "bounds": bounds or [], "order": order}
    with recording(by, reason):
        hold_rules(cohort.pk, alone=True)
        rule = put(EligibilityRule, key={"cohort": cohort, "text": text}, values=values, by=by, reason=reason)
        _judge_all(cohort, by, reason)
    return rule


def rule_retire(*, rule: EligibilityRule, expected_version: int, by: Actor, reason: str) -> EligibilityRule:
    with recording(by, reason):
        hold_rules(rule.cohort_id, alone=True)
        retired = retire(rule, expected_version=expected_version, by=by, reason=reason)
        _judge_all(rule.cohort, by, reason)
    return retired


def rule_variables() -> list[str]:
    """What a criterion can be about."""
    return [field.name for field in Baseline._meta.concrete_fields if field.editable and not field.primary_key]


def _judge_all(cohort: Cohort, by: Actor, reason: str) -> None:
    forget_rules(cohort.pk)
    for enrolment in Enrolment.objects.filter(cohort=cohort).select_related("patient").order_by("pk"):
        eligibility_refresh(enrolment=enrolment, by=by, reason=reason)
