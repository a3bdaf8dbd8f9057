"""Writes simulated people through the services that every other door uses."""

from analysis.demo.cohorts import Design
from analysis.demo.laboratory import Bench, write_draw, write_tissues
from analysis.demo.records import Person
from registry.clinical.models import ExtraVariable
from registry.clinical.services import (
    assessment_add,
    baseline_save,
    extra_value_set,
    extra_variable_set,
    follow_up_add,
    outcome_event_add,
    treatment_add,
)
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.patients.models import Patient
from registry.patients.services import enrolment_create, enrolment_withdraw, patient_create

UNIT_SUFFIX = "_TPM"


def write_people(cohort: Cohort, design: Design, people: list[Person], bench: Bench, by: Actor) -> None:
    """Study numbers follow the order of the index dates, as at a hospital that screens one patient after the other."""
    variables = _expression_variables(cohort, people, by)
    for number, person in enumerate(people, start=1):
        patient = patient_create(study_number=f"{design.prefix}-{number:03d}", site=cohort.site, sex=person.sex, by=by)
        enrolment = enrolment_create(patient=patient, cohort=cohort, index_date=person.index, by=by)
        baseline_save(enrolment=enrolment, values=person.baseline, by=by)
        _write_course(patient, person, by)
        write_tissues(patient, person.tissues, bench, by)
        for draw in person.draws:
            write_draw(patient, draw, bench, by)
        for code, value in person.expression.items():
            extra_value_set(enrolment=enrolment, variable=variables[code], value=value, by=by)
        if person.withdrawn:
            enrolment_withdraw(enrolment=enrolment, on=person.withdrawn, why="consent withdrawn", by=by)


def _expression_variables(cohort: Cohort, people: list[Person], by: Actor) -> dict[str, ExtraVariable]:
    codes = sorted({code for person in people for code in person.expression})
    return {
        code: extra_variable_set(
            cohort=cohort,
            code=code,
            label=f"{code.removesuffix(UNIT_SUFFIX)}, tumour RNA",
            type=ExtraVariable.Type.NUMBER,
            unit="TPM",
            by=by,
        )
        for code in codes
    }


def _write_course(patient: Patient, person: Person, by: Actor) -> None:
    for therapy in person.therapies:
        treatment_add(patient=patient, kind=therapy.kind, start=therapy.start, agent=therapy.agent, by=by)
    for image in person.imaging:
        assessment_add(patient=patient, day=image.day, mrecist=image.mrecist, method=image.method, by=by)
    for happening in person.happenings:
        outcome_event_add(patient=patient, kind=happening.kind, day=happening.day, method=happening.method, by=by)
    for day in person.contacts:
        follow_up_add(patient=patient, day=day, by=by)
