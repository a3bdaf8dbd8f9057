"""The files of a signature as its method reads them: what a user supplies is refused where it is something else."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.discovery.loading import matrix, names, pairs
from analysis.discovery.sources import Source
from analysis.omics.errors import OmicsInputError
from analysis.omics.gmt import read_gmt
from analysis.omics.text_files import text_lines

STROMAL, IMMUNE = "StromalSignature", "ImmuneSignature"


def estimate_sets(path: Path) -> Mapping[str, tuple[str, ...]]:
    """The two sets of ESTIMATE out of a GMT file."""
    sets = read_gmt("\n".join(line for _number, line in text_lines(path))).genes
    for name in (STROMAL, IMMUNE):
        if name not in sets:
            raise OmicsInputError(f"The sets of {path.name} lack {name}.")
    return sets


def contents(path: Path) -> dict[str, float]:
    """A number for each name, without a header."""
    try:
        return {name: float(value) for name, value in pairs(path, header=None).items()}
    except ValueError as error:
        raise OmicsInputError(f"{path.name} holds something that is not a number.") from error


def reference(path: Path) -> pd.DataFrame:
    """A matrix with a name in each row and at least one column of numbers."""
    found = matrix(path)
    if found.empty or found.isna().all(axis=None):
        raise OmicsInputError(f"{path.name} has no row or no column of numbers.")
    return found


def listed(path: Path) -> list[str]:
    found = names(path)
    if not found:
        raise OmicsInputError(f"{path.name} names nothing.")
    return found


READERS: Mapping[str, Mapping[str, Callable[[Path], Any]]] = {
    "estimate": {"common": listed, "sets": estimate_sets},
    "epic": {"profiles": reference, "variability": reference, "genes": listed},
    "cibersort": {"matrix": reference},
    "timer": {"profiles": reference, "types": pairs, "markers": listed},
    "tide": {"signatures": reference, "spread": reference},
    "quantiseq": {"matrix": reference, "mrna": contents, "without": listed},
    "abis": {"matrix": reference},
}


def read_signature(source: Source) -> dict[str, list[Any]]:
    """What each of its files holds, by key; OmicsInputError names the file."""
    readers = READERS[source.form]
    return {key: [readers[key](path) for path in paths] for key, paths in source.files.items() if paths}
