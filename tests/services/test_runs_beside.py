"""The tests that use the database, on SQLite and on PostgreSQL: they run beside this run."""

import pytest

from tests.services.runs_beside import RunBeside


@pytest.mark.services
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_what_uses_the_database_passes(runs_beside: dict[str, RunBeside], database: str) -> None:
    run = runs_beside[database]
    output = run.wait()
    assert run.process.returncode == 0, output[-20000:]
    print(output.splitlines()[-2])
