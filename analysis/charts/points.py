"""What a figure draws, as rows: the same numbers as its lines and marks, layer by layer."""

from collections.abc import Iterator
from typing import Any

Spec = dict[str, Any]


def points(spec: Spec) -> tuple[list[str], list[dict[str, Any]]]:
    """The columns in the order met, and the rows, each with the name of its layer."""
    rows = [{"layer": name, **row} for name, values in _layers(spec, "", []) for row in values]
    columns = list(dict.fromkeys(name for row in rows for name in row)) or ["layer"]
    return columns, rows


def _layers(view: Spec, name: str, inherited: list[Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    own = view.get("data", {}).get("values")
    name = str(view.get("name", name))
    parts = [*view.get("vconcat", []), *view.get("hconcat", []), *view.get("concat", []), *view.get("layer", [])]
    # Rules and texts of one layer share its rows: they are given once.
    if own is not None and own is not inherited:
        yield name, [row for row in own if isinstance(row, dict)]
    for part in parts:
        yield from _layers(part, name, own if own is not None else inherited)
