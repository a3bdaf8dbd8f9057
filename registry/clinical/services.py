from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from registry.clinical.models import (
    Assessment,
    Baseline,
    ExtraValue,
    ExtraVariable,
    FollowUp,
    ImportedTime,
    OutcomeEvent,
    Precision,
    ReportedResponse,
    Treatment,
)
from registry.cohorts.models import Cohort, EventKind
from registry.log.actors import Actor
from registry.log.facts import create, create_many, put, retire, update
from registry.log.recording import recording
from registry.patients.models import Enrolment, EnrolmentFact, Patient, PatientFact
from registry.patients.services import eligibility_refresh, rules_held

C = TypeVar("C", bound=PatientFact | EnrolmentFact)


def baseline_save(
    *,
    enrolment: Enrolment,
    values: dict[str, Any],
    expected_version: int | None = None,
    by: Actor,
    reason: str = "",
) -> Baseline:
    """Saves the baseline and judges the eligibility by it; an expected version of 0 says that there was none."""
    with recording(by, reason):
        rules_held(enrolment.cohort_id)
        known = Baseline.objects.filter(enrolment=enrolment).first()
        if known is None:
            baseline = create(Baseline(enrolment=enrolment, **values), by=by, reason=reason)
        else:
            known.enrolment = enrolment
            baseline = update(known, values, expected_version=expected_version, by=by, reason=reason)
            if baseline.version == known.version:
                return baseline
        eligibility_refresh(enrolment=enrolment, baseline=baseline, by=by, reason=reason)
    return baseline


def treatment_add(
    *,
    patient: Patient,
    kind: str,
    start: date,
    by: Actor,
    agent: str = "",
    start_precision: str = Precision.DAY,
    end: date | None = None,
    reason: str = "",
) -> Treatment:
    treatment = Treatment(
        patient=patient, kind=kind, agent=agent, start=start, start_precision=start_precision, end=end
    )
    return create(treatment, by=by, reason=reason)


def treatment_set(
    *,
    patient: Patient,
    kind: str,
    start: date,
    by: Actor,
    agent: str = "",
    start_precision: str = Precision.DAY,
    end: date | None = None,
    reason: str = "",
) -> Treatment:
    key = {"patient": patient, "kind": kind, "agent": agent, "start": start}
    return put(Treatment, key=key, values={"start_precision": start_precision, "end": end}, by=by, reason=reason)


def assessment_add(
    *, patient: Patient, day: date, mrecist: str, by: Actor, method: str = "", reason: str = ""
) -> Assessment:
    return create(Assessment(patient=patient, day=day, mrecist=mrecist, method=method), by=by, reason=reason)


def assessment_set(
    *, patient: Patient, day: date, mrecist: str, by: Actor, method: str = "", reason: str = ""
) -> Assessment:
    key = {"patient": patient, "day": day, "method": method}
    return put(Assessment, key=key, values={"mrecist": mrecist}, by=by, reason=reason)


def response_report(
    *, enrolment: Enrolment, is_responder: bool, definition: str, by: Actor, reason: str = ""
) -> ReportedResponse:
    values = {"is_responder": is_responder, "definition": definition}
    return put(ReportedResponse, key={"enrolment": enrolment}, values=values, by=by, reason=reason)


def follow_up_add(
    *, patient: Patient, day: date, by: Actor, mode: str = FollowUp.Mode.VISIT, note: str = "", reason: str = ""
) -> FollowUp:
    return create(FollowUp(patient=patient, day=day, mode=mode, note=note), by=by, reason=reason)


def follow_up_set(
    *, patient: Patient, day: date, by: Actor, mode: str = FollowUp.Mode.VISIT, note: str = "", reason: str = ""
) -> FollowUp:
    key = {"patient": patient, "day": day, "mode": mode}
    return put(FollowUp, key=key, values={"note": note}, by=by, reason=reason)


def outcome_event_add(
    *,
    patient: Patient,
    kind: str,
    day: date,
    by: Actor,
    precision: str = Precision.DAY,
    method: str = "",
    reason: str = "",
) -> OutcomeEvent:
    event = OutcomeEvent(patient=patient, kind=kind, day=day, precision=precision, method=method)
    return create(event, by=by, reason=reason)


def outcome_event_set(
    *,
    patient: Patient,
    kind: str,
    day: date,
    by: Actor,
    precision: str = Precision.DAY,
    method: str = "",
    reason: str = "",
) -> OutcomeEvent:
    """A death happens once, so its day is a value; other events are told apart by their day."""
    key: dict[str, Any] = {"patient": patient, "kind": kind}
    values: dict[str, Any] = {"precision": precision, "method": method}
    (values if kind == EventKind.DEATH else key)["day"] = day
    return put(OutcomeEvent, key=key, values=values, by=by, reason=reason)


def imported_time_set(
    *, enrolment: Enrolment, endpoint: str, months: float, is_event: bool, by: Actor, reason: str = ""
) -> ImportedTime:
    key = {"enrolment": enrolment, "endpoint": endpoint}
    return put(ImportedTime, key=key, values={"months": months, "is_event": is_event}, by=by, reason=reason)


def extra_variable_set(
    *,
    cohort: Cohort,
    code: str,
    label: str,
    type: str,  # noqa: A002  # the column's name
    unit: str = "",
    levels: dict[str, str] | None = None,
    by: Actor,
    reason: str = "",
) -> ExtraVariable:
    values = {"label": label, "type": type, "unit": unit, "levels": levels or {}}
    return put(ExtraVariable, key={"cohort": cohort, "code": code}, values=values, by=by, reason=reason)


def extra_value_set(
    *, enrolment: Enrolment, variable: ExtraVariable, value: float | str, by: Actor, reason: str = ""
) -> ExtraValue:
    """Sets a number of a numeric variable, the code or text of any other."""
    key = {"enrolment": enrolment, "variable": variable}
    return put(ExtraValue, key=key, values=_columns(variable, value), by=by, reason=reason)


def extra_values_add(
    *, enrolment: Enrolment, values: Mapping[ExtraVariable, float | str], by: Actor, reason: str = ""
) -> list[ExtraValue]:
    """The first values of these variables, all at once; those that are there already are for extra_value_set."""
    facts = [ExtraValue(enrolment=enrolment, variable=key, **_columns(key, value)) for key, value in values.items()]
    return create_many(facts, by=by, reason=reason)


def _columns(variable: ExtraVariable, value: float | str) -> dict[str, Any]:
    is_number = variable.type == ExtraVariable.Type.NUMBER
    return {"number": value, "text": ""} if is_number else {"number": None, "text": str(value)}


def fact_update(*, fact: C, changes: dict[str, Any], expected_version: int, by: Actor, reason: str = "") -> C:
    return update(fact, changes, expected_version=expected_version, by=by, reason=reason)


def fact_retire(*, fact: C, expected_version: int, by: Actor, reason: str) -> C:
    """Marks an entry as an error; it stays in the log and leaves every list and frame."""
    return retire(fact, expected_version=expected_version, by=by, reason=reason)
