"""What storing a table of blood results would do, once its columns are known: for the page and for programs."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from labs.blood.models import Analyte
from labs.blood.upload.columns import AnalyteNames, Column, guess
from labs.blood.upload.planning import Plan, State, make_plan
from labs.blood.upload.readings import read_rows
from labs.blood.upload.sheet import Options
from labs.cohort_import.errors import ImportRefused
from labs.cohort_import.reader import Table
from registry.people.models import User

# More are counted, not listed: nobody reads them, and a form may hold only so many ticks.
LISTED = 300


def names_of(known: Mapping[str, Analyte]) -> AnalyteNames:
    return AnalyteNames.of(
        (code, each.name, each.loinc, [spelling.spelling for spelling in each.spellings.all()])
        for code, each in known.items()
    )


def columns_of(table: Table, names: AnalyteNames, said: Mapping[str, Sequence[str]]) -> list[Column]:
    """As guessed from the headers, unless somebody said (role, unit)."""
    guessed = guess(table.header, names)
    return [Column(each.header, *said.get(each.header, (each.role, each.unit))) for each in guessed]


def look(
    user: User,
    table: Table,
    columns: list[Column],
    names: AnalyteNames,
    known: dict[str, Analyte],
    options: Options,
    *,
    ticked: Iterable[str],
) -> tuple[Plan | None, list[str]]:
    """What storing would do; or the sentences that say why the table cannot be read as it is mapped."""
    try:
        read = read_rows(table, columns, names, options)
    except ImportRefused as error:
        return None, error.sentences
    plan = make_plan(
        user, read.readings, read.errors, known, registers_draws=options.registers_draws, ticked=set(ticked)
    )
    if len(plan.of(State.ASKS)) > LISTED:
        rule = _("%(n)s values are unusual, more than anybody can confirm one by one: are the units right?")
        return plan, [rule % {"n": len(plan.of(State.ASKS))}]
    return plan, []
