"""SQL by hand against the log, on whichever database the tests run: SQLite here, PostgreSQL in test_runs_beside.py."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.forms.models import model_to_dict

from registry.log.models import Change, Seal
from registry.log.sealing import seal_pending
from registry.patients.models import Enrolment

pytestmark = pytest.mark.django_db

STATEMENTS = {
    "update of a change": "UPDATE registry_change SET reason = 'forged'",
    "delete of a change": "DELETE FROM registry_change",
    "update of a seal": "UPDATE registry_seal SET hash = 'forged'",
    "delete of a seal": "DELETE FROM registry_seal",
}
ON_POSTGRESQL = {
    "truncate of the changes": "TRUNCATE registry_change CASCADE",
    "truncate of the seals": "TRUNCATE registry_seal",
    "upsert of a seal": "INSERT INTO registry_seal SELECT * FROM registry_seal "
    "ON CONFLICT (seq) DO UPDATE SET hash = 'forged'",
}
ON_SQLITE = {
    "replacement of a change": "INSERT OR REPLACE INTO registry_change SELECT * FROM registry_change",
    "replacement of a seal": "INSERT OR REPLACE INTO registry_seal SELECT * FROM registry_seal",
    "replacement of a seal by its change": "INSERT OR REPLACE INTO registry_seal (seq, hash, change_id) "
    "SELECT 9000 + seq, hash, change_id FROM registry_seal",
    "update that replaces": "UPDATE OR REPLACE registry_change SET id = 1",
    "upsert of a seal": "INSERT INTO registry_seal (seq, hash, change_id) SELECT seq, hash, change_id "
    "FROM registry_seal WHERE true ON CONFLICT (seq) DO UPDATE SET hash = 'forged'",
}
ALL = STATEMENTS | (ON_POSTGRESQL if connection.vendor == "postgresql" else ON_SQLITE)


def log_as_it_is() -> list[dict[str, object]]:
    return [model_to_dict(row) for model in (Change, Seal) for row in model.objects.order_by("pk")]


@pytest.mark.parametrize("statement", ALL.values(), ids=ALL.keys())
def test_the_database_itself_keeps_the_log(enrolled: Enrolment, statement: str) -> None:
    assert seal_pending() > 2
    before = log_as_it_is()
    connection.check_constraints()  # PostgreSQL truncates no table that waits for a deferred check
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert log_as_it_is() == before
