"""One world for all tests of a module: to build it takes longer than most of the questions that are asked of it."""

import pytest

from analysis.engine.execution import run_stale
from tests.contracts.world import World, build_world, leave_behind
from tests.registry.fixtures import make_cohort
from tests.registry.people import site


@pytest.fixture(scope="module")
def world(lasting: None) -> World:
    made = build_world(make_cohort(site("HEB")), lambda analysis: run_stale("test"))
    leave_behind(made.report)
    return made
