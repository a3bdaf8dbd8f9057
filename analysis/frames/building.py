"""Facts → frame. Everything is read through one alias, in one read transaction that the caller holds."""

from dataclasses import dataclass, field
from typing import Any

from analysis.frames.columns import Column, load_column
from analysis.frames.constants import load_constants
from analysis.frames.frame import Frame, no_value
from analysis.frames.narrowing import Part, left_outside
from analysis.frames.pairs import load_pairs
from analysis.frames.reader_columns import load_reader_columns
from analysis.frames.request import FrameRequest
from analysis.frames.response import load_response
from registry.models import Cohort, Enrolment
from registry.outcomes.selectors import derived_outcomes

PLAIN_REASONS = {
    Enrolment.Eligibility.PENDING: "eligibility not yet known",
    Enrolment.Eligibility.INELIGIBLE: "not eligible",
}


@dataclass
class _Draft:
    rows: dict[int, dict[str, Any]]
    left_out: list[dict[str, str]]
    notes: set[str] = field(default_factory=set)
    absences: dict[str, dict[str, str]] = field(default_factory=dict)
    # (patient, column) → references of the facts
    facts: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)

    def drop(self, enrolment_id: int, reason: str) -> None:
        row = self.rows.pop(enrolment_id, None)
        if row is not None:
            self.left_out.append({"patient": row["patient"], "reason": reason})


@dataclass(frozen=True)
class _Timed:
    months: float
    event: bool | None


@dataclass(frozen=True)
class BuiltFrame:
    frame: Frame
    # [[patient, column, [fact, …]], …]: which rows each number was taken from
    facts: list[tuple[str, str, tuple[str, ...]]]


def build_frame(cohort: Cohort, request: FrameRequest, using: str, part: Part | None = None) -> BuiltFrame:
    draft = _Draft({}, []) if request.nobody else _members(cohort, using)
    constants = load_constants(cohort, request, using)
    if part is not None:
        for enrolment_id, reason in list(left_outside(cohort, part, list(draft.rows), using)):
            draft.drop(enrolment_id, reason)
        constants["subcohort"] = part.as_constant()
    if request.endpoint:
        _add_outcomes(draft, cohort, request, using)
    if request.competing:
        _add_competing(draft, cohort, request.competing, using)
    if request.response:
        constants["response"] = _add_response(draft, cohort, using)
    columns = {}
    for variable in request.parsed:
        column = load_column(cohort, variable, using)
        columns[variable.name] = column.description
        _add_column(draft, variable.name, column, required=variable.name in request.required)
    for name in request.by_reader:
        for reader, column in load_reader_columns(cohort, name, using).items():
            columns[reader] = column.description
            _add_column(draft, reader, column, required=False)
    for marker in request.pairs:
        columns |= _add_pairs(draft, cohort, marker, using)
    rows = sorted(draft.rows.values(), key=lambda row: str(row["patient"]))
    frame = Frame(rows, draft.left_out, columns, constants, sorted(draft.notes), draft.absences)
    kept = {row["patient"] for row in rows}
    return BuiltFrame(frame.canonical(), sorted(fact for fact in draft.facts if fact[0] in kept))


def _members(cohort: Cohort, using: str) -> _Draft:
    """Eligible, not withdrawn; withdrawn patients are not even listed among those left out."""
    members = (
        Enrolment.objects.using(using)
        .filter(cohort_id=cohort.pk, withdrawn_on__isnull=True, retired_reason="")
        .values_list("pk", "patient__study_number", "eligibility")
    )
    draft = _Draft(rows={}, left_out=[])
    for pk, study_number, eligibility in members:
        if eligibility == Enrolment.Eligibility.ELIGIBLE:
            draft.rows[pk] = {"patient": study_number}
        else:
            reason = PLAIN_REASONS[Enrolment.Eligibility(eligibility)]
            draft.left_out.append({"patient": study_number, "reason": reason})
    return draft


