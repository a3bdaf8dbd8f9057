"""Importing a cohort: all of a file or nothing, except that good rows may be taken where that is asked for."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic

from django.db import connection

from labs.cohort_import.clinical import write_clinical, write_enrolment, write_patient
from labs.cohort_import.consistency import check_mapping
from labs.cohort_import.definitions import define
from labs.cohort_import.errors import RowError
from labs.cohort_import.known import Known
from labs.cohort_import.mapping import Mapping
from labs.cohort_import.measurements import write_measurements
from labs.cohort_import.parsing import Parsed, parse
from labs.cohort_import.reader import Table, read_table
from labs.cohort_import.rowwriter import RowWriter, World
from labs.cohort_import.tally import Outcome, Tally
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.log.recording import recording

Progress = Callable[[int, int], None]
Finish = Callable[[Cohort, Tally], None]


class _Undo(Exception):
    """Ends the transaction without a trace."""


class _RowRefused(Exception):
    pass


def cohort_import(
    *,
    file: Path,
    mapping: Mapping,
    by: Actor,
    dry_run: bool = False,
    accept_valid: bool = False,
    progress: Progress | None = None,
    finish: Finish | None = None,
) -> Outcome:
    """Imports `file` in one transaction.

    1. The file is read and every row understood, or its errors noted.
    2. Cohort, endpoints, rules, variables, markers and analytes are set.
    3. Each row is written in a savepoint of its own, which errors of the row undo.
    4. `finish` adds what belongs to the same transaction (analyses of the cohort).
    5. Errors, unless the good rows are accepted without the others, and dry runs undo everything.
    """
    started = monotonic()
    table = read_table(file, mapping.file)
    check_mapping(mapping, table.header, file.name)
    parsed, tally, errors = parse(table, mapping), Tally(), list[RowError]()
    code, is_stored = mapping.cohort.code, False
    try:
        with recording(by, f"import {file.name}"):
            world = _world(mapping, parsed, tally, by, f"import {file.name}")
            stored, errors = _write_rows(world, table, parsed, tally, progress)
            if finish:
                finish(world.definitions.cohort, tally)
            if dry_run or (errors and not (accept_valid and stored)):
                raise _Undo
        is_stored = True
        _tell_the_planner()
    except _Undo:
        pass
    shown = tally if is_stored or dry_run else Tally()
    return Outcome(code, len(table.rows) + len(table.errors), shown, errors, dry_run, is_stored, monotonic() - started)


def _tell_the_planner() -> None:
    """PostgreSQL plans by the sizes it last saw: after tables analysed while empty, a query may run for minutes."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _world(mapping: Mapping, parsed: Parsed, tally: Tally, by: Actor, reason: str) -> World:
    definitions = define(mapping, by=by, tally=tally)
    numbers = [record.study_number for record in parsed.records]
    codes = [tissue.code for record in parsed.records for tissue in record.specimens.values()]
    return World(mapping, definitions, Known(definitions.cohort, numbers, codes), by, reason)


def _write_rows(
    world: World, table: Table, parsed: Parsed, tally: Tally, progress: Progress | None
) -> tuple[int, list[RowError]]:
    """How many rows were written, and every error of the others: a row with one bad cell may have more to mend."""
    rows, refused, stored = {row.line: row for row in table.rows}, {error.row for error in parsed.errors}, 0
    errors = list(parsed.errors)
    for done, record in enumerate(parsed.records, start=1):
        writer = RowWriter(world, record, rows[record.line])
        if _write_row(writer, is_refused=record.line in refused):
            tally.merge(writer.tally)
            stored += 1
        errors += writer.errors
        if progress:
            progress(done, len(parsed.records))
    return stored, sorted(set(errors))


def _write_row(writer: RowWriter, *, is_refused: bool) -> bool:
    try:
        with recording(writer.world.by, writer.world.reason):
            if (patient := write_patient(writer)) and (enrolment := write_enrolment(writer, patient)):
                write_clinical(writer, enrolment)
                write_measurements(writer, patient)
            if is_refused or writer.errors:
                raise _RowRefused
    except _RowRefused:
        return False
    return True
