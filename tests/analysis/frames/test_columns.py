"""The unit that stands beside a number on pages and figures."""

import pytest

from analysis.frames.columns import load_column
from analysis.frames.variables import parse
from registry.cohorts.models import Cohort
from tests.registry import people
from tests.registry.fixtures import make_cohort

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort() -> Cohort:
    return make_cohort(people.site("HEB"))


@pytest.mark.parametrize(
    ("variable", "unit"),
    [
        ("ihc:CD206@tumour", "cells per field"),
        ("ihc:FAP@tumour", ""),
        ("blood:CD8", "/µL"),
        ("blood:LYM", "10⁹/L"),
        ("blood:NLR", ""),
        ("blood:IL6", "pg/mL"),
    ],
)
def test_a_unit_is_the_one_that_people_read(cohort: Cohort, variable: str, unit: str) -> None:
    assert load_column(cohort, parse(variable), "default").description["unit"] == unit
