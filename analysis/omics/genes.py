"""Names of genes: what counts as the same symbol, and what to do when one comes twice."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import ExpressionMatrix
from analysis.stats.arrays import FloatArray

# ENSG00000141510.18, and the copy on the Y chromosome ENSG00000002586.20_PAR_Y, once ENSGR0000002586.11.
ENSEMBL = re.compile(r"(?P<id>ENS[A-Z]*G[\dR]\d{10})\.\d+(?P<copy>_PAR_Y)?$")


def without_version(gene: str) -> str:
    """An Ensembl gene id without its version; other names as they are. A copy on Y stays apart from that on X."""
    found = ENSEMBL.match(gene.strip())
    return f"{found['id']}{found['copy'] or ''}" if found else gene.strip()


def matching_key(symbol: str) -> str:
    """What two spellings of a symbol share; only for looking up, never for display."""
    return symbol.strip().upper()


@dataclass(frozen=True)
class SymbolMatch:
    """Wanted symbols as they stand in the data, and those that are missing there, in the order wanted."""

    found: dict[str, str]
    missing: tuple[str, ...]


def match_symbols(wanted: Sequence[str], present: Sequence[str]) -> SymbolMatch:
    """Look symbols up by their key.

    Raises
    ------
    OmicsInputError
        Two symbols of the data that differ in letter case or blanks only.
    """
    keys: dict[str, str] = {}
    for symbol in present:
        other = keys.setdefault(matching_key(symbol), symbol)
        if other != symbol:
            raise OmicsInputError(f"The symbols {other} and {symbol} are the same gene, written in two ways.")
    unique = tuple(dict.fromkeys(wanted))
    found = {symbol: keys[matching_key(symbol)] for symbol in unique if matching_key(symbol) in keys}
    return SymbolMatch(found, tuple(symbol for symbol in unique if symbol not in found))


def _max(values: FloatArray) -> FloatArray:
    most: FloatArray = values.max(axis=0)
    return most


def _mean(values: FloatArray) -> FloatArray:
    mean: FloatArray = values.mean(axis=0)
    return mean


def _median(values: FloatArray) -> FloatArray:
    median: FloatArray = np.median(values, axis=0)
    return median


def _first(values: FloatArray) -> FloatArray:
    first: FloatArray = values[0]
    return first


COLLAPSE: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "median": _median,
    "mean": _mean,
    "max": _max,
    "first": _first,
}


@dataclass(frozen=True)
class OneRowPerGene:
    """A matrix in which each gene has one row, the genes that had more than one, and how many rows had no name."""

    expression: ExpressionMatrix
    collapsed: tuple[str, ...]
    unnamed: int


def one_row_per_gene(
    genes: Sequence[str], samples: Sequence[str], values: FloatArray, unit: str, rule: str
) -> OneRowPerGene:
    """Collapse the rows of each gene by a rule, genes in the order of their first row; rows without a name stay out.

    Parameters
    ----------
    genes : sequence of str
        Name of each row, some of them more than once.
    samples, values, unit
        As for ``ExpressionMatrix``.
    rule : {"median", "mean", "max", "first", "error"}

    Raises
    ------
    OmicsInputError
        An unknown rule, a gene twice where the rule is ``error``, or values that are no expression matrix.
    """
    if rule not in (*COLLAPSE, "error"):
        raise OmicsInputError(
            f"The rule for genes that come twice is one of {', '.join(COLLAPSE)}, error, not {rule!r}."
        )
    rows = {gene: places for gene, places in rows_by_gene(genes).items() if gene.strip()}
    repeated = tuple(gene for gene, places in rows.items() if len(places) > 1)
    if rule == "error" and repeated:
        raise OmicsInputError(f"The gene {repeated[0]} comes twice.")
    if not rows:
        raise OmicsInputError("No row has the name of a gene.")
    unnamed = len(genes) - sum(len(places) for places in rows.values())
    expression = ExpressionMatrix(tuple(rows), samples, collapsed(values, rows, rule), unit)
    return OneRowPerGene(expression, repeated, unnamed)


def rows_by_gene(genes: Sequence[str]) -> dict[str, list[int]]:
    """Places of the rows of each gene, in the order of their first."""
    rows: dict[str, list[int]] = {}
    for place, gene in enumerate(genes):
        rows.setdefault(gene, []).append(place)
    return rows


def collapsed(values: FloatArray, rows: Mapping[str, Sequence[int]], rule: str) -> FloatArray:
    """One row a gene by "median", "mean", "max" or "first"; shape (genes, samples)."""
    collapse = COLLAPSE.get(rule, _first)
    return np.array([collapse(values[places]) if len(places) > 1 else values[places[0]] for places in rows.values()])
