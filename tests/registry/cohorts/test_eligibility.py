from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.cohorts.eligibility import Criterion, Result, Status, evaluate, findings_from, study_rules
from registry.cohorts.models import IndexEvent
from registry.cohorts.services import rule_variables

AGE = Criterion("include", "Age 18 to 80 years", "age", "between", [18, 80])
OTHER = Criterion("exclude", "Another malignant tumour", "other_malignancy")
CHILD_PUGH = Criterion("include", "Child–Pugh A or B", "child_pugh", "is_in", ["A", "B"])


@pytest.mark.parametrize(
    ("values", "status", "sentence"),
    [
        ({"age": 18}, "eligible", "Inclusion criterion met: Age 18 to 80 years."),
        ({"age": 80.0}, "eligible", "Inclusion criterion met: Age 18 to 80 years."),
        ({"age": 80.1}, "ineligible", "Inclusion criterion not met: Age 18 to 80 years."),
        ({"age": None}, "pending", "Inclusion criterion not yet known: Age 18 to 80 years."),
        ({}, "pending", "Inclusion criterion not yet known: Age 18 to 80 years."),
    ],
)
def test_an_inclusion_criterion_must_be_met(values: dict[str, Any], status: str, sentence: str) -> None:
    verdict = evaluate([AGE], values)
    assert (verdict.status, verdict.sentences) == (status, [sentence])


@pytest.mark.parametrize(
    ("value", "status", "sentence"),
    [
        (True, "ineligible", "Exclusion criterion applies: Another malignant tumour."),
        (False, "eligible", "Exclusion criterion does not apply: Another malignant tumour."),
        (None, "pending", "Exclusion criterion not yet known: Another malignant tumour."),
    ],
)
def test_an_exclusion_criterion_must_not_apply(value: bool | None, status: str, sentence: str) -> None:
    verdict = evaluate([OTHER], {"other_malignancy": value})
    assert (verdict.status, verdict.sentences) == (status, [sentence])


def test_a_blank_code_is_unknown_and_not_another_code() -> None:
    statuses = [evaluate([CHILD_PUGH], {"child_pugh": code}).status for code in ("A", "B", "C", "")]
    assert statuses == ["eligible", "eligible", "ineligible", "pending"]


def test_an_open_range_has_one_limit() -> None:
    adults = Criterion("include", "18 years or older", "age", "between", [18, None])
    assert [evaluate([adults], {"age": age}).status for age in (17, 18, 99)] == ["ineligible", "eligible", "eligible"]


def test_a_broken_criterion_decides_whatever_else_is_unknown() -> None:
    assert evaluate([AGE, OTHER], {"age": 17}).status == Status.INELIGIBLE


def test_a_cohort_without_limits_says_so() -> None:
    verdict = evaluate([], {"age": 3})
    assert (verdict.status, verdict.sentences) == ("eligible", ["This cohort declares no limits."])


def test_the_study_asks_a_resected_patient_for_tissue_and_a_measurable_lesion_besides() -> None:
    resection, ici = study_rules(IndexEvent.RESECTION), study_rules(IndexEvent.FIRST_ICI)
    assert {rule.variable for rule in resection} - {rule.variable for rule in ici} == {
        "tumour_tissue",
        "measurable_lesion",
    }
    assert [len(ici), len(resection)] == [5, 7]
    assert {rule.variable for rule in resection} <= set(rule_variables())


FLAGS = st.none() | st.booleans()
BASELINES = st.fixed_dictionaries(
    {"age": st.none() | st.floats(0, 120)},
    optional={rule.variable: FLAGS for rule in study_rules(IndexEvent.RESECTION) if rule.variable != "age"},
)


@given(BASELINES)
def test_knowing_more_never_makes_an_ineligible_patient_eligible(values: dict[str, Any]) -> None:
    rules = study_rules(IndexEvent.RESECTION)
    verdict = evaluate(rules, values)
    answered = {finding.criterion for finding in verdict.findings if finding.result != Result.UNKNOWN}
    less = {rule.variable: values.get(rule.variable) for rule in rules if rule.text in answered}
    for name in less:
        fewer = evaluate(rules, {other: value for other, value in less.items() if other != name})
        assert fewer.status == Status.PENDING or fewer.status == verdict.status == Status.INELIGIBLE
    assert findings_from(verdict.as_json()) == verdict.findings
