"""Triggers that keep the change log append-only, on PostgreSQL and SQLite alike; an upper app may add its tables.

SQLite loses a table's triggers whenever a migration remakes the table, so install() runs after every migrate as well.
"""

from collections.abc import Iterator

from django.db import connection

# Every unique column (a+b: unique together): SQLite replaces a row by any of them.
_keys: dict[str, tuple[str, ...]] = {"registry_change": ("id",), "registry_seal": ("seq", "change_id")}


def protect(table: str, *keys: str) -> None:
    """Makes a table append-only; called in an app's ready(), before anything is migrated."""
    _keys[table] = keys


def install() -> None:
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor):
            cursor.execute(statement)


def remove() -> None:
    with connection.cursor() as cursor:
        for table in _keys:
            for name in _names(table, connection.vendor):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def missing() -> list[str]:
    """Names of the triggers that should be there and are not."""
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {row[0] for row in cursor.fetchall()}
    wanted = [name for table in _keys for name in _names(table, connection.vendor)]
    return [name for name in wanted if name not in present]


def _names(table: str, vendor: str) -> list[str]:
    kinds = ("no_update", "no_delete", "no_replace") if vendor == "sqlite" else ("no_update_or_delete", "no_truncate")
    return [f"{table}_{kind}" for kind in kinds]


def _statements(vendor: str) -> Iterator[str]:
    if vendor == "postgresql":
        yield (
            "CREATE OR REPLACE FUNCTION registry_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END$$"
        )
    for table in _keys:
        yield from _postgresql(table) if vendor == "postgresql" else _sqlite(table)


def _postgresql(table: str) -> Iterator[str]:
    yield (
        f"CREATE OR REPLACE TRIGGER {table}_no_update_or_delete BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION registry_append_only()"
    )
    yield (
        f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION registry_append_only()"
    )


def _sqlite(table: str) -> Iterator[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    yield f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} {refuse}"
    yield f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} {refuse}"
    # INSERT OR REPLACE deletes without firing the delete trigger.
    same = " OR ".join(_same(key) for key in _keys[table])
    exists = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  # built from the constants above
    yield f"CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table} WHEN {exists} {refuse}"


def _same(key: str) -> str:
    return "(" + " AND ".join(f"{column} = NEW.{column}" for column in key.split("+")) + ")"
