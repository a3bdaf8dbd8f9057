"""The cohort's own variables of one patient, saved together."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from registry.clinical.models import ExtraValue, ExtraVariable
from registry.clinical.services import extra_value_set, fact_retire, fact_update
from registry.log.actors import Actor
from registry.log.facts import StaleWrite, changes_since
from registry.log.recording import recording
from registry.patients.models import Enrolment

Entered = Mapping[ExtraVariable, tuple[float | str | None, int]]


def extra_values_save(*, enrolment: Enrolment, entered: Entered, by: Actor, reason: str = "") -> None:
    """Saves what differs; an emptied value is retired, which takes a reason. All or nothing."""
    with recording(by, reason):
        known = ExtraValue.objects.filter(enrolment=enrolment, retired_reason="").select_related("variable")
        stored = {value.variable_id: value for value in known}
        for variable, (value, version) in entered.items():
            _save(enrolment, variable, stored.get(variable.pk), value, version, by, reason)


def _save(
    enrolment: Enrolment,
    variable: ExtraVariable,
    known: ExtraValue | None,
    value: float | str | None,
    version: int,
    by: Actor,
    reason: str,
) -> None:
    is_empty = value in (None, "")
    if known is None:
        if not is_empty and value is not None:
            extra_value_set(enrolment=enrolment, variable=variable, value=value, by=by, reason=reason)
        return
    if version == 0 and not is_empty:
        raise StaleWrite(changes_since(known, 0))
    if version == 0:  # somebody else gave a value that this person never saw and did not touch
        return
    if not is_empty:
        is_number = variable.type == ExtraVariable.Type.NUMBER
        changes = {"number": value} if is_number else {"text": value}
        if known.value != value:
            fact_update(fact=known, changes=changes, expected_version=version, by=by, reason=reason)
    elif not reason.strip():
        raise ValidationError({"reason": _("Say why the value of %(label)s is removed.") % {"label": variable.label}})
    else:
        fact_retire(fact=known, expected_version=version, by=by, reason=reason)
