"""Every file of the folder HEPATICA_INTEROP against its entry in EXPECTED.json: one test per file, by its name."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.interop.comparison import Comparison
from tests.interop.kinds import LATER, known_kinds
from tests.shared_folders import folder

NO_SAMPLE = {"EXPECTED.json", "PROFILE.json", "MAPPINGS.json", "units_seen.csv"}


def _root() -> Path | None:
    name = os.environ.get("HEPATICA_INTEROP", "")
    return Path(name) if name and (Path(name) / "EXPECTED.json").is_file() else None


def _entries() -> dict[str, dict[str, Any]]:
    root = _root()
    if root is None:
        return {}
    entries: dict[str, dict[str, Any]] = json.loads((root / "EXPECTED.json").read_text("utf-8"))["files"]
    return entries


ENTRIES = _entries()


def _comparing(path: str) -> bool:
    return ENTRIES[path].get("kind") not in LATER


def _sample(path: str) -> Any:
    """What is sent to the server needs a database: said beforehand, or a run of this file alone makes none."""
    marks = [pytest.mark.django_db, pytest.mark.one_database] if "create" in ENTRIES[path] else []
    return pytest.param(path, id=path, marks=marks)


def test_every_file_has_an_entry_and_every_entry_a_file() -> None:
    root = folder("INTEROP")
    found = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    samples = {name for name in found if not name.endswith(".md") and name not in NO_SAMPLE}
    assert samples == set(ENTRIES)


def test_every_kind_is_known() -> None:
    folder("INTEROP")
    kinds = {str(entry.get("kind")) for entry in ENTRIES.values()}
    assert kinds <= known_kinds().keys() | LATER
    assert not known_kinds().keys() & LATER


@pytest.mark.parametrize("path", map(_sample, sorted(filter(_comparing, ENTRIES))))
def test_sample(
    path: str,
    compared: Callable[[int], None],
    record_property: Callable[[str, object], None],
) -> None:
    root = folder("INTEROP")
    entry = ENTRIES[path]
    compare = known_kinds().get(entry["kind"])
    assert compare is not None, f"no file in tests/interop/kinds compares {entry['kind']}"
    comparison = Comparison()
    compare(root / path, entry, comparison)
    compared(comparison.compared)
    counts = {
        "kind": entry["kind"],
        "files": 1,
        "values compared": comparison.compared,
        "differences": len(comparison.differences),
    }
    record_property("interop", json.dumps(counts))
    assert comparison.compared
    assert not comparison.differences, "\n".join(comparison.differences)


def test_kinds_of_later_work_are_counted(record_property: Callable[[str, object], None]) -> None:
    folder("INTEROP")
    for kind in sorted(LATER):
        files = sum(entry.get("kind") == kind for entry in ENTRIES.values())
        record_property("interop", json.dumps({"kind": kind, "files": files, "later": files}))
