"""Registered models and what they say of patients, through the interface."""

import pytest
from pytest_django import DjangoAssertNumQueries

from analysis.engine.execution import run_stale
from analysis.riskmodels.validating import validations_define
from registry.clinical.services import extra_value_set
from registry.models import ExtraValue
from registry.people.models import User
from tests.analysis.riskmodels.worlds import a_model, expressed
from tests.registry.api.asking import program_of
from tests.registry.fixtures import BY

pytestmark = pytest.mark.django_db


def test_scores_come_with_what_they_were_made_of_and_whether_they_stand(alice: User, bob: User) -> None:
    a_model(cutoff=0.5)
    expressed("first", patients=12)
    validations_define()
    run_stale("test")
    program = program_of(alice)
    assert program.get("risk-models/", code="two-genes")["results"][0]["terms"][0] == {
        "name": "S100A11",
        "coefficient": 0.002,
    }
    assert program.get("patient-scores/", model="two-genes", number=1)["count"] == 12
    (row,) = program.get("patient-scores/", model="two-genes", patient="FIR-003", cohort="first")["results"]
    assert row["score"] == pytest.approx(0.002 * 300 + 0.05 * 5)
    assert (row["is_high"], row["values"]) == (True, {"S100A11": 300.0, "PUSL1": 5.0})
    assert row["freshness"]["state"] == "fresh" and row["freshness"]["run"]
    value = ExtraValue.objects.get(enrolment__patient__study_number="FIR-003", variable__code="PUSL1")
    extra_value_set(enrolment=value.enrolment, variable=value.variable, value=3.0, by=BY, reason="typing error")
    (row,) = program.get("patient-scores/", model="two-genes", patient="FIR-003")["results"]
    assert row["freshness"]["state"] == "stale"
    assert program_of(bob).ask("GET", "patient-scores/").status_code == 403


def test_a_page_of_many_scores_asks_no_more_than_one_of_few(
    alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    a_model()
    expressed("first", patients=40)
    validations_define()
    run_stale("test")
    program = program_of(alice)
    program.get("patient-scores/", page_size=1)
    with django_assert_max_num_queries(25):
        assert len(program.get("patient-scores/", page_size=50)["results"]) == 50