def _add_outcomes(draft: _Draft, cohort: Cohort, request: FrameRequest, using: str) -> None:
    found = _outcomes(draft, cohort, str(request.endpoint), using, keeps=request.keeps_unfollowed)
    for enrolment_id, row in draft.rows.items():
        outcome = found.get(enrolment_id)
        row |= {"months": outcome.months, "event": outcome.event} if outcome else {"months": None, "event": None}


def _add_competing(draft: _Draft, cohort: Cohort, endpoint: str, using: str) -> None:
    """Time runs to whichever event comes first; on one day the event of interest counts."""
    for enrolment_id, other in _outcomes(draft, cohort, endpoint, using).items():
        row = draft.rows[enrolment_id]
        is_first = other.months < row["months"] or (other.months == row["months"] and not row["event"])
        row["competing"] = bool(other.event) and is_first
        if row["competing"]:
            row |= {"months": other.months, "event": False}


def _outcomes(draft: _Draft, cohort: Cohort, endpoint: str, using: str, *, keeps: bool = False) -> dict[int, _Timed]:
    """Of those who have it; the others are left out, or kept with the reason why there is none."""
    derived = {outcome.enrolment_id: outcome for outcome in derived_outcomes(cohort, endpoint, using=using)}
    found = {}
    for enrolment_id in list(draft.rows):
        outcome = derived.get(enrolment_id)
        if outcome is None or outcome.months is None:
            reason = outcome.undefined_reason if outcome else f"{endpoint} is not defined in this cohort"
            if keeps:
                draft.absences.setdefault(draft.rows[enrolment_id]["patient"], {})["months"] = str(reason)
            else:
                draft.drop(enrolment_id, f"no {endpoint}: {reason}")
            continue
        found[enrolment_id] = _Timed(outcome.months, outcome.event)
        if outcome.is_imported:
            draft.notes.add(f"{endpoint} of some patients was imported as months without dates.")
        if outcome.is_uncertain:
            draft.notes.add(f"{endpoint} of some patients rests on a date known to the month or year only.")
    return found


def _add_response(draft: _Draft, cohort: Cohort, using: str) -> str:
    found, definitions = load_response(cohort, using)
    for enrolment_id in list(draft.rows):
        response = found.get(enrolment_id)
        if response is None:
            draft.drop(enrolment_id, "no response")
        else:
            draft.rows[enrolment_id]["responder"] = response.is_responder
            draft.facts.append((draft.rows[enrolment_id]["patient"], "responder", (response.fact,)))
    return "; ".join(sorted(definitions))


def _add_column(draft: _Draft, name: str, column: Column, *, required: bool) -> None:
    label = column.description["label"]
    found = {cell.enrolment_id: cell for cell in column.cells}
    for enrolment_id in list(draft.rows):
        row, cell = draft.rows[enrolment_id], found.get(enrolment_id)
        if cell is None or cell.value is None:
            row[name] = None
            why = cell.absence if cell else ""
            if required:
                draft.drop(enrolment_id, no_value(label, why))
            elif why:
                draft.absences.setdefault(row["patient"], {})[name] = why
            continue
        row[name] = cell.value
        draft.facts.append((row["patient"], name, cell.facts))
        if cell.mark:
            draft.notes.add(f"{label}: {cell.mark}")


def _add_pairs(draft: _Draft, cohort: Cohort, marker: str, using: str) -> dict[str, Any]:
    """Whoever has a value by any method on either tissue stays; what is not there is None."""
    found = load_pairs(cohort, marker, using)
    names = sorted({name for cells in found.cells.values() for name in cells})
    for enrolment_id in list(draft.rows):
        if enrolment_id not in found.cells:
            draft.drop(enrolment_id, f"no tissue with a value of {marker}")
            continue
        draft.rows[enrolment_id] |= dict.fromkeys(names) | found.cells[enrolment_id]
    for enrolment_id, name, refs in found.facts:
        if enrolment_id in draft.rows:
            draft.facts.append((draft.rows[enrolment_id]["patient"], name, refs))
    return found.descriptions
