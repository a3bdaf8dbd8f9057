"""A matrix of expression beside its file, gene after gene as 64-bit floats, so that any step reads it fast."""

import json
from pathlib import Path

import numpy as np

from analysis.discovery.loading import Expression
from analysis.omics.expression import ExpressionMatrix

VALUES, NAMES = "expression.npy", "expression.json"


def write_expression(place: Path, found: Expression) -> None:
    """The names last: without them nobody takes the values for whole."""
    np.save(place / VALUES, np.ascontiguousarray(found.matrix.values, dtype="<f8"), allow_pickle=False)
    names = {
        "genes": found.matrix.genes,
        "samples": found.matrix.samples,
        "unit": found.matrix.unit,
        "groups": dict(found.groups),
        "identifiers": found.identifiers,
        "notes": found.notes,
    }
    unfinished = place / f"{NAMES}.part"
    unfinished.write_text(json.dumps(names), encoding="utf-8")
    unfinished.replace(place / NAMES)


def read_expression(place: Path, name: str) -> Expression | None:
    """None where it was never written: whoever wants it reads the file."""
    try:
        names = json.loads((place / NAMES).read_text(encoding="utf-8"))
        values = np.load(place / VALUES, allow_pickle=False)
    except (OSError, ValueError):
        return None
    matrix = ExpressionMatrix(names["genes"], names["samples"], values, names["unit"])
    return Expression(name, matrix, names["groups"], names["identifiers"], tuple(names["notes"]))
