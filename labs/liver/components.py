"""The laboratory components of Child–Pugh from a patient's blood: by the same window rule as every baseline value."""

from dataclasses import dataclass

from labs.blood.models import BloodResult
from labs.blood.selectors import explain_baseline_blood
from labs.blood.units import normalised
from registry.clinical.liver.computing import Measured
from registry.clinical.liver.quantities import Quantity
from registry.patients.models import Enrolment

ANALYTES = {"bilirubin": "TBIL", "albumin": "ALB", "clotting": "INR"}
# what the rules call the canonical unit of the analyte
UNITS = {"bilirubin": "umol/L", "albumin": "g/L", "clotting": "INR"}
_PER_MILLIGRAM = 17.104


@dataclass(frozen=True)
class Component:
    """`measured` is None when there is no value in the window; `note` then says why."""

    measured: Measured | None
    note: str


def blood_components(enrolment: Enrolment) -> dict[str, Component]:
    explained = explain_baseline_blood(enrolment.cohort, list(ANALYTES.values()), patient_id=enrolment.patient_id)
    found: dict[str, Component] = {}
    for name, code in ANALYTES.items():
        item = next((one for one in explained[code] if one.enrolment_id == enrolment.pk), None)
        if item is None or item.value is None:
            found[name] = Component(None, item.note if item else "")
            continue
        fact = item.facts[0]
        quantity = Quantity(item.value, UNITS[name], item.comparator)
        if name == "bilirubin":
            quantity = _as_reported(quantity, fact.pk)
        found[name] = Component(Measured(quantity, f"{fact.model} {fact.pk} v{fact.version}", fact.code), item.note)
    return found


def _as_reported(quantity: Quantity, pk: int) -> Quantity:
    """Bilirubin in mg/dL keeps its own bounds: 3.0 mg/dL is two points, 51.3 µmol/L three."""
    unit = BloodResult.objects.values_list("entered_unit", flat=True).get(pk=pk)
    if normalised(unit) != "mg/dl":
        return quantity
    return Quantity(round(quantity.value / _PER_MILLIGRAM, 6), "mg/dL", quantity.comparator)
