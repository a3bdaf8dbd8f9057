"""Defining a sub-cohort on its pages, wrong input included; and who does not see it."""

import pytest
from django.test import Client
from django.urls import reverse

from analysis.subcohorts.models import SubCohort
from analysis.subcohorts.services import subcohort_define
from registry.models import Patient
from registry.people.models import User
from registry.people.roles import Role
from tests.analysis.fixtures import Scored
from tests.labs.rounds.fixtures import reading
from tests.registry import people
from tests.registry.fixtures import BY
from tests.registry.people import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]


@pytest.fixture
def client(alice: User) -> Client:
    return client_of(alice)


def typed(values: str, operator: str = "above", **more: str) -> dict[str, str]:
    return {
        "name": "FAP high",
        "code": "fap-high",
        "conditions-TOTAL_FORMS": "2",
        "conditions-INITIAL_FORMS": "0",
        "conditions-0-variable": "ihc:FAP@tumour",
        "conditions-0-operator": operator,
        "conditions-0-values": values,
        "conditions-1-operator": "above",
    } | more


def test_preview_saves_nothing_then_saved_then_changed(client: Client, scored: Scored) -> None:
    new = reverse("analysis:subcohort-new", args=[scored.cohort.code])
    assert "FAP" in client.get(new).content.decode()
    preview = client.post(new, typed("6", preview="1")).content.decode()
    assert "S-000" in preview
    assert "S-001" not in preview
    assert not SubCohort.objects.exists()
    page = client.post(new, typed("6"), follow=True).content.decode()
    assert "ihc:FAP@tumour &gt; 6" in page
    edit = reverse("analysis:subcohort-edit", args=[scored.cohort.code, "fap-high"])
    assert 'value="6"' in client.get(edit).content.decode()
    change = typed("0 to 6", operator="between", version="1", reason="the other half")
    page = client.post(edit, change, follow=True).content.decode()
    assert "from 0 to 6" in page
    assert "S-001" in page
    stale = client.post(edit, change | {"conditions-0-values": "0 to 7"}).content.decode()
    assert "alice changed this" in stale
    history = client.get(reverse("analysis:subcohort-history", args=[scored.cohort.code, "fap-high"]))
    assert "the other half" in history.content.decode()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (typed("many"), "is not a number"),
        (typed("6 to 3", operator="between"), "first number is above"),
        (typed("6") | {"conditions-0-variable": ""}, "Choose the variable"),
        (typed("") | {"conditions-0-variable": ""}, "at least one condition"),
        (typed("6") | {"conditions-0-variable": "ihc:NOBODY@tumour"}, "Select a valid choice"),
        (typed("6") | {"code": "no code"}, "valid"),
        (typed("6") | {"conditions-0-variable": "baseline:sex"}, "This is no number"),
        (
            typed("F, x", operator="one_of") | {"conditions-0-variable": "baseline:sex"},
            "X is not among its values: F, M",
        ),
        (typed("6") | {"conditions-TOTAL_FORMS": "21"}, "at most 20 forms"),
    ],
)
def test_wrong_input_is_told_and_kept(client: Client, scored: Scored, data: dict[str, str], says: str) -> None:
    Patient.objects.update(sex="F")
    answer = client.post(reverse("analysis:subcohort-new", args=[scored.cohort.code]), data)
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert not SubCohort.objects.exists()


def test_what_was_typed_is_kept_to_the_last_digit_and_by_its_code(client: Client, scored: Scored) -> None:
    Patient.objects.update(sex="F")
    new = reverse("analysis:subcohort-new", args=[scored.cohort.code])
    more = {"conditions-1-variable": "baseline:sex", "conditions-1-operator": "one_of", "conditions-1-values": "female"}
    page = client.post(new, typed("1234567.25") | more, follow=True).content.decode()
    assert "ihc:FAP@tumour &gt; 1234567.25; baseline:sex is F" in page
    edit = reverse("analysis:subcohort-edit", args=[scored.cohort.code, "fap-high"])
    assert 'value="1234567.25"' in client.get(edit).content.decode()


def test_who_reads_the_marker_blind_sees_neither_it_nor_its_members(scored: Scored) -> None:
    wanted = [{"variable": "ihc:FAP@tumour", "operator": "above", "bounds": [6]}]
    subcohort_define(cohort=scored.cohort, code="fap-high", name="FAP high", conditions=wanted, by=BY)
    both = client_of(people.person(Role.PATHOLOGIST, Role.INVESTIGATOR, username="both"))
    page = reverse("analysis:subcohort", args=[scored.cohort.code, "fap-high"])
    assert both.get(page).status_code == 200
    made = reading(scored.cohort, patients=2)
    made.round.readers.filter(reader=made.first).update(reader=User.objects.get(username="both"))
    assert both.get(page).status_code == 404
    assert "FAP high" not in both.get(reverse("analysis:subcohorts", args=[scored.cohort.code])).content.decode()
    new = both.get(reverse("analysis:subcohort-new", args=[scored.cohort.code])).content.decode()
    assert "ihc:FAP@tumour" not in new
