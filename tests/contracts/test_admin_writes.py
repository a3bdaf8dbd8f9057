"""The administration site writes only through services: every page that stores something leaves rows in the log."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client

from analysis.cutoffs.models import Cutoff
from analysis.engine.models import Analysis
from analysis.riskmodels.models import RiskModel
from labs.blood.models import Analyte
from labs.markers.models import Antibody, Marker
from registry.clinical.models import ExtraVariable
from registry.cohorts.models import Cohort, EligibilityRule, Endpoint
from registry.log.models import Change
from registry.patients.models import Enrolment
from registry.people.models import Site, User
from registry.people.roles import Role
from tests.registry.people import client_of

pytestmark = pytest.mark.django_db
FORMSET = {"spellings-TOTAL_FORMS": "1", "spellings-INITIAL_FORMS": "0", "spellings-MIN_NUM_FORMS": "0"}

# For each registered table: a form that adds a row, and what is typed over it to change that row.
SAMPLES: dict[type[Any], tuple[Callable[[Cohort], dict[str, Any]], dict[str, Any] | None]] = {
    Site: (lambda cohort: {"code": "NEW", "name": "New"}, {"name": "Newer"}),
    User: (
        lambda cohort: {"username": "eva", "is_active": "on", "roles": ["technician"]},
        {"email": "eva@hospital.example"},
    ),
    Cohort: (
        lambda cohort: {
            "code": "new",
            "name": "New",
            "site": cohort.site_id,
            "index_event": "resection",
            "early_recurrence_months": "24",
            "follow_up_months": "3",
        },
        {"name": "Newer"},
    ),
    Endpoint: (
        lambda cohort: {"cohort": cohort.pk, "code": "TTR", "name": "Time to", "event_kinds": ["recurrence"]},
        {"name": "Time to recurrence"},
    ),
    EligibilityRule: (
        lambda cohort: {
            "cohort": cohort.pk,
            "order": "1",
            "kind": "include",
            "text": "Adults",
            "variable": "age",
            "operator": "between",
            "bounds": "[18, 80]",
        },
        {"bounds": "[18, 75]"},
    ),
    ExtraVariable: (
        lambda cohort: {"cohort": cohort.pk, "code": "ggt", "label": "GGT", "type": "number", "levels": "{}"},
        {"unit": "U/L"},
    ),
    Marker: (lambda cohort: {"code": "NEWM", "name": "New", "scale": "score"}, {"name": "Newer"}),
    Antibody: (
        lambda cohort: {
            "marker": Marker.objects.order_by("pk")[0].pk,
            "method": "ihc",
            "vendor": "Somebody",
            "dilution": "1:50",
        },
        None,
    ),
    Analyte: (
        lambda cohort: {
            "code": "NEWA",
            "name": "New",
            "unit": "g/L",
            "possible_low": "0",
            "possible_high": "9",
            "words": "{}",
            "spellings-0-spelling": "g/dL",
            "spellings-0-factor": "10",
            **FORMSET,
        },
        {"possible_high": "10"},
    ),
    Cutoff: (
        lambda cohort: {
            "cohort": cohort.pk,
            "variable": "ihc:FAP@tumour",
            "status": "registered",
            "value": "4",
            "source": "protocol",
        },
        None,
    ),
    Analysis: (
        lambda cohort: {
            "cohort": cohort.pk,
            "slug": "os-by-stage",
            "title": "OS by stage",
            "kind": "survival",
            "parameters": '{"endpoint": "OS", "group": "baseline:stage"}',
            "order": "5",
        },
        {"title": "Overall survival by stage"},
    ),
    RiskModel: (
        lambda cohort: {
            "code": "own",
            "number": "1",
            "title": "Own score",
            "terms": '[{"name": "FAP", "coefficient": 0.5}]',
            "unit": "TPM",
            "source": "fitted here",
        },
        None,
    ),
}
REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def client(ada: User) -> Client:
    return client_of(ada)


def address(model: type[Any], rest: str) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{rest}"


def posted(client: Client, url: str, data: dict[str, Any]) -> list[Change]:
    """The rows that a form left; fails when the form was not taken."""
    last = Change.objects.order_by("-id").values_list("id", flat=True).first() or 0
    answer = client.post(url, data)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    return list(Change.objects.filter(id__gt=last))


def test_every_registered_table_has_a_sample_here() -> None:
    assert set(REGISTERED) == set(SAMPLES)


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_what_the_admin_stores_is_in_the_log(client: Client, a_cohort: Cohort, model: type[Any]) -> None:
    make, over = SAMPLES[model]
    known = set(model.objects.values_list("pk", flat=True))
    data = make(a_cohort)
    rows = posted(client, address(model, "add/"), data | {"reason": "set up"})
    assert {(row.actor_name, row.source, row.reason) for row in rows} == {("ada", "admin", "set up")}
    row = model.objects.exclude(pk__in=known).get()
    if over is not None:
        if model is Analyte:
            data |= {
                "spellings-INITIAL_FORMS": "1",
                "spellings-0-id": row.spellings.get().pk,
                "spellings-0-analyte": row.pk,
            }
        changed = data | over | {"seen_version": getattr(row, "version", "")}
        rows = posted(client, address(model, f"{row.pk}/change/"), changed)
        assert {change.action for change in rows} == {"update"}
        assert len(model.objects.exclude(pk__in=known)) == 1


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_the_admin_writes_no_log_of_its_own(client: Client, a_cohort: Cohort, model: type[Any]) -> None:
    client.post(address(model, "add/"), SAMPLES[model][0](a_cohort))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_admin_log")
        assert cursor.fetchone()[0] == 0


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_the_admin_deletes_nothing(client: Client, a_cohort: Cohort, model: type[Any]) -> None:
    client.post(address(model, "add/"), SAMPLES[model][0](a_cohort))
    row = model.objects.order_by("-pk")[0]
    assert client.post(address(model, f"{row.pk}/delete/"), {"post": "yes"}).status_code in {302, 403, 404}
    client.post(address(model, ""), {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    assert model.objects.filter(pk=row.pk).exists()


def test_other_apps_have_no_page_here() -> None:
    assert {model._meta.app_label for model in REGISTERED} <= {"registry", "labs", "analysis"}


def test_a_stale_save_in_the_admin_says_what_the_other_changed(client: Client, a_cohort: Cohort) -> None:
    url = address(Cohort, f"{a_cohort.pk}/change/")
    data = SAMPLES[Cohort][0](a_cohort) | {"seen_version": a_cohort.version}
    posted(client, url, data | {"name": "First"})
    answer = client.post(url, data | {"name": "Second"})
    assert "ada changed this at" in answer.content.decode()
    assert 'value="Second"' in answer.content.decode()
    assert Cohort.objects.get(pk=a_cohort.pk).name == "First"
    now = answer.context["adminform"].form["seen_version"].value()
    posted(client, url, data | {"name": "Second", "seen_version": now})
    assert Cohort.objects.get(pk=a_cohort.pk).name == "Second"


def test_a_refusal_of_the_service_stands_in_the_form(client: Client, ada: User) -> None:
    data = {"username": "ada", "is_active": "on", "roles": ["technician"]}
    answer = client.post(address(User, f"{ada.pk}/change/"), data)
    assert "Somebody must remain administrator." in answer.content.decode()
    assert User.objects.get(pk=ada.pk).has_role(Role.ADMINISTRATOR)


def test_roles_and_a_new_password_are_set_in_one_go(client: Client, bob: User) -> None:
    password = "a sentence nobody guesses"
    data = {"username": "bob", "is_active": "on", "roles": ["technician", "investigator"], "new_password": password}
    rows = posted(client, address(User, f"{bob.pk}/change/"), data)
    user = User.objects.get(pk=bob.pk)
    assert user.roles == {Role.TECHNICIAN, Role.INVESTIGATOR}
    assert user.check_password(password)
    assert not any(password in row.new for row in rows)


def test_a_rule_is_retired_with_a_reason_and_everybody_is_judged_again(client: Client, enrolled: Enrolment) -> None:
    client.post(address(EligibilityRule, "add/"), SAMPLES[EligibilityRule][0](enrolled.cohort))
    enrolled.refresh_from_db()
    assert enrolled.eligibility == "pending"
    rule = EligibilityRule.objects.get()
    data = SAMPLES[EligibilityRule][0](enrolled.cohort) | {"retire": "on", "seen_version": rule.version}
    url = address(EligibilityRule, f"{rule.pk}/change/")
    assert "Say why the entry is an error." in client.post(url, data).content.decode()
    posted(client, url, data | {"reason": "not in the protocol"})
    enrolled.refresh_from_db()
    assert enrolled.eligibility == "eligible"


def test_the_history_of_a_row_is_that_of_the_change_log(client: Client, a_cohort: Cohort) -> None:
    url = address(Cohort, f"{a_cohort.pk}/change/")
    data = SAMPLES[Cohort][0](a_cohort) | {"seen_version": a_cohort.version, "reason": "the board decided"}
    posted(client, url, data)
    assert "the board decided" in client.get(address(Cohort, f"{a_cohort.pk}/history/")).content.decode()
