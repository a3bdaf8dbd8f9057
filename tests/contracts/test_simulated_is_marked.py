"""No page that shows a simulated patient or cohort leaves it unsaid: every address of the project is tried."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from analysis.engine.execution import run_stale
from analysis.reports.services import run_waiting
from registry.models import Cohort
from registry.people.matrix import Address, addresses
from registry.people.models import Site, User
from tests.contracts.world import World, build_world
from tests.registry.fixtures import make_cohort
from tests.registry.people import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

MARK = b"banner-simulated"
MARK_OF_DATA = b'"simulated":true'
MARK_OF_FHIR = b'"HTEST"'
# Pages about nobody in particular; and files and parts of pages, which their own tests hold to it.
ABOUT_NOBODY = {
    "labs:gel-preview",
    "labs:qupath-preview",
    "labs:pcr-target",
    "labs:inbox-mapping",
    "labs:inbox-sender",
    "labs:inbox-authority",
    "registry:patient-new",
    "labs:specimen-new",
    "analysis:model",
}
LISTS = {
    "registry:patients",
    "labs:specimens",
    "labs:stains",
    "analysis:home",
    "analysis:alerts",
    "analysis:analyses",
    "analysis:reports",
    "analysis:exports",
}
PARTS = (
    "/picture/",
    "<int:file>/",
    "/file/",
    "freshness/",
    "answer/",
    ".json",
    ".csv",
    ".tsv",
    "/files/<slug:key>/<int:place>/",
    ".bib",
    ".ris",
    "reexecutions/",
    ".zip",
    ".jpg",
    ".pdf",
    ".svg",
    ".<slug:extension>",
)


@pytest.fixture
def world(a_site: Site) -> World:
    cohort: Cohort = make_cohort(a_site, is_simulated=True)
    made = build_world(cohort, lambda analysis: run_stale("test"))
    run_waiting()
    return made


def is_page(address: Address) -> bool:
    about_somebody = bool(address.arguments) and address.name not in ABOUT_NOBODY
    return (about_somebody or address.name in LISTS) and not address.name.startswith("admin:")


PAGES = [address for address in addresses() if is_page(address) and not address.pattern.endswith(PARTS)]


def test_every_page_that_shows_simulated_patients_says_so(world: World, ada: User, bob: User) -> None:
    silent = []
    for address in PAGES:
        url = reverse(address.name, kwargs=world.arguments(address))
        answers = [client.get(url) for client in (client_of(ada), client_of(bob))]
        pages = [answer for answer in answers if answer.status_code == 200]
        silent += [address.pattern for answer in pages if is_silent(address, content_of(answer))]
    assert not silent


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def is_silent(address: Address, content: bytes) -> bool:
    """A program's answer about a part of a row need not say it again; where it says it, it is true."""
    if address.pattern.startswith("/api/"):
        return b'"simulated":' in content and MARK_OF_DATA not in content
    if address.pattern.startswith("/fhir/"):
        return MARK_OF_FHIR not in content
    return MARK not in content


def test_a_real_cohort_is_not_called_simulated(a_cohort: Cohort, client: Client, ada: User) -> None:
    page = client_of(ada).get(reverse("registry:cohort", args=[a_cohort.code]))
    assert MARK not in page.content
