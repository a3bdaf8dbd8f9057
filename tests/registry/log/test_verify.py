from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from registry.log import appendonly
from registry.log.models import Change, Pending, Seal
from registry.log.sealing import head, seal_pending
from registry.log.verifying import verify_log
from registry.patients.models import Enrolment

pytestmark = pytest.mark.django_db


@contextmanager
def unguarded() -> Iterator[None]:
    """What somebody with the database's password can do: without triggers, without foreign keys."""
    appendonly.remove()
    with connection.constraint_checks_disabled():
        yield
    appendonly.install()


def sql(statement: str, *values: str | int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def drop_foreign_keys_to_changes() -> None:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass, conname FROM pg_constraint "
            "WHERE contype = 'f' AND confrelid = 'registry_change'::regclass"
        )
        for table, name in cursor.fetchall():
            cursor.execute(f'SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {table} DROP CONSTRAINT "{name}"')


def test_an_untouched_log_has_no_faults(enrolled: Enrolment) -> None:
    result = verify_log()
    assert result.faults == []
    assert result.changes == Change.objects.count() == Seal.objects.count()
    assert result.head == head() == Seal.objects.latest("seq").hash


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("reason", "forged"),
        ("actor_name", "mallory"),
        ("new", "{}"),
        ("subject_code", "P-002"),
        ("version", 77),
        ("action", "read"),
    ],
)
def test_a_tampered_row_is_named(enrolled: Enrolment, column: str, value: str | int) -> None:
    seal_pending()
    victim = Change.objects.order_by("id")[1]
    with unguarded():
        sql(f"UPDATE registry_change SET {column} = %s WHERE id = %s", value, victim.pk)
    forged = Change.objects.get(pk=victim.pk)
    assert verify_log().faults[0] == (
        f"Change {victim.pk} ({victim.subject_type} {forged.subject_code}, {victim.at:%Y-%m-%d %H:%M} UTC, "
        f"by {forged.actor_name}) is not what was sealed as number 2."
    )


def test_a_row_that_was_removed_is_named(enrolled: Enrolment) -> None:
    seal_pending()
    first, newest = Change.objects.earliest("id").pk, Change.objects.latest("id").pk
    last = Seal.objects.count()
    with unguarded():
        drop_foreign_keys_to_changes()
        sql("DELETE FROM registry_change WHERE id IN (%s, %s)", first, newest)
        faults = verify_log().faults
        sql("DELETE FROM registry_seal WHERE change_id IN (%s, %s)", first, newest)
    assert f"Change {first}, sealed as number 1, was removed from the log." in faults
    assert f"Change {newest}, sealed as number {last}, was removed from the log." in faults
    faults = verify_log().faults
    assert any(fault.startswith("Seal 1 or its change is missing") for fault in faults)
    assert any(fault.startswith("Stream enrolment stands at 1, its newest change at 0") for fault in faults)


def test_a_row_that_was_slipped_in_is_named(enrolled: Enrolment) -> None:
    seal_pending()
    copied = Change.objects.latest("id")
    copied.pk, copied.version = None, copied.version + 1
    copied.save(force_insert=True)
    faults = verify_log().faults
    assert f"Change {copied.pk} (enrolment P-001) is neither sealed nor in line." in faults


def test_a_missing_trigger_is_named(enrolled: Enrolment) -> None:
    appendonly.remove()
    missing = [fault.split()[1] for fault in verify_log().faults]
    appendonly.install()
    kinds = ["update", "delete", "replace"] if connection.vendor == "sqlite" else ["update_or_delete", "truncate"]
    log = [f"{table}_no_{kind}" for table in ("registry_change", "registry_seal") for kind in kinds]
    assert missing[: len(log)] == log
    # The tables that apps above protect as well.
    assert {f"analysis_snapshot_no_{kind}" for kind in kinds} <= set(missing)
    assert verify_log().faults == []


def test_a_change_that_waits_too_long_for_its_seal_is_named(
    enrolled: Enrolment, monkeypatch: pytest.MonkeyPatch
) -> None:
    Pending.objects.update(since=timezone.now() - timedelta(minutes=5))
    monkeypatch.setattr("registry.log.verifying.seal_pending", lambda: 0)  # no sealer works
    assert "has waited for its seal since" in verify_log().faults[0]


def test_the_command_says_the_head_or_fails_with_the_faults(
    enrolled: Enrolment, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("verify_log")
    assert f"all sealed and unchanged. Head {head()}" in capsys.readouterr().out
    with unguarded():
        sql("UPDATE registry_change SET reason = %s", "forged")
    with pytest.raises(CommandError, match=r"is not what was sealed as number 1\."):
        call_command("verify_log")
