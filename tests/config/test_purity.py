"""The pure folders import no framework, and nothing of ours but themselves; folders that come later are checked too."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PURE = ("analysis/stats", "analysis/omics", "labs/formats")
# The omics rest on the statistics, never the other way round.
MAY_IMPORT = {"analysis.omics": ("analysis.stats",)}
FORBIDDEN = {"django", "celery", "rest_framework", "config", "registry", "labs", "analysis"}
FILES = [path.relative_to(ROOT) for folder in PURE for path in sorted((ROOT / folder).rglob("*.py"))]


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # `from analysis import frames` imports analysis.frames
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_pure_module_imports_nothing_of_the_house(path: Path) -> None:
    own = ".".join(path.parts[:2])
    allowed = tuple(f"{folder}." for folder in (own, *MAY_IMPORT.get(own, ())))
    names = [name for name in imported((ROOT / path).read_text(encoding="utf-8")) if not f"{name}.".startswith(allowed)]
    assert [name for name in names if name.split(".")[0] in FORBIDDEN] == []


def test_an_import_of_a_neighbour_is_seen() -> None:
    assert list(imported("from analysis import frames\nimport django.db")) == ["analysis.frames", "django.db"]
