from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from analysis.demo.cohorts import ICI, RESECTION, Design
from analysis.demo.loading import load_cohort
from registry.cohorts.models import Cohort


@contextmanager
def loaded(design: Design, blocker: DjangoDbBlocker) -> Iterator[Cohort]:
    """The cohort for a whole module of tests that only read: loading it takes seconds."""
    with blocker.unblock(), transaction.atomic():
        yield load_cohort(design)
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def resection(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cohort]:
    with loaded(RESECTION, django_db_blocker) as cohort:
        yield cohort


@pytest.fixture(scope="module")
def ici(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cohort]:
    with loaded(ICI, django_db_blocker) as cohort:
        yield cohort
