"""Reads of blood results. For a whole cohort: a constant number of queries, through any database alias."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from labs.blood.models import Analyte, BloodResult
from labs.blood.window import Anchor, Choice, Draw, choose_draw
from labs.measured import FactRef, Measured
from labs.specimens.models import Specimen
from registry.clinical.models import Precision, Treatment
from registry.cohorts.models import Cohort, IndexEvent
from registry.patients.models import Enrolment

# One wording for every patient and every language: these go into the notes of frames.
DECLARED_MARK = "some values are of draws declared as baseline, without a date"
LIMIT_MARK = "some values were reported as beyond a limit; the limit is used"

_ANCHOR_NAMES = {
    IndexEvent.FIRST_ICI: "the first ICI dose",
    IndexEvent.RESECTION: "the resection",
    IndexEvent.DIAGNOSIS: "the diagnosis",
}


def analytes() -> dict[str, Analyte]:
    """All analytes by code with their spellings: what an import asks once."""
    rows = Analyte.objects.filter(retired_reason="").prefetch_related("spellings")
    return {analyte.code: analyte for analyte in rows}


def results_of_draw(specimen: Specimen) -> dict[int, BloodResult]:
    """The newest revision of each analyte, retracted ones too: a retracted result is corrected, not entered anew."""
    rows = BloodResult.objects.filter(specimen=specimen, successor__isnull=True).select_related("analyte", "specimen")
    return {row.analyte_id: row for row in rows}


def revisions_of(result: BloodResult) -> list[BloodResult]:
    """All revisions of the same result, oldest first."""
    rows = BloodResult.objects.filter(specimen_id=result.specimen_id, analyte_id=result.analyte_id)
    return list(rows.select_related("analyte").order_by("version"))


@dataclass(frozen=True)
class _Found:
    """A current result with its draw."""

    enrolment_id: int
    analyte: str
    value: float | None
    comparator: str
    coded: str
    result: FactRef
    specimen: FactRef
    draw: Draw


def baseline_blood(cohort: Cohort, analyte_codes: Sequence[str], using: str = "default") -> dict[str, list[Measured]]:
    """Per analyte the baseline value of each enrolment that has one, by the window rule."""
    explained = explain_baseline_blood(cohort, analyte_codes, using)
    return {code: [item for item in items if item.value is not None] for code, items in explained.items()}


def explain_baseline_blood(
    cohort: Cohort, analyte_codes: Sequence[str], using: str = "default", *, patient_id: int | None = None
) -> dict[str, list[Measured]]:
    """As baseline_blood, with every enrolment, or one patient's: where there is no value, the note says why."""
    anchors = _anchors(cohort, using, patient_id)
    found = _found(cohort, analyte_codes, using, patient_id)
    return {
        code: [
            _measured(enrolment_id, anchor, dose, found.get((code, enrolment_id), []))
            for enrolment_id, (anchor, dose) in anchors.items()
        ]
        for code in analyte_codes
    }


def _measured(enrolment_id: int, anchor: Anchor, dose: FactRef | None, found: list[_Found]) -> Measured:
    choice = choose_draw([item.draw for item in found], anchor)
    if choice.winner is None:
        return Measured(enrolment_id, None, choice.sentences())
    taken = next(item for item in found if item.draw is choice.winner)
    references = [taken.result, taken.specimen]
    # The dose decided only when the draw was placed by its date.
    if dose is not None and not choice.is_declared:
        references.append(dose)
    return Measured(
        enrolment_id,
        taken.value,
        _note(choice, taken),
        tuple(references),
        comparator=taken.comparator,
        specimen=choice.winner.code,
        mark=_mark(choice, taken),
    )


def _note(choice: Choice, taken: _Found) -> str:
    return f"{choice.sentences()} ({taken.coded})" if taken.coded else choice.sentences()


def _mark(choice: Choice, taken: _Found) -> str:
    marks = ([DECLARED_MARK] if choice.is_declared else []) + ([LIMIT_MARK] if taken.comparator else [])
    return "; ".join(marks)


def _found(
    cohort: Cohort, analyte_codes: Iterable[str], using: str, patient_id: int | None
) -> dict[tuple[str, int], list[_Found]]:
    rows = (
        BloodResult.objects.using(using)
        .for_analysis()
        .filter(
            analyte__code__in=list(analyte_codes),
            specimen__retired_reason="",
            specimen__patient__enrolments__cohort_id=cohort.pk,
            specimen__patient__enrolments__retired_reason="",
            **({"specimen__patient_id": patient_id} if patient_id else {}),
        )
        .order_by("pk")
        .values_list(
            "specimen__patient__enrolments__pk",
            "analyte__code",
            "value",
            "comparator",
            "coded",
            "pk",
            "version",
            "specimen_id",
            "specimen__version",
            "specimen__code",
            "specimen__collected",
            "specimen__precision",
        )
    )
    found: dict[tuple[str, int], list[_Found]] = defaultdict(list)
    for enrolment_id, code, value, sign, coded, pk, version, draw_pk, draw_version, draw_code, day, precision in rows:
        draw = Draw(draw_code, day, draw_pk, is_exact_day=precision == Precision.DAY)
        result = FactRef("bloodresult", pk, version, f"{draw_code} {code}")
        specimen = FactRef("specimen", draw_pk, draw_version, draw_code)
        found[code, enrolment_id].append(_Found(enrolment_id, code, value, sign, coded, result, specimen, draw))
    return found


def _anchors(cohort: Cohort, using: str, patient_id: int | None) -> dict[int, tuple[Anchor, FactRef | None]]:
    """Per enrolment the day that the window ends on, and the fact that says so."""
    name = _ANCHOR_NAMES[IndexEvent(cohort.index_event)]
    of_patient = {"patient_id": patient_id} if patient_id else {}
    doses = _first_doses(cohort, using, of_patient) if cohort.index_event == IndexEvent.FIRST_ICI else {}
    enrolments = (
        Enrolment.objects.using(using)
        .filter(cohort_id=cohort.pk, retired_reason="", **of_patient)
        .order_by("patient__study_number")
        .values_list("pk", "version", "patient_id", "patient__study_number", "index_date")
    )
    anchors: dict[int, tuple[Anchor, FactRef | None]] = {}
    for pk, version, patient_id, study_number, index_date in enrolments:
        day, fact = doses.get(patient_id, (index_date, FactRef("enrolment", pk, version, study_number)))
        anchors[pk] = Anchor(day, name), fact if day else None
    return anchors


def _first_doses(cohort: Cohort, using: str, of_patient: dict[str, int]) -> dict[int, tuple[date | None, FactRef]]:
    """The earliest dose of each patient; without a day when it is known to the month or the year only."""
    rows = (
        Treatment.objects.using(using)
        .filter(
            kind=Treatment.Kind.ICI,
            retired_reason="",
            patient__enrolments__cohort_id=cohort.pk,
            patient__enrolments__retired_reason="",
            **of_patient,
        )
        .order_by("-start", "-pk")
        .values_list("patient_id", "start", "start_precision", "pk", "version", "patient__study_number")
    )
    return {
        patient_id: (start if precision == Precision.DAY else None, FactRef("treatment", pk, version, study_number))
        for patient_id, start, precision, pk, version, study_number in rows
    }
