"""Writes happen in modules made for it and only there: every other way to change a row is a way past the log."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

APPS = ("registry", "labs", "analysis")
# Methods of a row or of a queryset that write. Those that dict, set and file have too count on a queryset only.
WRITES = {
    "save",
    "delete",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "execute",
    "executemany",
    "raw",
}
SHARED_WITH_PLAIN_OBJECTS = {"update", "create", "set", "add", "remove", "clear"}
ALLOWED_NAMES = {"services.py"}
ALLOWED_MODULES = {
    # the door itself
    "registry/log/facts.py",
    "registry/log/recording.py",
    "registry/log/sealing.py",
    "registry/log/appendonly.py",
    "registry/log/locking.py",
    "labs/revisions.py",
    # a fixed table of spellings, written with its analyte
    "labs/blood/analytes.py",
    # the engine's own tables: claims, runs, results
    "analysis/engine/claiming.py",
    "analysis/engine/parts.py",
    "analysis/engine/workers.py",
    "analysis/engine/storing.py",
    "analysis/engine/schedule.py",
    "analysis/engine/watch.py",
    # workbooks, no rows
    "registry/export/writing.py",
    # workbooks, no rows
    "analysis/exports/files.py",
    # pictures, no rows
    "labs/rounds/images/pyramid.py",
    # a matrix in a file, no rows
    "analysis/datasets/binary.py",
    # pictures, no rows
    "labs/blots/pictures.py",
    "analysis/demo/blot.py",
}
ALLOWED_FOLDERS = ("/migrations/", "/management/")


def modules() -> Iterator[Path]:
    for app in APPS:
        yield from sorted((settings.BASE_DIR / app).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(settings.BASE_DIR).as_posix()


def may_write(name: str) -> bool:
    return (
        name in ALLOWED_MODULES
        or Path(name).name in ALLOWED_NAMES
        or any(folder in f"/{name}" for folder in ALLOWED_FOLDERS)
    )


def writes(source: str) -> list[str]:
    """line: call, for each call that writes to the database or may do so."""
    return [
        f"{call.lineno}: {ast.unparse(call.func)}"
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and is_write(call.func)
    ]


def is_write(method: ast.Attribute) -> bool:
    return method.attr in WRITES or (method.attr in SHARED_WITH_PLAIN_OBJECTS and is_queryset(method.value))


def is_queryset(value: ast.expr) -> bool:
    """A chain that goes through a manager or ends in a queryset's method: X.objects…, row.things.filter(…)…"""
    steps = {node.attr for node in ast.walk(value) if isinstance(node, ast.Attribute)}
    return bool(steps & {"objects", "_default_manager", "_base_manager", "filter", "exclude", "select_for_update"})


def test_only_modules_made_for_it_write() -> None:
    stray = {
        name_of(path): found
        for path in modules()
        if not may_write(name_of(path)) and (found := writes(path.read_text(encoding="utf-8")))
    }
    assert stray == {}


def test_every_exception_is_still_needed() -> None:
    needed = {name_of(path) for path in modules() if writes(path.read_text(encoding="utf-8"))}
    assert needed >= ALLOWED_MODULES


@pytest.mark.parametrize(
    "line",
    [
        "patient.save()",
        "Patient.objects.filter(pk=1).update(sex='F')",
        "Patient.objects.create(study_number='P-1')",
        "patient.treatments.exclude(kind='tace').delete()",
        "type(row)._default_manager.bulk_create(rows)",
        "Patient.objects.bulk_update(rows, ['sex'])",
        "Patient.objects.get_or_create(study_number='P-1')",
        "cursor.execute('UPDATE registry_patient SET sex = 1')",
        "Patient.objects.raw('DELETE FROM registry_patient RETURNING id')",
    ],
)
def test_a_write_is_recognised(line: str) -> None:
    assert len(writes(line)) == 1


@pytest.mark.parametrize(
    "line", ["counts.update(more)", "seen.add(row)", "service.create(fact)", "Patient.objects.all()"]
)
def test_what_does_not_write_is_left_alone(line: str) -> None:
    assert writes(line) == []
