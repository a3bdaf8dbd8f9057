"""The entry of the menu that is lit is that of the page, whatever its address begins with."""

import re

import pytest

from registry.cohorts.models import Cohort
from registry.people.models import User
from registry.people.roles import Role
from tests.registry.people import client_of, person

pytestmark = pytest.mark.django_db
LIT = re.compile(r'<a href="([^"]+)" aria-current="page">')


@pytest.fixture
def investigator(db: None) -> User:
    return person(Role.INVESTIGATOR)


@pytest.mark.parametrize(
    ("page", "lit"),
    [
        ("/cohorts/resection/", "/cohorts/"),
        ("/cohorts/resection/dashboard/", "/dashboard/"),
        ("/cohorts/resection/define/", "/analyses/"),
        ("/cohorts/resection/parts/", "/analyses/"),
        ("/cohorts/resection/remark/", "/reports/"),
        ("/cohorts/resection/snapshots/new/", "/snapshots/"),
    ],
)
def test_a_page_of_a_cohort_lights_one_entry(page: str, lit: str, a_cohort: Cohort, investigator: User) -> None:
    answer = client_of(investigator).get(page)
    assert answer.status_code == 200
    header = answer.content.decode().partition("</nav>")[0]
    assert LIT.findall(header) == [lit]
    assert header.count("data-current") == int(lit != "/cohorts/")
