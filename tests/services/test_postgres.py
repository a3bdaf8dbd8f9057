import pytest

from tests.services.postgres import Server


@pytest.mark.services
def test_a_real_postgresql_makes_databases_from_a_template(postgres: Server) -> None:
    postgres.create("hepatica_fixture_source")
    with postgres.connect("hepatica_fixture_source") as connection:
        connection.execute("CREATE TABLE fact (n int); INSERT INTO fact VALUES (7)")
    postgres.create("hepatica_fixture_copy", template="hepatica_fixture_source")
    with postgres.connect("hepatica_fixture_copy") as connection:
        assert connection.execute("SELECT n FROM fact").fetchall() == [(7,)]
        version = connection.execute("SHOW server_version_num").fetchone()
    assert version is not None
    assert int(version[0]) >= 150000
