"""Everything that is known of a cohort's patients, as one table: what a snapshot keeps of the data themselves."""

from collections.abc import Iterable

from analysis.frames.building import BuiltFrame, build_frame
from analysis.frames.candidates import cohort_variables
from analysis.frames.columns import load_column
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.frames.response import load_response
from analysis.frames.variables import parse
from registry.cohorts.endpoints import cohort_endpoints
from registry.models import Cohort, Enrolment
from registry.outcomes.selectors import derived_outcomes
from registry.patients.members import cohort_enrolments

RESPONDER = "responder"


def freeze(cohort: Cohort, using: str) -> BuiltFrame:
    """One row per eligible enrolment: every endpoint, the response, every variable of which anybody has a value.

    Nobody is left out for what is missing. Call it inside one read transaction of `using`.
    """
    built = build_frame(cohort, FrameRequest(variables=variables_with_values(cohort, using)), using)
    rows = {str(row["patient"]): dict(row) for row in built.frame.rows}
    columns, constants, notes = dict(built.frame.columns), dict(built.frame.constants), set(built.frame.notes)
    facts = list(built.facts)
    for endpoint in cohort_endpoints(cohort, using):
        columns |= _add_endpoint(rows, cohort, endpoint.code, notes, using)
    found, definitions = load_response(cohort, using)
    if found:
        columns[RESPONDER] = {"label": RESPONDER, "unit": ""}
        constants["response"] = "; ".join(sorted(definitions))
        facts += _add_response(
            rows, cohort_enrolments(cohort, using), {pk: (r.is_responder, r.fact) for pk, r in found.items()}
        )
    frame = Frame(list(rows.values()), built.frame.left_out, columns, constants, sorted(notes), built.frame.absences)
    return BuiltFrame(frame.canonical(), sorted(facts))


def variables_with_values(cohort: Cohort, using: str) -> tuple[str, ...]:
    """Of which somebody has one."""
    return tuple(
        name
        for name in cohort_variables(cohort, using)
        if any(cell.value is not None for cell in load_column(cohort, parse(name), using).cells)
    )


def _add_endpoint(
    rows: dict[str, dict[str, object]], cohort: Cohort, endpoint: str, notes: set[str], using: str
) -> dict[str, dict[str, str]]:
    months, event = f"{endpoint}.months", f"{endpoint}.event"
    for row in rows.values():
        row[months] = row[event] = None
    for outcome in derived_outcomes(cohort, endpoint, using=using):
        if outcome.study_number in rows and outcome.months is not None:
            rows[outcome.study_number] |= {months: outcome.months, event: outcome.event}
            if outcome.is_imported:
                notes.add(f"{endpoint} of some patients was imported as months without dates.")
            if outcome.is_uncertain:
                notes.add(f"{endpoint} of some patients rests on a date known to the month or year only.")
    return {months: {"label": f"{endpoint}", "unit": "months"}, event: {"label": f"{endpoint}, event", "unit": ""}}


def _add_response(
    rows: dict[str, dict[str, object]], enrolments: Iterable[Enrolment], found: dict[int, tuple[bool, str]]
) -> list[tuple[str, str, tuple[str, ...]]]:
    facts: list[tuple[str, str, tuple[str, ...]]] = []
    for row in rows.values():
        row[RESPONDER] = None
    for enrolment in enrolments:
        patient = enrolment.patient.study_number
        if enrolment.pk in found and patient in rows:
            is_responder, fact = found[enrolment.pk]
            rows[patient][RESPONDER] = is_responder
            facts.append((patient, RESPONDER, (fact,)))
    return facts
