"""Cohorts with expression of two genes, and a model of them."""

from datetime import timedelta
from typing import Any

from analysis.riskmodels.models import RiskModel
from analysis.riskmodels.services import risk_model_register
from registry.clinical.services import extra_value_set, extra_variable_set, follow_up_add, outcome_event_add
from registry.cohorts.models import Cohort
from registry.log.recording import recording
from registry.patients.models import Enrolment
from tests.registry.fixtures import BY, RESECTED, enrol, make_cohort
from tests.registry.people import site

GENES = ("S100A11", "PUSL1")


def expressed(code: str, patients: int = 24, unit: str = "TPM", suffix: str = "", labelled: bool = True) -> Cohort:
    """Who has more of the first gene tends to die earlier; the last patient was never heard of again."""
    with recording(BY):
        cohort = make_cohort(site("HEB"), code)
        variables = [
            extra_variable_set(
                cohort=cohort,
                code=f"{gene}{suffix}",
                label=gene if labelled else f"Column {place}",
                type="number",
                unit=unit,
                by=BY,
            )
            for place, gene in enumerate(GENES)
        ]
        for number in range(patients):
            enrolment = enrol(cohort, f"{code[:3].upper()}-{number:03d}")
            for variable, value in zip(variables, (100.0 * (number % 7), 2.0 + number % 5), strict=True):
                extra_value_set(enrolment=enrolment, variable=variable, value=value, by=BY)
            if number < patients - 1:
                _follow(enrolment, number)
    return cohort


def _follow(enrolment: Enrolment, number: int) -> None:
    day = RESECTED + timedelta(days=380 - 40 * (number % 7) + 97 * number % 300)
    if number % 4:
        outcome_event_add(patient=enrolment.patient, kind="death", day=day, by=BY)
    else:
        follow_up_add(patient=enrolment.patient, day=day, by=BY)


def a_model(code: str = "two-genes", **given: Any) -> RiskModel:
    wanted: dict[str, Any] = {
        "number": 1,
        "title": "Two genes",
        "terms": [{"name": "S100A11", "coefficient": 0.002}, {"name": "PUSL1", "coefficient": 0.05}],
        "unit": "TPM",
        "source": "a paper",
    }
    return risk_model_register(code=code, by=BY, **wanted | given)
