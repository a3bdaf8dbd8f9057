import pytest
from django.db import connection

pytest_plugins = ["tests.services.postgres", "tests.services.stack", "tests.services.browser"]


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip("asks for DATABASE_URL=postgresql://…; tests/services/test_on_postgres.py runs it so")
