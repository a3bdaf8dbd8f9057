from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import models

from registry.clinical.models import (
    Assessment,
    Baseline,
    ExtraValue,
    ExtraVariable,
    FollowUp,
    ImportedTime,
    OutcomeEvent,
    ReportedResponse,
    Treatment,
)
from registry.clinical.services import (
    assessment_add,
    assessment_set,
    baseline_save,
    extra_value_set,
    extra_variable_set,
    follow_up_add,
    follow_up_set,
    imported_time_set,
    outcome_event_add,
    outcome_event_set,
    response_report,
    treatment_add,
    treatment_set,
)
from registry.cohorts.models import Cohort, EligibilityRule, Endpoint
from registry.cohorts.services import cohort_set_data_cut, cohort_update, endpoint_set, rule_set
from registry.log.models import Change
from registry.patients.models import Enrolment
from tests.registry.fixtures import BY

pytestmark = pytest.mark.django_db

DAY, LATER = date(2022, 9, 1), date(2023, 9, 1)


def number(cohort: Cohort) -> ExtraVariable:
    return extra_variable_set(cohort=cohort, code="tils", label="TILs", type="number", unit="%", by=BY)


# name → (what is written the first time, what is written the second time, the table, the stream)
SETS: dict[str, tuple[Any, Any, type[models.Model], str]] = {
    "treatment": (
        lambda e: treatment_set(patient=e.patient, kind="ici", start=DAY, by=BY),
        lambda e: treatment_set(patient=e.patient, kind="ici", start=DAY, end=LATER, by=BY),
        Treatment,
        "treatments",
    ),
    "assessment": (
        lambda e: assessment_set(patient=e.patient, day=DAY, mrecist="SD", by=BY),
        lambda e: assessment_set(patient=e.patient, day=DAY, mrecist="PD", by=BY),
        Assessment,
        "response",
    ),
    "reported response": (
        lambda e: response_report(enrolment=e, is_responder=True, definition="RECIST 1.1", by=BY),
        lambda e: response_report(enrolment=e, is_responder=False, definition="RECIST 1.1", by=BY),
        ReportedResponse,
        "response",
    ),
    "follow-up": (
        lambda e: follow_up_set(patient=e.patient, day=DAY, by=BY),
        lambda e: follow_up_set(patient=e.patient, day=DAY, note="well", by=BY),
        FollowUp,
        "outcomes",
    ),
    "recurrence": (
        lambda e: outcome_event_set(patient=e.patient, kind="recurrence", day=DAY, by=BY),
        lambda e: outcome_event_set(patient=e.patient, kind="recurrence", day=DAY, method="MRI", by=BY),
        OutcomeEvent,
        "outcomes",
    ),
    "death": (
        lambda e: outcome_event_set(patient=e.patient, kind="death", day=DAY, by=BY),
        lambda e: outcome_event_set(patient=e.patient, kind="death", day=LATER, by=BY),
        OutcomeEvent,
        "outcomes",
    ),
    "imported time": (
        lambda e: imported_time_set(enrolment=e, endpoint="OS", months=3.0, is_event=False, by=BY),
        lambda e: imported_time_set(enrolment=e, endpoint="OS", months=3.0, is_event=True, by=BY),
        ImportedTime,
        "outcomes",
    ),
    "baseline": (
        lambda e: baseline_save(enrolment=e, values={"age": 61.0, "mvi": None, "afp": 400}, by=BY),
        lambda e: baseline_save(enrolment=e, values={"mvi": False}, by=BY),
        Baseline,
        "baseline",
    ),
    "extra value": (
        lambda e: extra_value_set(enrolment=e, variable=number(e.cohort), value=5, by=BY),
        lambda e: extra_value_set(enrolment=e, variable=number(e.cohort), value=0.0, by=BY),
        ExtraValue,
        "extra/tils",
    ),
    "endpoint": (
        lambda e: endpoint_set(cohort=e.cohort, code="TTR", name="T", event_kinds=["recurrence"], by=BY),
        lambda e: endpoint_set(cohort=e.cohort, code="TTR", name="T", event_kinds=["progression"], by=BY),
        Endpoint,
        "definition",
    ),
    "rule": (
        lambda e: rule_set(
            cohort=e.cohort, text="A", kind="include", variable="age", operator="between", bounds=[18, 80], by=BY
        ),
        lambda e: rule_set(
            cohort=e.cohort, text="A", kind="include", variable="age", operator="between", bounds=[18, None], by=BY
        ),
        EligibilityRule,
        "definition",
    ),
}


