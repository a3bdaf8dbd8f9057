"""A record's patient, enrolment and clinical facts into the registry."""

from typing import Any, TypeVar

from django.utils.translation import gettext as _

from labs.cohort_import.mapping import ExtraSection
from labs.cohort_import.records import Contact, Course, Event, Time
from labs.cohort_import.rowwriter import Item, RowWriter
from labs.cohort_import.tally import State
from registry.clinical import services
from registry.clinical.models import ExtraValue, ExtraVariable, OutcomeEvent, Treatment
from registry.patients.models import Enrolment, Patient, Sex
from registry.patients.services import (
    enrolment_create,
    enrolment_set_index_date,
    identity_save,
    patient_create,
    patient_update,
)

D = TypeVar("D", OutcomeEvent, Treatment)


def write_patient(writer: RowWriter) -> Patient | None:
    """The patient under this study number; None when there cannot be one."""
    world, record, section = writer.world, writer.record, writer.world.mapping.patient
    site, known = world.definitions.cohort.site, world.known.patients.get(record.study_number)
    if known and known.site_id != site.pk:
        writer.refuse(section.study_number, [_("A patient of another site has this study number.")])
        return None
    wanted: dict[str, Any] = {"sex": record.sex} if record.sex else {}

    def write() -> Patient:
        if known:
            return patient_update(patient=known, changes=wanted, expected_version=known.version, **world.signed)
        sex = record.sex or Sex.UNKNOWN
        return patient_create(study_number=record.study_number, site=site, sex=sex, **world.signed)

    columns = {"study_number": section.study_number, "sex": section.sex}
    return writer.settle("patients", columns, known, wanted, write)


def write_enrolment(writer: RowWriter, patient: Patient) -> Enrolment | None:
    world, day = writer.world, writer.record.index_date
    cohort, known = world.definitions.cohort, world.known.enrolments.get(patient.pk)

    def write() -> Enrolment:
        if known is None:
            return enrolment_create(patient=patient, cohort=cohort, index_date=day, **world.signed)
        return enrolment_set_index_date(enrolment=known, index_date=day, expected_version=known.version, **world.signed)

    columns = {"index_date": world.mapping.patient.index_date or world.mapping.patient.study_number}
    enrolment = writer.settle("enrolments", columns, known, {"index_date": day} if day else {}, write)
    if enrolment:
        enrolment.patient, enrolment.cohort = patient, cohort
    return enrolment


def write_clinical(writer: RowWriter, enrolment: Enrolment) -> None:
    _identity(writer, enrolment.patient)
    _baseline(writer, enrolment)
    _response(writer, enrolment)
    for time in writer.record.times:
        _time(writer, enrolment, time)
    _extras(writer, enrolment)
    for event in writer.record.events:
        _event(writer, enrolment.patient, event)
    for course in writer.record.treatments:
        _treatment(writer, enrolment.patient, course)
    for contact in writer.record.contacts:
        _contact(writer, enrolment.patient, contact)


def _identity(writer: RowWriter, patient: Patient) -> None:
    """Counted by its version and never compared here: an import is no reader of identities."""
    world, values = writer.world, writer.record.identity
    if not values:
        return
    columns = {name: str(getattr(world.mapping.identity, name)) for name in values}
    before = world.known.identity_versions.get(patient.pk)
    with writer.refusals(columns):
        after = identity_save(patient=patient, values=values, **world.signed)
        if after.version == before:
            writer.tally.add("identities", State.SAME)
        else:
            change = f"{patient.study_number} identity" if before else ""
            writer.tally.add("identities", State.CHANGED if before else State.NEW, change)


def _baseline(writer: RowWriter, enrolment: Enrolment) -> None:
    world, values = writer.world, writer.record.baseline
    if values:
        columns = {name: section.column for name, section in world.mapping.baseline.items()}
        known = world.known.baselines.get(enrolment.pk)
        writer.settle(
            "baseline",
            columns,
            known,
            values,
            lambda: services.baseline_save(enrolment=enrolment, values=values, **world.signed),
        )


def _time(writer: RowWriter, enrolment: Enrolment, time: Time) -> None:
    world, section = writer.world, time.section
    wanted: dict[str, Any] = {"months": time.months, "is_event": time.is_event}
    writer.settle(
        "times",
        {"months": time.column, "is_event": section.event},
        world.known.times.get((enrolment.pk, section.endpoint)),
        wanted,
        lambda: services.imported_time_set(enrolment=enrolment, endpoint=section.endpoint, **wanted, **world.signed),
    )


