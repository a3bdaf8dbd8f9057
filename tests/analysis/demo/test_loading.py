"""Loading: once, all or nothing, not beside real patients; and logins that open."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django.test import override_settings

from analysis.demo import loading
from analysis.demo.analyses import QUESTIONS
from analysis.demo.logins import LOGINS, demo_logins
from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from labs.rounds.models import Round, RoundStatus
from labs.rounds.selectors import progress_of, slide_reads
from registry.cohorts.models import Cohort
from registry.log.models import Change
from registry.log.verifying import verify_log
from registry.people.models import User
from registry.people.roles import Role
from registry.people.services import password_change
from tests.registry import people
from tests.registry.fixtures import BY, make_cohort


@pytest.fixture(autouse=True)
def quick_hashes() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


def said(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cohorts without patients: most tests here do not need any, and writing them takes seconds."""
    monkeypatch.setattr(loading, "write_people", lambda *given: None)


@pytest.mark.django_db
@pytest.mark.one_database
def test_loading_twice_changes_nothing_and_every_analysis_has_an_answer() -> None:
    first = said("load_demo")
    before = (Change.objects.count(), User.objects.count(), Analysis.objects.count())
    second = said("load_demo")
    assert (Change.objects.count(), User.objects.count(), Analysis.objects.count()) == before
    assert "103 patients to analyse of 108 screened" in first
    assert "64 patients to analyse of 66 screened" in first
    assert "nothing was changed" in second
    assert [login.password in first for login in LOGINS] == [True] * 7
    # Besides what is asked: the published score has its values in one of the cohorts.
    assert run_stale("test") == sum(map(len, QUESTIONS.values())) + 1
    triangles = [
        analysis.current.output_values for analysis in Analysis.objects.filter(kind="wet_lab") if analysis.current
    ]
    assert [[method["n"] for method in found["methods"]] for found in triangles] == [[5, 3, 7]] * 3
    assert [found["agreement"]["known"] for found in triangles] == [5] * 3
    round_one = Round.objects.get(code="R1")
    assert round_one.status == RoundStatus.OPEN
    assert [(row.done, row.total) for row in progress_of(round_one)] == [(98, 119), (102, 119)]
    assert sum(row.is_discordant for row in slide_reads(round_one)) > 5
    assert not [analysis.slug for analysis in Analysis.objects.filter(current=None)]
    assert verify_log().faults == []


@pytest.mark.django_db
def test_a_failure_leaves_neither_cohorts_nor_logins(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*given: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(loading, "write_people", failing)
    with pytest.raises(RuntimeError):
        loading.load_demo()
    assert (Cohort.objects.count(), User.objects.count()) == (0, 0)


def test_a_registry_with_other_cohorts_is_refused_and_stays_as_it_is(a_cohort: Cohort) -> None:
    with pytest.raises(CommandError, match="resection"):
        call_command("load_demo")
    assert list(Cohort.objects.all()) == [a_cohort]


def test_if_empty_leaves_a_registry_with_other_cohorts_alone(a_cohort: Cohort) -> None:
    assert "No demo was loaded" in said("load_demo", "--if-empty")
    assert list(Cohort.objects.all()) == [a_cohort]


def test_force_loads_beside_other_cohorts_but_opens_no_printed_login(a_cohort: Cohort, nobody: None) -> None:
    said("load_demo", "--force")
    assert set(Cohort.objects.values_list("code", flat=True)) == {a_cohort.code, "demo-resection", "demo-ici"}
    assert not User.objects.filter(username__in=[login.username for login in LOGINS]).exists()


@pytest.mark.django_db
def test_the_demo_may_be_loaded_again_when_real_cohorts_came_later(nobody: None) -> None:
    loading.load_demo()
    make_cohort(people.site(), "real")
    assert "nothing was changed" in said("load_demo")


@pytest.mark.django_db
def test_each_role_has_a_login_that_opens_and_the_pathologists_are_three(nobody: None) -> None:
    loading.load_demo()
    for login in LOGINS:
        user = User.objects.get(username=login.username)
        assert user.check_password(login.password)
        assert user.roles == {login.role}
        validate_password(login.password, user)
    roles = [login.role for login in LOGINS]
    assert set(roles) == set(Role)
    assert roles.count(Role.PATHOLOGIST) == 3


@pytest.mark.django_db
def test_a_login_whose_password_was_changed_is_not_printed_any_more(nobody: None) -> None:
    loading.load_demo()
    user = User.objects.get(username="investigator")
    password_change(user=user, password="another sentence of my own", by=BY)
    assert "investigator" not in {login.username for login in demo_logins()}
    assert "pathologist2" in said("demo_logins")
    assert "investigator" not in said("demo_logins")


def test_the_page_about_the_demo_has_every_login() -> None:
    page = (settings.BASE_DIR / "docs" / "user" / "demo.md").read_text(encoding="utf-8")
    assert [f"| `{login.username}` | `{login.password}` |" in page for login in LOGINS] == [True] * len(LOGINS)
