"""Locks on a matter rather than on a row, held to the end of the transaction."""

from django.db import connection

# Any number, as long as nothing else in this database takes advisory locks under it.
_RULES = 7_420_115


def hold_rules(cohort_id: int, *, alone: bool = False) -> None:
    """Keeps the criteria of a cohort as they are while patients are judged by them; `alone` to change them.

    Taken before any enrolment is locked. No lock of the cohort's row would do: each Change row holds its cohort by the
    foreign key, so that whoever locked the cohort and waits for an enrolment would wait for somebody who waits for the
    cohort. SQLite has one writer at a time anyway.
    """
    if connection.vendor != "postgresql":
        return
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [_RULES, cohort_id])