@pytest.mark.parametrize("name", SETS)
def test_setting_writes_a_row_once_and_a_change_for_each_difference(enrolled: Enrolment, name: str) -> None:
    first, second, table, domain = SETS[name]
    number(enrolled.cohort)
    rows = table._default_manager.count()
    written = Change.objects.filter(domain=domain).count()

    row = first(enrolled)
    assert (first(enrolled).pk, first(enrolled).version) == (row.pk, 1)
    assert Change.objects.filter(domain=domain).count() == written + 1

    moved = second(enrolled)
    assert (moved.pk, moved.version, second(enrolled).version) == (row.pk, 2, 2)
    assert Change.objects.filter(domain=domain).count() == written + 2
    assert table._default_manager.count() == rows + 1


@pytest.mark.parametrize(
    ("add", "sentence"),
    [
        (lambda p: treatment_add(patient=p, kind="ici", start=DAY, by=BY), "This treatment is already recorded."),
        (
            lambda p: assessment_add(patient=p, day=DAY, mrecist="SD", by=BY),
            "An assessment of this day by this method is already recorded.",
        ),
        (lambda p: follow_up_add(patient=p, day=DAY, by=BY), "This contact is already recorded."),
        (
            lambda p: outcome_event_add(patient=p, kind="recurrence", day=DAY, by=BY),
            "This event is already recorded.",
        ),
    ],
)
def test_adding_what_is_there_is_refused(enrolled: Enrolment, add: Any, sentence: str) -> None:
    add(enrolled.patient)
    with pytest.raises(ValidationError) as refused:
        add(enrolled.patient)
    assert refused.value.messages == [sentence]


def test_a_patient_dies_once(enrolled: Enrolment) -> None:
    outcome_event_add(patient=enrolled.patient, kind="death", day=DAY, by=BY)
    with pytest.raises(ValidationError, match="The death of this patient is already recorded"):
        outcome_event_add(patient=enrolled.patient, kind="death", day=LATER, by=BY)


@pytest.mark.parametrize(
    ("type_", "levels", "value", "sentence"),
    [
        ("number", {}, "high", "“high” value must be a float."),
        ("category", {"0": "negative", "1": "positive"}, "2", "2 is none of 0, 1."),
        ("boolean", {"no": "no", "yes": "yes"}, "perhaps", "perhaps is none of no, yes."),
    ],
)
def test_an_extra_value_must_fit_its_dictionary(
    enrolled: Enrolment, type_: str, levels: dict[str, str], value: str, sentence: str
) -> None:
    variable = extra_variable_set(cohort=enrolled.cohort, code="x", label="X", type=type_, levels=levels, by=BY)
    with pytest.raises(ValidationError) as refused:
        extra_value_set(enrolment=enrolled, variable=variable, value=value, by=BY)
    assert sentence in refused.value.messages
    assert not ExtraValue.objects.exists()


def test_a_data_cut_is_a_change_of_the_definition(a_cohort: Cohort) -> None:
    moved = cohort_set_data_cut(cohort=a_cohort, data_cut=LATER, by=BY, reason="interim analysis")
    assert moved.data_cut == LATER
    change = Change.objects.latest("id")
    assert (change.domain, change.reason) == ("definition", "interim analysis")
    assert change.new_values == {"data_cut": "2023-09-01", "version": 2}
    assert cohort_set_data_cut(cohort=a_cohort, data_cut=LATER, by=BY).version == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"index_event": "birth"}, "index_event"), ({"early_recurrence_months": 0.0}, "early_recurrence_months")],
)
def test_nonsense_in_a_cohort_is_refused(a_cohort: Cohort, changes: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        cohort_update(cohort=a_cohort, changes=changes, expected_version=1, by=BY)
    assert list(refused.value.message_dict) == [field]


@pytest.mark.parametrize("bounds", [[], [18], [80, 18], [None, None], ["18", "80"], None])
def test_a_range_has_a_lowest_and_a_highest_value(a_cohort: Cohort, bounds: list[object] | None) -> None:
    with pytest.raises(ValidationError, match="Give the lowest and the highest value"):
        rule_set(cohort=a_cohort, text="A", kind="include", variable="age", operator="between", bounds=bounds, by=BY)


@pytest.mark.parametrize("kinds", [[], ["relapse"]])
def test_an_endpoint_needs_known_events(a_cohort: Cohort, kinds: list[str]) -> None:
    with pytest.raises(ValidationError, match="Give at least one of recurrence, progression, death"):
        endpoint_set(cohort=a_cohort, code="X", name="X", event_kinds=kinds, by=BY)