def _response(writer: RowWriter, enrolment: Enrolment) -> None:
    world, section = writer.world, writer.world.mapping.response
    if section and writer.record.is_responder is not None:
        wanted: dict[str, Any] = {"is_responder": writer.record.is_responder, "definition": section.definition}
        writer.settle(
            "responses",
            {"is_responder": section.column},
            world.known.responses.get(enrolment.pk),
            wanted,
            lambda: services.response_report(enrolment=enrolment, **wanted, **world.signed),
        )


def _extras(writer: RowWriter, enrolment: Enrolment) -> None:
    world, values = writer.world, writer.record.extras
    items = [
        _extra(writer, enrolment, section, values[section.code])
        for section in world.mapping.extra
        if section.code in values
    ]

    writer.settle_all(
        "extra_values",
        items,
        lambda new: services.extra_values_add(enrolment=enrolment, values=dict(new), **world.signed),
    )


def _extra(writer: RowWriter, enrolment: Enrolment, section: ExtraSection, value: float | str) -> Item[ExtraValue]:
    world = writer.world
    variable = world.definitions.variables[section.code]
    column = "number" if variable.type == ExtraVariable.Type.NUMBER else "text"
    return Item(
        {"value": section.column},
        world.known.extras.get((enrolment.pk, variable.pk)),
        {column: value},
        lambda: services.extra_value_set(enrolment=enrolment, variable=variable, value=value, **world.signed),
        (variable, value),
    )


def _event(writer: RowWriter, patient: Patient, event: Event) -> None:
    world, section = writer.world, event.section
    wanted: dict[str, Any] = {"day": event.day, "precision": section.precision, "method": event.method}
    of_kind = [row for row in world.known.events[patient.pk] if row.kind == section.kind]
    alone = sum(each.kind == section.kind for each in world.mapping.events) == 1
    known = _meant(of_kind, "day", event.day, alone)

    def write() -> OutcomeEvent:
        if known is None:
            return services.outcome_event_add(patient=patient, kind=section.kind, **wanted, **world.signed)
        known.patient = patient
        corrected: OutcomeEvent = services.fact_update(
            fact=known, changes=wanted, expected_version=known.version, **world.signed
        )
        return corrected

    writer.settle("events", {"day": section.day, "method": section.method}, known, wanted, write)


def _treatment(writer: RowWriter, patient: Patient, course: Course) -> None:
    world, section = writer.world, course.section
    wanted: dict[str, Any] = {"start": course.start, "end": course.end, "start_precision": section.precision}
    alike = [
        row for row in world.known.treatments[patient.pk] if row.kind == section.kind and row.agent == course.agent
    ]
    alone = sum(each.kind == section.kind for each in world.mapping.treatments) == 1
    known = _meant(alike, "start", course.start, alone)

    def write() -> Treatment:
        if known is None:
            return services.treatment_add(
                patient=patient, kind=section.kind, agent=course.agent, **wanted, **world.signed
            )
        known.patient = patient
        corrected: Treatment = services.fact_update(
            fact=known, changes=wanted, expected_version=known.version, **world.signed
        )
        return corrected

    columns = {"start": section.start, "end": section.end, "agent": section.agent}
    writer.settle("treatments", columns, known, wanted, write)


def _meant(rows: list[D], column: str, day: Any, alone: bool) -> D | None:
    """The row of this very day; else the only one of its kind, whose day the file then corrects."""
    for row in rows:
        if getattr(row, column) == day:
            return row
    valid = [row for row in rows if not row.retired_reason]
    return valid[0] if alone and len(valid) == 1 else None


def _contact(writer: RowWriter, patient: Patient, contact: Contact) -> None:
    """A later last contact is one more contact: the earlier took place as well."""
    world, section = writer.world, contact.section
    known = next(
        (row for row in world.known.contacts[patient.pk] if row.day == contact.day and row.mode == section.mode),
        None,
    )
    writer.settle(
        "contacts",
        {"day": section.day},
        known,
        {"day": contact.day},
        lambda: services.follow_up_add(patient=patient, day=contact.day, mode=section.mode, **world.signed),
    )
