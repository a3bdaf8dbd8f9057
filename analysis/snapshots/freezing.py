"""Everything that is known of a cohort's patients, as one table: what a snapshot keeps of the data themselves."""

from collections.abc import Iterable, Iterator

from analysis.frames.building import BuiltFrame, build_frame
from analysis.frames.columns import load_column
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.frames.response import load_response
from analysis.frames.variables import INDEX_PARTS, SPECIMEN_SOURCES, Variable
from labs.specimens.models import SpecimenKind
from registry.cohorts.endpoints import cohort_endpoints
from registry.log.models import Stream
from registry.models import Baseline, Cohort, Enrolment
from registry.outcomes.selectors import derived_outcomes
from registry.patients.members import cohort_enrolments

RESPONDER = "responder"
# Columns of the baseline that are keys and bookkeeping.
_NO_FACTS = {"id", "version", "retired_reason", "enrolment"}


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
    """Of those whose streams say that something was ever written."""
    return tuple(
        variable.name
        for variable in _candidates(cohort, using)
        if any(cell.value is not None for cell in load_column(cohort, variable, using).cells)
    )


def _candidates(cohort: Cohort, using: str) -> Iterator[Variable]:
    streams = Stream.objects.using(using).filter(cohort_id=cohort.pk, version__gt=0)
    domains = sorted(streams.values_list("domain", flat=True))
    for domain in domains:
        source, _slash, code = domain.partition("/")
        if source in SPECIMEN_SOURCES:
            for kind in SpecimenKind.values:
                if kind != SpecimenKind.BLOOD:
                    yield Variable(source, code, kind)
        elif source in ("blood", "extra") and code:
            yield Variable(source, code)
    yield from (
        Variable("index", code) for code, parts in INDEX_PARTS.items() if {f"blood/{p}" for p in parts} <= {*domains}
    )
    yield Variable("baseline", "sex")
    for field in Baseline._meta.concrete_fields:
        if field.name not in _NO_FACTS and not field.is_relation:
            yield Variable("baseline", field.name)


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
