"""What is in a block of data, in a few words; whatever makes no sense is refused before a step rests on it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.discovery.errors import DiscoveryError
from analysis.discovery.loading import Expression, load
from analysis.discovery.method import SCORES, Outcome
from analysis.discovery.signatures import read_signature
from analysis.discovery.sources import (
    EXPRESSION,
    GISTIC,
    IDENTIFIERS,
    MUTATIONS,
    PLACES,
    SEGMENTS,
    SETS,
    SIGNATURE,
    Source,
)
from analysis.omics.errors import OmicsInputError
from analysis.omics.gene_copies import checked_places
from analysis.omics.gistic import read_gene_calls, read_lesions, read_peak_genes
from analysis.omics.gmt import GeneSets
from analysis.omics.maf import Mutations

Found = list[tuple[str, str]]
GISTIC_READERS: Mapping[str, Callable[[Any], Any]] = {
    "calls": read_gene_calls,
    "lesions": read_lesions,
    "amplified": read_peak_genes,
    "deleted": read_peak_genes,
}


def look_at(source: Source) -> tuple[Any, Found]:
    """What `load` gives, and what it is; DiscoveryError names the block, its file and what is wrong in it."""
    loaded = load(source)
    try:
        return loaded, LOOKERS[source.kind](source, loaded)
    except OmicsInputError as error:
        raise DiscoveryError(f"{source.place}: {error}") from error


def _expression(_source: Source, found: Expression) -> Found:
    matrix = found.matrix
    groups = pd.Series(dict(found.groups), dtype=str).value_counts()
    missing = int(np.isnan(matrix.values).sum())
    return [
        ("genes", str(len(matrix.genes))),
        ("samples", str(len(matrix.samples))),
        ("unit", matrix.unit),
        ("genes named by", found.identifiers),
        *([("groups", ", ".join(f"{name} {n}" for name, n in groups.items()))] if len(groups) else []),
        *([("missing values", str(missing))] if missing else []),
        *[("note", note) for note in found.notes],
    ]


def _mutations(_source: Source, found: Mutations) -> Found:
    genes = found.non_silent["Hugo_Symbol"].nunique()
    said = [
        ("samples", str(len(found.samples))),
        ("non-silent variants", str(len(found.non_silent))),
        ("genes hit", str(genes)),
    ]
    return [*said, ("repeated rows, left out", str(found.repeated))] if found.repeated else said


def _segments(_source: Source, found: pd.DataFrame) -> Found:
    return [("samples", str(found.iloc[:, 0].nunique())), ("segments", str(len(found)))]


def _gistic(source: Source, _same: Source) -> Found:
    said = []
    for key, paths in source.files.items():
        for path in paths:
            found = GISTIC_READERS[key](path)
            size = found.shape if isinstance(found, pd.DataFrame) else ()
            said.append((key, " x ".join(map(str, size)) if size else path.name))
    return said


def _sets(_source: Source, found: GeneSets) -> Found:
    if not found.genes:
        raise OmicsInputError("There is no set of genes.")
    return [("sets", str(len(found.genes))), ("genes", str(len({g for many in found.genes.values() for g in many})))]


def _scores(_source: Source, found: Outcome) -> Found:
    return [("samples", str(len(found.table))), ("scores", str(found.table.shape[1] - 1))]


def _places(_source: Source, found: pd.DataFrame) -> Found:
    what = "genes" if "symbol" in found else "arms"
    checked_places(found if "symbol" in found else found.rename(columns={"arm": "symbol"}), what)
    return [(what, _rows(_source, found)[0][1])]


def _rows(_source: Source, found: Any) -> Found:
    if not len(found):
        raise OmicsInputError("There is no row.")
    return [("rows", str(len(found)))]


def _signature(source: Source, _same: Source) -> Found:
    said = [("form", source.form)]
    for key, many in read_signature(source).items():
        for one in many:
            size = " x ".join(map(str, one.shape)) if isinstance(one, pd.DataFrame) else str(len(one))
            said.append((key, size))
    return said


LOOKERS: Mapping[str, Callable[[Source, Any], Found]] = {
    EXPRESSION: _expression,
    MUTATIONS: _mutations,
    SEGMENTS: _segments,
    GISTIC: _gistic,
    SETS: _sets,
    SCORES: _scores,
    PLACES: _places,
    IDENTIFIERS: _rows,
    SIGNATURE: _signature,
}
