"""Rows of cells to records by the rules of the mapping. Every broken rule of every row is kept."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from labs.cohort_import.errors import RowError
from labs.cohort_import.fields import BASELINE_FIELDS
from labs.cohort_import.mapping import ExtraSection, Mapping, TimesSection
from labs.cohort_import.measured import read_measurements
from labs.cohort_import.reader import Table
from labs.cohort_import.records import Contact, Course, Event, Record, Time
from labs.cohort_import.rowcells import RowCells
from registry.clinical.models import ExtraVariable

_BOOLEANS = {"true": True, "false": False, "TRUE": True, "FALSE": False}


@dataclass(frozen=True)
class Parsed:
    records: list[Record]
    errors: list[RowError]


def parse(table: Table, mapping: Mapping) -> Parsed:
    errors = list(table.errors)
    found = [_record(RowCells(row, mapping, errors)) for row in table.rows]
    records = [record for record in found if record]
    errors.extend(_duplicates(records, mapping.patient.study_number))
    return Parsed(records, errors)


def _duplicates(records: Iterable[Record], column: str) -> list[RowError]:
    lines = defaultdict(list)
    for record in records:
        lines[record.study_number].append(record.line)
    return [
        RowError(line, column, number, _("The study number stands on the rows %s.") % ", ".join(map(str, found)))
        for number, found in lines.items()
        if len(found) > 1
        for line in found
    ]


def _record(row: RowCells) -> Record | None:
    number = _study_number(row)
    if number is None:
        return None
    patient = row.mapping.patient
    record = Record(
        line=row.row.line,
        study_number=number,
        sex=row.coded(patient.sex, patient.sex_codes) if patient.sex_codes else row.text(patient.sex),
        index_date=row.day(patient.index_date, patient.format),
        identity=_identity(row),
        baseline=_known({name: _baseline(row, name) for name in row.mapping.baseline}),
        extras=_known({section.code: _extra_value(row, section) for section in row.mapping.extra}),
        times=[time for section in row.mapping.times if (time := _time(row, section))],
        is_responder=_response(row),
    )
    _dated(row, record)
    read_measurements(row, record)
    return record


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _study_number(row: RowCells) -> str | None:
    patient = row.mapping.patient
    text = str(row.row.line - 1) if patient.number_rows else row.text(patient.study_number)
    if text is None:
        row.error(patient.study_number, _("The study number is blank."))
        return None
    return patient.prefix + text.zfill(patient.digits)


def _identity(row: RowCells) -> dict[str, Any]:
    section = row.mapping.identity
    if section is None:
        return {}
    texts = {name: row.text(getattr(section, name)) for name in ("name", "record_number", "phone")}
    return _known(texts | {"birth_date": row.day(section.birth_date, section.format)})


def _baseline(row: RowCells, name: str) -> Any:
    field, kind = row.mapping.baseline[name], BASELINE_FIELDS[name]
    if field.codes:
        return row.coded(field.column, field.codes)
    if kind.is_boolean:
        return row.coded(field.column, _BOOLEANS)
    if kind.choices:
        return row.coded(field.column, {choice: choice for choice in kind.choices})
    value = row.number(field.column)
    if value is None or not kind.is_whole:
        return None if value is None else value * field.factor
    if not (value * field.factor).is_integer():
        row.error(field.column, _("A whole number is expected."))
        return None
    return int(value * field.factor)


def _extra_value(row: RowCells, section: ExtraSection) -> float | str | None:
    if section.type == ExtraVariable.Type.NUMBER:
        return row.number(section.column)
    if section.levels:
        code: str | None = row.coded(section.column, {level: level for level in section.levels})
        return code
    return row.text(section.column)


def _time(row: RowCells, section: TimesSection) -> Time | None:
    column, before = section.months or section.days, len(row.errors)
    length = row.number(column)
    is_event = row.coded(section.event, _meanings(section.event_value, section.censored_value))
    if len(row.errors) == before and length is None and is_event is False and section.last_contact:
        column = section.last_contact
        length = row.number(column)
    if len(row.errors) > before or (length is None and is_event is None):
        return None
    if length is None or is_event is None:
        blank, filled = (column, section.event) if length is None else (section.event, column)
        row.error(blank, _("Blank, although '%(column)s' is filled.") % {"column": filled})
        return None
    return Time(section, column, length / section.days_per_month if section.days else length, is_event)


def _response(row: RowCells) -> bool | None:
    section = row.mapping.response
    if section is None:
        return None
    meant: bool | None = row.coded(section.column, _meanings(section.responder, section.non_responder))
    return meant


def _meanings(yes: Iterable[str], no: Iterable[str]) -> dict[str, bool]:
    return {**dict.fromkeys(yes, True), **dict.fromkeys(no, False)}


def _dated(row: RowCells, record: Record) -> None:
    mapping = row.mapping
    for event in mapping.events:
        if day := row.day(event.day, event.format):
            record.events.append(Event(event, day, row.text(event.method) or ""))
    for course in mapping.treatments:
        if start := row.day(course.start, course.format):
            end, agent = row.day(course.end, course.format), row.text(course.agent) or ""
            record.treatments.append(Course(course, start, end, agent))
    for contact in mapping.contacts:
        if day := row.day(contact.day, contact.format):
            record.contacts.append(Contact(contact, day))
