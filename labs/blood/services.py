"""Writes of blood results. A value is stored as it was entered and in the analyte's unit, or refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.blood.analytes import Spelling, analyte_set
from labs.blood.history import BloodHistory, blood_history
from labs.blood.models import Analyte, BloodResult
from labs.blood.reading import Entered, read_result
from labs.revisions import record, record_many, supersede
from labs.specimens.models import Specimen, SpecimenKind
from labs.specimens.services import specimen_create
from registry.log.actors import Actor
from registry.log.recording import recording
from registry.patients.models import Patient

__all__ = [
    "PanelRefused",
    "PanelRow",
    "Spelling",
    "analyte_set",
    "blood_panel_record",
    "blood_result_correct",
    "blood_result_record",
    "blood_result_retract",
    "blood_results_record",
    "draw_panel_record",
]


@dataclass(frozen=True)
class PanelRow:
    """One row of a panel. With `corrects` it supersedes that result, and then needs a reason."""

    analyte: Analyte
    entered: Entered
    corrects: BloodResult | None = None
    reason: str = ""


class PanelRefused(ValidationError):
    """Nothing of the panel was stored; `rows` tells by row index and field what must be mended."""

    def __init__(self, rows: dict[int, ValidationError]) -> None:
        self.rows = rows
        super().__init__([f"{index + 1}: {text}" for index, error in rows.items() for text in error.messages])


def blood_result_record(
    *,
    specimen: Specimen,
    analyte: Analyte,
    value: str | float,
    unit: str = "",
    loinc: str = "",
    accept_unusual: bool = False,
    decimal_comma: bool = False,
    by: Actor,
    reason: str = "",
) -> BloodResult:
    entered = Entered(value, unit, loinc, accept_unusual, decimal_comma)
    previous = blood_history([specimen]).before(specimen, analyte)
    return record(read_result(specimen, analyte, entered, previous), by=by, reason=reason)


def blood_results_record(
    *, specimen: Specimen, entered: Mapping[Analyte, Entered], by: Actor, reason: str = ""
) -> list[BloodResult]:
    """The first results of a draw at once, for imports: the first that is refused refuses all."""
    history = blood_history([specimen])
    results = [
        read_result(specimen, analyte, each, history.before(specimen, analyte)) for analyte, each in entered.items()
    ]
    return record_many(results, by=by, reason=reason)


def blood_result_correct(
    *,
    result: BloodResult,
    value: str | float,
    unit: str = "",
    loinc: str = "",
    accept_unusual: bool = False,
    decimal_comma: bool = False,
    by: Actor,
    reason: str,
) -> BloodResult:
    """`result` is the revision that the corrector saw: StaleWrite when it is not the newest any more."""
    _require(reason, _("Say why the result is corrected."))
    entered = Entered(value, unit, loinc, accept_unusual, decimal_comma)
    previous = blood_history([result.specimen]).before(result.specimen, result.analyte)
    new = read_result(result.specimen, result.analyte, entered, previous)
    return supersede(result, new, by=by, reason=reason.strip())


def blood_result_retract(*, result: BloodResult, is_received: bool = False, by: Actor, reason: str) -> BloodResult:
    """`is_received` when its sender takes it back, not a person."""
    _require(reason, _("Say why the result is retracted."))
    new = BloodResult(
        is_received=is_received,
        **{
            name: getattr(result, name)
            for name in (
                "specimen",
                "analyte",
                "comparator",
                "value",
                "coded",
                "is_unusual_accepted",
                "unusual_by",
                "entered_value",
                "entered_unit",
                "status",
            )
        },
    )
    return supersede(result, new, by=by, reason=reason.strip(), retract=True)


def blood_panel_record(
    *, specimen: Specimen, rows: Sequence[PanelRow], by: Actor, reason: str = ""
) -> list[BloodResult]:
    """All rows of a draw in one transaction, or none: PanelRefused carries the errors of every row."""
    stored: list[BloodResult] = []
    errors: dict[int, ValidationError] = {}
    history = blood_history([specimen])
    with recording(by, reason):
        for index, row in enumerate(rows):
            try:
                stored.append(_panel_row(specimen, row, history, by))
            except ValidationError as error:
                errors[index] = error
        if errors:
            raise PanelRefused(errors)
    return stored


def draw_panel_record(
    *, patient: Patient, code: str, collected: date, rows: Sequence[PanelRow], by: Actor, reason: str = ""
) -> Specimen:
    """Registers a draw with its panel, or neither."""
    with recording(by, reason):
        draw = specimen_create(
            patient=patient, code=code, kind=SpecimenKind.BLOOD, collected=collected, by=by, reason=reason
        )
        blood_panel_record(specimen=draw, rows=rows, by=by, reason=reason)
    return draw


def _panel_row(specimen: Specimen, row: PanelRow, history: BloodHistory, by: Actor) -> BloodResult:
    new = read_result(specimen, row.analyte, row.entered, history.before(specimen, row.analyte))
    if row.corrects is None:
        return record(new, by=by)
    _require(row.reason, _("Say why the result is corrected."))
    return supersede(row.corrects, new, by=by, reason=row.reason.strip())


def _require(reason: str, message: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": message})
