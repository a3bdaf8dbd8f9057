import pytest
from django.core.exceptions import ValidationError

from registry.clinical.models import ExtraValue, ExtraVariable
from registry.clinical.services import extra_value_set, extra_values_add, extra_variable_set
from registry.log.models import Change, Stream
from registry.patients.models import Enrolment
from tests.registry.fixtures import BY

pytestmark = pytest.mark.django_db


@pytest.fixture
def variables(enrolled: Enrolment) -> dict[str, ExtraVariable]:
    return {
        code: extra_variable_set(cohort=enrolled.cohort, code=code, label=code, type=kind, levels=levels, by=BY)
        for code, kind, levels in (("bmi", "number", {}), ("hbv", "category", {"0": "no", "1": "yes"}))
    }


def test_facts_written_together_are_logged_one_by_one(enrolled: Enrolment, variables: dict[str, ExtraVariable]) -> None:
    extra_values_add(enrolment=enrolled, values={variables["bmi"]: 24.5, variables["hbv"]: "1"}, by=BY)
    changes = Change.objects.filter(subject_type="extravalue").order_by("domain")
    assert [(change.domain, change.version, change.action) for change in changes] == [
        ("extra/bmi", 1, "create"),
        ("extra/hbv", 1, "create"),
    ]
    assert [change.new_values["number"] for change in changes] == [24.5, None]
    assert {change.subject_id for change in changes} == {
        str(pk) for pk in ExtraValue.objects.values_list("pk", flat=True)
    }


def test_one_refused_fact_keeps_all_of_them_out(enrolled: Enrolment, variables: dict[str, ExtraVariable]) -> None:
    with pytest.raises(ValidationError, match="2 is none of 0, 1"):
        extra_values_add(enrolment=enrolled, values={variables["bmi"]: 24.5, variables["hbv"]: "2"}, by=BY)
    assert not ExtraValue.objects.exists()
    assert not Stream.objects.filter(domain="extra/bmi").exists()


def test_a_fact_that_is_there_already_is_named_in_the_words_of_its_rule(
    enrolled: Enrolment, variables: dict[str, ExtraVariable]
) -> None:
    extra_value_set(enrolment=enrolled, variable=variables["hbv"], value="0", by=BY)
    with pytest.raises(ValidationError):
        extra_values_add(enrolment=enrolled, values={variables["bmi"]: 24.5, variables["hbv"]: "1"}, by=BY)
    assert ExtraValue.objects.get().text == "0"
