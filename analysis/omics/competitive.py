"""Competitive tests: are the statistics of the genes of a set larger than those of the other genes?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.omics.errors import OmicsInputError
from analysis.omics.tails import upper_t
from analysis.stats.arrays import FloatArray, IntArray
from analysis.stats.multiplicity import benjamini_hochberg
from analysis.stats.ranks import midranks

MIXED, UP, DOWN, EITHER = "mixed", "up", "down", "either"


@dataclass(frozen=True)
class Camera:
    """One row a set, in the order given; arrays of shape (sets,). ``upwards`` tells the direction."""

    sets: tuple[str, ...]
    size: IntArray
    upwards: tuple[bool, ...]
    p: FloatArray
    adjusted_p: FloatArray


def camera(
    genes: Sequence[str], statistics: FloatArray, sets: Mapping[str, Sequence[str]], *, correlation: float = 0.01
) -> Camera:
    """A t test of the set against the rest that allows for correlated genes.

    Parameters
    ----------
    genes : sequence of str
    statistics : ndarray, shape (genes,)
        A moderated t, or anything near normal, of every gene.
    sets : mapping
        Genes of each set.
    correlation : float
        Between the genes of a set.

    Returns
    -------
    Camera

    Raises
    ------
    OmicsInputError
        Fewer than three genes, a missing statistic, a set with none or all of the genes, a correlation outside -1 to 1.

    Notes
    -----
    Matches ``limma::cameraPR``. Wu & Smyth, Nucleic Acids Res 2012; 40: e133.
    """
    places = _places(genes, statistics, sets)
    if not -1 < correlation < 1:
        raise OmicsInputError(f"The correlation between genes lies between -1 and 1, not {correlation:g}.")
    G = len(genes)
    size = np.array([len(rows) for rows in places.values()], dtype=np.int64)
    rest = G - size
    mean = np.array([statistics[rows].mean() for rows in places.values()])
    delta = G / rest * (mean - statistics.mean())
    pooled = ((G - 1) * statistics.var(ddof=1) - delta**2 * size * rest / G) / (G - 2)
    inflated = 1 + (size - 1) * correlation
    t = delta / np.sqrt(pooled * (inflated / size + 1 / rest))
    up, down = upper_t(t, np.array(G - 2.0)), upper_t(-t, np.array(G - 2.0))
    p = 2 * np.minimum(up, down)
    return Camera(tuple(places), size, tuple((down >= up).tolist()), p, benjamini_hochberg(p))


def gene_set_test(
    genes: Sequence[str], statistics: FloatArray, sets: Mapping[str, Sequence[str]], *, alternative: str = MIXED
) -> FloatArray:
    """p of a rank-sum test of each set against the rest; shape (sets,).

    Parameters
    ----------
    genes, statistics, sets
        As for ``camera``.
    alternative : {"mixed", "up", "down", "either"}
        Whether the set has large values, in absolute size (``mixed``), above or below, or to either side together.

    Raises
    ------
    OmicsInputError
        As ``camera``, or an unknown alternative.

    Notes
    -----
    Matches ``limma::geneSetTest(ranks.only=TRUE)``: normal approximation with correction for continuity and ties.
    """
    if alternative not in (MIXED, UP, DOWN, EITHER):
        raise OmicsInputError(f"The alternative is one of mixed, up, down, either, not {alternative!r}.")
    places = _places(genes, statistics, sets)
    ranks = midranks(np.abs(statistics) if alternative == MIXED else statistics)
    n = len(genes)
    size = np.array([len(rows) for rows in places.values()], dtype=np.float64)
    total = np.array([ranks[rows].sum() for rows in places.values()])
    ties = np.unique(ranks, return_counts=True)[1].astype(np.float64)
    variance = size * (n - size) * (n + 1) / 12 * (1 - (ties**3 - ties).sum() / (n**3 - n))
    # The U of the genes outside, so that a small one speaks for large ranks inside.
    excess = total - size * (n + 1) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        up = special.ndtr((-excess + 0.5) / np.sqrt(variance))
        down = special.ndtr((excess + 0.5) / np.sqrt(variance))
    either = 2 * np.minimum(up, down)
    p: FloatArray = {MIXED: up, UP: up, DOWN: down, EITHER: either}[alternative]
    return p


def _places(genes: Sequence[str], statistics: FloatArray, sets: Mapping[str, Sequence[str]]) -> dict[str, IntArray]:
    """Rows of the genes of each set."""
    if len(genes) < 3 or statistics.shape != (len(genes),):
        raise OmicsInputError(f"{len(genes)} genes with {statistics.size} statistics are no list of three or more.")
    bad = np.flatnonzero(~np.isfinite(statistics))
    if bad.size:
        raise OmicsInputError(f"The statistic of gene {genes[bad[0]]} is missing or infinite.")
    row = {gene: i for i, gene in enumerate(genes)}
    if len(row) < len(genes):
        raise OmicsInputError("A gene comes twice in the list of statistics.")
    if not sets:
        raise OmicsInputError("There is no set of genes to test.")
    found = {
        name: np.array(sorted({row[g] for g in of_set if g in row}), dtype=np.int64) for name, of_set in sets.items()
    }
    for name, rows in found.items():
        if not 0 < len(rows) < len(genes):
            raise OmicsInputError(f"The set {name} holds none or all of the genes that have a statistic.")
    return found
