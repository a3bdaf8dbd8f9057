import pytest
from django.test import Client

from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from registry.people.models import User
from registry.people.roles import Role
from tests.analysis.fixtures import Scored
from tests.registry.people import PASSWORD, client_of, person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]

NEW = "/cohorts/resection/define/survival/"
PAGE = "/cohorts/resection/analyses/pfs-fap/"
SPLIT = {"endpoint": "PFS", "marker": "ihc:FAP@tumour", "cutoff": "median"}


@pytest.fixture
def ines() -> User:
    return person(Role.INVESTIGATOR, username="ines", password=PASSWORD)


@pytest.fixture
def client(ines: User) -> Client:
    return client_of(ines)


def text(client: Client, url: str, **query: str) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_investigator_defines_by_form_what_the_cohort_has(scored: Scored, client: Client) -> None:
    form = text(client, NEW)
    assert "FAP, tumour (IHC) (n = 24)" in form and "PFS: " in form
    assert client.post(NEW, SPLIT).headers["Location"] == "/cohorts/resection/analyses/pfs-by-fap-above-the-median/"
    made = Analysis.objects.get()
    assert (made.title, made.owner_name, made.is_registered) == ("PFS by FAP above the median", "ines", False)
    assert made.parameters == SPLIT
    assert run_stale("test") == 1
    page = text(client, "/cohorts/resection/analyses/pfs-by-fap-above-the-median/")
    assert "Exploratory" in page and "FAP splits PFS" in page and "whatever it finds is exploratory" in page


def test_what_is_refused_is_said_beside_the_field_and_nothing_is_saved(scored: Scored, client: Client) -> None:
    page = client.post(NEW, SPLIT | {"tau": "-3"}).content.decode()
    assert 'id="id_tau_error"' in page and "Nothing was saved" in page
    assert not Analysis.objects.exists()


def test_another_is_defined_like_one_that_is_there(scored: Scored, pfs_by_fap: Analysis, client: Client) -> None:
    form = text(client, NEW, like="pfs-fap")
    assert "Filled in like" in form and '<option value="registered" selected>' in form
    client.post(f"{NEW}?like=pfs-fap", SPLIT | {"title": "Like\r\n it"})
    made = Analysis.objects.get(slug="like-it")
    assert (made.title, made.parameters["cutoff"]) == ("Like it", "median")
    again = client.post(NEW, SPLIT | {"title": "Sent twice"}).content.decode()
    assert "“Like it” asks the same already." in again
    assert Analysis.objects.count() == 2


def test_two_questions_do_not_have_one_title(scored: Scored, client: Client) -> None:
    client.post(NEW, SPLIT | {"title": "FAP"})
    answer = client.post(NEW, SPLIT | {"title": "FAP", "tau": "30"}).content.decode()
    assert 'id="id_title_error"' in answer and "nobody could tell which is meant" in answer
    for tau in ("30", "36"):
        client.post(NEW, SPLIT | {"tau": tau})
    titles = Analysis.objects.order_by("pk").values_list("title", flat=True)
    assert list(titles) == ["FAP", "PFS by FAP above the median", "PFS by FAP above the median (2)"]


def test_a_change_needs_a_reason_and_the_history_says_what_moved(pfs_by_fap: Analysis, client: Client) -> None:
    sent = SPLIT | {"title": "PFS by FAP", "version": "1"}
    assert "required" in client.post(PAGE + "definition/", sent).content.decode()
    assert client.post(PAGE + "definition/", sent | {"reason": "asked for"}).status_code == 302
    late = client.post(PAGE + "definition/", sent | {"cutoff": "optimal", "reason": "better"}).content.decode()
    assert "ines changed this at" in late and 'name="version" value="2"' in late
    history = text(client, PAGE + "history/")
    assert "asked for" in history and "<del>registered</del> → median" in history


def test_a_plan_is_signed_with_the_password_before_anything_is_computed(scored: Scored, client: Client) -> None:
    answer = client.post(NEW, SPLIT | {"waits_for_plan": "on"})
    url = "/cohorts/resection/analyses/pfs-by-fap-above-the-median/"
    assert answer.headers["Location"] == url + "plan/"
    assert run_stale("test") == 0 and "Waits for its plan" in text(client, url)
    sent = {"question": "High is worse.", "alpha": "0.05", "planned_size": "24", "version": "1", "password": "wrong"}
    assert "This is not your password" in client.post(url + "plan/", sent).content.decode()
    assert client.post(url + "plan/", sent | {"password": PASSWORD}).status_code == 302
    assert run_stale("test") == 1
    page = text(client, url)
    assert "signed before the first result" in page and "Registered" in page and "High is worse." in page
    client.post(url + "definition/", SPLIT | {"title": "x", "cutoff": "optimal", "version": "2", "reason": "why not"})
    page = text(client, url)
    assert "The signed plan is void" in page and "why not" in page


def test_a_retired_analysis_leaves_the_lists_and_says_so_on_its_page(
    scored: Scored, pfs_by_fap: Analysis, client: Client
) -> None:
    run_stale("test")
    assert client.post(PAGE + "retirement/", {"reason": "answered", "version": "1"}).status_code == 302
    assert "FAP splits PFS" not in text(client, "/analyses/") + text(client, "/cohorts/resection/")
    page = text(client, PAGE)
    assert "Retired" in page and "answered" in page and "FAP splits PFS" in page
    client.post(PAGE + "rerun/")
    assert run_stale("test") == 0
    assert client.post(PAGE + "retirement/", {"reason": "again", "version": "2"}).status_code == 302
    assert "FAP splits PFS" in text(client, "/analyses/")


def test_the_list_is_filtered_by_owner(scored: Scored, pfs_by_fap: Analysis, client: Client) -> None:
    client.post(NEW, SPLIT | {"title": "Mine"})
    mine = text(client, "/analyses/", owner="ines")
    assert "Mine" in mine and "pfs-fap" not in mine


def test_who_reads_slides_only_defines_nothing(pfs_by_fap: Analysis) -> None:
    reader = signed_in(Role.PATHOLOGIST)
    urls = ["/analyses/new/", NEW, "/cohorts/resection/feeds/", *(PAGE + end for end in ("definition/", "plan/"))]
    assert {reader.get(url).status_code for url in urls} == {403}
