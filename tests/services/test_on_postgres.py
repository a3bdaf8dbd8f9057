"""The tests that use the database, once more on PostgreSQL: they run on SQLite otherwise."""

import pytest

from tests.services.second_run import SecondRun


@pytest.mark.services
def test_what_passes_on_sqlite_passes_on_postgresql(second_run: SecondRun) -> None:
    output = second_run.wait()
    assert second_run.process.returncode == 0, output[-20000:]
    print(output.splitlines()[-2])
