"""What the laboratory adds to a patient's page: lanes of the timeline, all measurements, the baseline values."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labs.blood.indices import IndexInput, IndexRefused, pni
from labs.blood.models import BloodResult
from labs.blood.selectors import explain_baseline_blood
from labs.blood.units import printed
from labs.liver.discord import discords
from labs.measured import Measured
from labs.specimens.access import BENCH
from labs.specimens.models import Specimen, SpecimenKind
from labs.specimens.selectors import measurements
from registry.clinical.liver.models import LiverAssessment
from registry.clinical.models import Precision
from registry.cohorts.access import visible_cohorts
from registry.cohorts.models import Cohort
from registry.extensions import Lane, Mark
from registry.patients.models import Enrolment, Patient
from registry.people.models import User
from registry.people.roles import RECORDING

PNI_PARTS = ("ALB", "LYM")


@dataclass(frozen=True)
class BaselineRow:
    name: str
    value: str
    why: str


@dataclass(frozen=True)
class Baseline:
    cohort: Cohort
    rows: list[BaselineRow]


def measurements_of(user: User, patient: Patient) -> dict[str, Any]:
    specimens = Specimen.objects.filter(patient=patient, retired_reason="")
    measured = measurements(user, specimens)
    return {
        "patient": patient,
        "specimens": list(specimens.order_by("collected", "code")),
        "measured": measured,
        "baselines": _baselines(user, patient, measured.blood),
        "may_record": user.has_role(*BENCH),
    }


def liver_of(user: User, patient: Patient) -> dict[str, Any] | None:
    """Per cohort of the patient the stored Child–Pugh, ALBI and BCLC with what they were computed from."""
    members = Enrolment.objects.filter(patient=patient, cohort__in=visible_cohorts(user), retired_reason="")
    found = {row.enrolment_id: row for row in LiverAssessment.objects.filter(enrolment__in=members, retired_reason="")}
    rows = [(row, found.get(row.pk)) for row in members.filter(withdrawn_on=None).select_related("cohort")]
    if not rows:
        return None
    return {"patient": patient, "rows": rows, "may_record": user.has_role(*RECORDING)}


def staging_of(user: User, cohort: Cohort) -> dict[str, Any]:
    return {"count": len(discords([cohort])), "cohort": cohort}


def specimen_lanes(user: User, patient: Patient) -> list[Lane]:
    dated = list(Specimen.objects.filter(patient=patient, retired_reason="", collected__isnull=False))
    tissue = [_mark(specimen) for specimen in dated if specimen.kind != SpecimenKind.BLOOD]
    blood = [_mark(specimen) for specimen in dated if specimen.kind == SpecimenKind.BLOOD]
    lanes: list[tuple[str | Promise, list[Mark]]] = [
        (gettext_lazy("Tissue"), tissue),
        (gettext_lazy("Blood draws"), blood),
    ]
    return [Lane(label, marks) for label, marks in lanes if marks]


def _mark(specimen: Specimen) -> Mark:
    assert specimen.collected is not None  # noqa: S101  # filtered by the caller
    return Mark(
        day=specimen.collected,
        label=f"{specimen.get_kind_display()} {specimen.code}",
        is_uncertain=specimen.precision != Precision.DAY,
        url=reverse("labs:specimen", args=[specimen.pk]),
    )


def _baselines(user: User, patient: Patient, blood: Iterable[BloodResult]) -> list[Baseline]:
    """Per cohort of the patient the value that analyses take, with the sentence that says why that one."""
    analytes = {result.analyte.code: result.analyte for result in blood}
    if not analytes:
        return []
    cohorts = visible_cohorts(user).filter(enrolments__patient=patient, enrolments__retired_reason="")
    return [_baseline(cohort, patient, analytes) for cohort in cohorts]


def _baseline(cohort: Cohort, patient: Patient, analytes: dict[str, Any]) -> Baseline:
    explained = explain_baseline_blood(cohort, list(analytes), patient_id=patient.pk)
    found = {code: items[0] for code, items in explained.items() if items}
    rows = [_row(analytes[code].name, analytes[code].unit, item) for code, item in sorted(found.items())]
    if all(code in found and found[code].value is not None for code in PNI_PARTS):
        albumin, lymphocytes = PNI_PARTS
        units = (analytes[albumin].unit, analytes[lymphocytes].unit)
        rows.append(_pni_row(found[albumin], found[lymphocytes], units))
    return Baseline(cohort, rows)


def _row(name: str, unit: str, item: Measured) -> BaselineRow:
    value = "—" if item.value is None else f"{item.comparator}{item.value:.6g} {printed(unit)}"
    return BaselineRow(name, value, item.note)


def _pni_row(albumin: Measured, lymphocytes: Measured, units: tuple[str, str]) -> BaselineRow:
    name = _("PNI: albumin (g/L) + 5 × lymphocytes (10⁹/L)")
    assert albumin.value is not None and lymphocytes.value is not None  # noqa: S101  # asked by the caller
    try:
        index = pni(
            IndexInput(albumin.value, units[0], albumin.comparator),
            IndexInput(lymphocytes.value, units[1], lymphocytes.comparator),
        )
    except IndexRefused as refused:
        return BaselineRow(name, "—", str(refused))
    draws = sorted({albumin.specimen, lymphocytes.specimen})
    why = _("From %(draw)s.") if len(draws) == 1 else _("From two draws: %(draw)s.")
    return BaselineRow(name, f"{index.comparator}{index.value:.6g}", why % {"draw": ", ".join(draws)})
