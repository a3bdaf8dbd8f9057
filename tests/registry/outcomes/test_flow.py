from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from registry.clinical.services import baseline_save, follow_up_set, outcome_event_set
from registry.cohorts.eligibility import study_rules
from registry.cohorts.models import Cohort, IndexEvent
from registry.cohorts.services import rule_set
from registry.outcomes.flow import Flow, cohort_flow
from registry.patients.services import enrolment_withdraw
from tests.registry import people
from tests.registry.fixtures import BY, RESECTED, enrol, make_cohort

GOOD = {
    "age": 60.0,
    "hcc_confirmed": True,
    "tumour_tissue": True,
    "measurable_lesion": True,
    "prior_immunosuppression": False,
    "other_malignancy": False,
    "autoimmune_on_steroids": False,
}
PEOPLE = st.fixed_dictionaries(
    {
        "baseline": st.sampled_from([{}, GOOD, GOOD | {"age": 90.0}, GOOD | {"age": 90.0, "other_malignancy": True}]),
        "withdrawn": st.booleans(),
        "seen": st.sampled_from([None, date(2020, 1, 1), date(2023, 1, 1), date(2025, 1, 1)]),
        "died": st.sampled_from([None, date(2021, 1, 1), date(2023, 6, 1)]),
        "start": st.sampled_from([None, RESECTED]),
    }
)


def study_cohort() -> Cohort:
    cohort = make_cohort(people.site("HEB"))
    for order, rule in enumerate(study_rules(IndexEvent.RESECTION)):
        rule_set(
            cohort=cohort,
            text=rule.text,
            kind=rule.kind,
            variable=rule.variable,
            operator=rule.operator,
            bounds=rule.bounds,
            order=order,
            by=BY,
        )
    return cohort


def register(cohort: Cohort, number: int, person: dict) -> None:  # type: ignore[type-arg]  # what PEOPLE draws
    enrolment = enrol(cohort, f"P-{number}", person["start"])
    if person["baseline"]:
        baseline_save(enrolment=enrolment, values=person["baseline"], by=BY)
    if person["seen"]:
        follow_up_set(patient=enrolment.patient, day=person["seen"], by=BY)
    if person["died"]:
        outcome_event_set(patient=enrolment.patient, kind="death", day=person["died"], by=BY)
    if person["withdrawn"]:
        enrolment_withdraw(enrolment=enrolment, on=date(2023, 1, 1), why="consent withdrawn", by=BY)


def adds_up(flow: Flow) -> bool:
    return (
        flow.registered == flow.withdrawn + flow.ineligible + flow.pending + flow.eligible
        and flow.ineligible == sum(flow.ineligible_by_criterion.values())
        and all(flow.eligible == row.n + sum(row.left_out.values()) for row in flow.endpoints)
        and all(0 <= row.events <= row.n for row in flow.endpoints)
    )


class TestFlow(TestCase):
    @settings(max_examples=15, deadline=None)
    @given(st.lists(PEOPLE, max_size=6))
    def test_the_numbers_add_up_whoever_was_registered(self, registered: list) -> None:  # type: ignore[type-arg]
        cohort = study_cohort()
        for number, person in enumerate(registered):
            register(cohort, number, person)
        flow = cohort_flow(cohort)
        assert flow.registered == len(registered)
        assert flow.withdrawn == sum(person["withdrawn"] for person in registered)
        assert [row.code for row in flow.endpoints] == ["OS", "PFS"]
        assert adds_up(flow)


@pytest.mark.django_db
def test_a_flow_by_hand() -> None:
    cohort = study_cohort()
    person = {"baseline": GOOD, "withdrawn": False, "seen": None, "died": None, "start": RESECTED}
    register(cohort, 1, person | {"died": date(2023, 6, 1)})
    register(cohort, 2, person | {"seen": date(2023, 1, 1)})
    register(cohort, 3, person)
    register(cohort, 4, person | {"start": None, "seen": date(2023, 1, 1)})
    register(cohort, 5, person | {"withdrawn": True})
    register(cohort, 6, person | {"baseline": GOOD | {"age": 90.0, "other_malignancy": True}})
    register(cohort, 7, person | {"baseline": {}})
    flow = cohort_flow(cohort)
    assert (flow.registered, flow.withdrawn, flow.ineligible, flow.pending, flow.eligible) == (7, 1, 1, 1, 4)
    assert flow.ineligible_by_criterion == {"Age 18 to 80 years": 1}
    survival = flow.endpoints[0]
    assert (survival.code, survival.n, survival.events) == ("OS", 2, 1)
    assert survival.left_out == {"nothing known after the start": 1, "start not known": 1}
