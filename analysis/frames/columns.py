"""Variable → one cell per enrolment, each with the facts that it was taken from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from analysis.frames.variables import INDEX_PARTS, Variable
from labs.blood.indices import IndexInput, IndexRefused, pni
from labs.blood.selectors import baseline_blood
from labs.blood.units import printed
from labs.expression.selectors import gene_values
from labs.ihc.selectors import ihc_values
from labs.markers.models import Scale
from labs.measured import Measured
from labs.models import Analyte, Marker
from labs.wetlab.selectors import blot_values, fold_values
from registry.clinical.liver.albi import albi
from registry.clinical.liver.quantities import Quantity, StagingRefused
from registry.models import Baseline, Cohort, Enrolment, ExtraValue, ExtraVariable, Patient
from registry.patients.models import Sex


@dataclass(frozen=True)
class Cell:
    enrolment_id: int
    value: Any
    facts: tuple[str, ...]
    # why the value needs a mark wherever it is shown; empty for an ordinary one
    mark: str = ""
    # why there is no value, where that is known
    absence: str = ""


@dataclass(frozen=True)
class Column:
    description: dict[str, Any]
    cells: list[Cell]


def load_column(cohort: Cohort, variable: Variable, using: str) -> Column:
    return _LOADERS[variable.source](cohort, variable, using)


def cells_of(measured: list[Measured]) -> list[Cell]:
    return [
        Cell(
            item.enrolment_id,
            item.value,
            tuple(f"{fact.model} {fact.pk} v{fact.version}" for fact in item.facts),
            item.mark,
            item.absence,
        )
        for item in measured
    ]


def _ihc(cohort: Cohort, variable: Variable, using: str) -> Column:
    marker = Marker.objects.using(using).filter(code=variable.code).first()
    unit = "cells per field" if marker and marker.scale == Scale.FIELDS else marker.unit if marker else ""
    description = {"label": variable.label, "unit": unit, "scale": marker.scale if marker else ""}
    return Column(description, cells_of(ihc_values(cohort, variable.code, variable.specimen, using=using)))


def _blot(cohort: Cohort, variable: Variable, using: str) -> Column:
    description = {"label": f"{variable.label} (Western)", "unit": "ratio"}
    return Column(description, cells_of(blot_values(cohort, variable.code, variable.specimen, using=using)))


def _qpcr(cohort: Cohort, variable: Variable, using: str) -> Column:
    description = {"label": f"{variable.label} (qPCR)", "unit": "fold"}
    return Column(description, cells_of(fold_values(cohort, variable.code, variable.specimen, using=using)))


def _blood(cohort: Cohort, variable: Variable, using: str) -> Column:
    analyte = Analyte.objects.using(using).filter(code=variable.code).first()
    unit = analyte.unit if analyte else ""
    # UCUM writes what has no unit in braces: {ratio}
    shown = "" if unit.startswith("{") else printed(unit)
    description = {"label": analyte.name if analyte else variable.code, "unit": shown}
    found = baseline_blood(cohort, (variable.code,), using=using)
    return Column(description, cells_of(found[variable.code]))


def _index(cohort: Cohort, variable: Variable, using: str) -> Column:
    parts = INDEX_PARTS[variable.code]
    units = dict(Analyte.objects.using(using).filter(code__in=parts).values_list("code", "unit"))
    found = baseline_blood(cohort, parts, using=using)
    one, two = ({item.enrolment_id: item for item in found[part]} for part in parts)
    both = sorted(set(one) & set(two))
    cells = [
        _index_cell(_INDICES[variable.code], (one[pk], units[parts[0]]), (two[pk], units[parts[1]])) for pk in both
    ]
    return Column({"label": variable.code, "unit": ""}, cells)


def _index_cell(
    compute: Callable[[IndexInput, IndexInput], float], first: tuple[Measured, str], second: tuple[Measured, str]
) -> Cell:
    (one, one_unit), (two, two_unit) = first, second
    facts = tuple(f"{fact.model} {fact.pk} v{fact.version}" for fact in (*one.facts, *two.facts))
    if one.value is None or two.value is None:
        return Cell(one.enrolment_id, None, ())
    try:
        value = compute(
            IndexInput(one.value, one_unit, one.comparator), IndexInput(two.value, two_unit, two.comparator)
        )
    except (IndexRefused, StagingRefused):
        return Cell(one.enrolment_id, None, ())
    return Cell(one.enrolment_id, value, facts, one.mark or two.mark)


def _pni(albumin: IndexInput, lymphocytes: IndexInput) -> float:
    return pni(albumin, lymphocytes).value


def _albi(albumin: IndexInput, bilirubin: IndexInput) -> float:
    quantities = [Quantity(given.value, given.unit, given.comparator) for given in (bilirubin, albumin)]
    return albi(*quantities).score


_INDICES: dict[str, Callable[[IndexInput, IndexInput], float]] = {"PNI": _pni, "ALBI": _albi}


def _baseline(cohort: Cohort, variable: Variable, using: str) -> Column:
    if variable.code == "sex":
        return _sex(cohort, using)
    field = Baseline._meta.get_field(variable.code)
    rows = Baseline.objects.using(using).filter(enrolment__cohort_id=cohort.pk)
    description = {"label": str(getattr(field, "verbose_name", variable.code)), "unit": ""}
    cells = [
        Cell(row.enrolment_id, getattr(row, variable.code), (f"baseline {row.pk} v{row.version}",))
        for row in rows
        if getattr(row, variable.code) not in (None, "")
    ]
    return Column(description, cells)


def _sex(cohort: Cohort, using: str) -> Column:
    """A fact of the patient, whose changes stand in the stream of the baseline."""
    known = Enrolment.objects.using(using).filter(cohort_id=cohort.pk).exclude(patient__sex=Sex.UNKNOWN)
    rows = known.values_list("pk", "patient__sex", "patient_id", "patient__version")
    levels = {str(value): str(label) for value, label in Sex.choices if value != Sex.UNKNOWN}
    cells = [Cell(pk, sex, (f"patient {patient} v{version}",)) for pk, sex, patient, version in rows]
    return Column({"label": str(Patient._meta.get_field("sex").verbose_name), "unit": "", "levels": levels}, cells)


def _extra(cohort: Cohort, variable: Variable, using: str) -> Column:
    definition = ExtraVariable.objects.using(using).filter(cohort_id=cohort.pk, code=variable.code).first()
    if definition is None:
        return Column({"label": variable.code, "unit": ""}, [])
    rows = ExtraValue.objects.using(using).filter(variable=definition, retired_reason="")
    description = {"label": definition.label, "unit": definition.unit, "levels": definition.levels}
    is_number = definition.type == ExtraVariable.Type.NUMBER
    cells = [
        Cell(row.enrolment_id, row.number if is_number else row.text, (f"extravalue {row.pk} v{row.version}",))
        for row in rows
    ]
    return Column(description, cells)


def _gene(cohort: Cohort, variable: Variable, using: str) -> Column:
    stored, measured = gene_values(cohort, variable.code, using)
    return Column({"label": variable.code, "unit": stored.unit if stored else ""}, cells_of(measured))


_LOADERS: dict[str, Callable[[Cohort, Variable, str], Column]] = {
    "ihc": _ihc,
    "blot": _blot,
    "qpcr": _qpcr,
    "blood": _blood,
    "index": _index,
    "baseline": _baseline,
    "extra": _extra,
    "gene": _gene,
}
