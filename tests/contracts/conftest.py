"""One world for all tests of a module: to build it takes longer than most of the questions that are asked of it."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from analysis.engine.execution import run_stale
from tests.contracts.world import World, build_world, leave_behind
from tests.registry.fixtures import make_cohort
from tests.registry.people import site


@pytest.fixture(scope="module")
def lasting(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What is stored now lasts for the module: the transaction of each test is a savepoint in this one."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr("analysis.engine.execution.SNAPSHOT", "default")
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(lasting: None) -> World:
    made = build_world(make_cohort(site("HEB")), lambda analysis: run_stale("test"))
    leave_behind(made.report)
    return made
