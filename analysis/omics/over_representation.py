"""Over-representation: are more genes of a list in a set than chance would put there?"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.omics.errors import OmicsInputError
from analysis.stats.arrays import FloatArray, IntArray
from analysis.stats.multiplicity import benjamini_hochberg

SMALLEST_SET, LARGEST_SET = 10, 500
# qvalue(lambda=0.05): tests with p above it tell how many sets nothing happens in.
LAMBDA = 0.05


@dataclass(frozen=True)
class OverRepresentation:
    """One row a tested set, the smallest p first; arrays of shape (sets,).

    ``overlap`` of ``listed`` genes of the list are among the ``size`` genes of the set, of ``universe`` in all.
    """

    sets: tuple[str, ...]
    genes: tuple[tuple[str, ...], ...]
    overlap: IntArray
    size: IntArray
    listed: int
    universe: int
    p: FloatArray
    adjusted_p: FloatArray
    q: FloatArray

    @property
    def rich_factor(self) -> FloatArray:
        """Share of the set that is in the list."""
        return self.overlap / self.size

    @property
    def fold_enrichment(self) -> FloatArray:
        """Share of the list in the set over the share of the universe."""
        return (self.overlap / self.listed) / (self.size / self.universe)

    @property
    def z(self) -> FloatArray:
        """Overlap beyond the expected, in standard deviations of the hypergeometric distribution."""
        n, M, N = float(self.listed), self.size.astype(np.float64), float(self.universe)
        variance = M * n * (N - M) * (N - n) / (N**2 * (N - 1))
        z: FloatArray = (self.overlap - n * M / N) / np.sqrt(variance)
        return z


def over_represented(
    genes: Sequence[str],
    sets: Mapping[str, Sequence[str]],
    *,
    annotated: Set[str] | None = None,
    universe: Set[str] | None = None,
    smallest: int = SMALLEST_SET,
    largest: int = LARGEST_SET,
) -> OverRepresentation:
    """Test every set that holds a gene of the list.

    Parameters
    ----------
    genes : sequence of str
        The list; a gene that comes twice counts once.
    sets : mapping
        Genes of each set.
    annotated : set of str, optional
        All genes with an annotation; the union of the sets by default.
    universe : set of str, optional
        Genes that could have been in the list; all annotated ones by default.
    smallest, largest : int
        Sizes of a set, within the universe, to be tested.

    Returns
    -------
    OverRepresentation
        Empty if no gene of the list has an annotation, or no set has a size to be tested.

    Raises
    ------
    OmicsInputError
        An empty list, no sets, or a universe without an annotated gene.

    Notes
    -----
    Matches ``clusterProfiler::enricher``: p = P(X >= overlap) with X hypergeometric. The genes of the list are counted
    as far as they are annotated, before the universe narrows; set sizes and overlaps are counted after.
    """
    if not genes:
        raise OmicsInputError("The list of genes is empty.")
    if not sets:
        raise OmicsInputError("There is no set of genes to test.")
    known = set().union(*sets.values()) if annotated is None else set(annotated)
    listed = [gene for gene in dict.fromkeys(genes) if gene in known]
    background = known if universe is None else known & universe
    if not background:
        raise OmicsInputError("No gene of the universe has an annotation.")
    members = {name: set(of_set) for name, of_set in sets.items() if not set(of_set).isdisjoint(listed)}
    inside = {name: of_set & background for name, of_set in members.items()}
    tested = [name for name, of_set in inside.items() if smallest <= len(of_set) <= largest]
    hits = {name: tuple(gene for gene in listed if gene in inside[name]) for name in tested}
    overlap = np.array([len(hits[name]) for name in tested], dtype=np.int64)
    size = np.array([len(inside[name]) for name in tested], dtype=np.int64)
    p = hypergeometric_tail(overlap, size, len(listed), len(background))
    order = np.argsort(p, kind="stable")
    return OverRepresentation(
        sets=tuple(tested[i] for i in order),
        genes=tuple(hits[tested[i]] for i in order),
        overlap=overlap[order],
        size=size[order],
        listed=len(listed),
        universe=len(background),
        p=p[order],
        adjusted_p=benjamini_hochberg(p)[order],
        q=q_values(p)[order],
    )


def hypergeometric_tail(overlap: ArrayLike, size: ArrayLike, drawn: int, universe: int) -> FloatArray:
    """P(X >= overlap) when ``drawn`` genes are taken from ``universe``, of which ``size`` are in the set.

    ``drawn`` may exceed the universe, as in clusterProfiler where genes of the list are not in it: all are drawn then.

    Raises
    ------
    OmicsInputError
        An overlap or a set that is larger than can be.
    """
    overlaps, sizes = (np.asarray(values, dtype=np.int64) for values in (overlap, size))
    if (sizes > universe).any() or (overlaps > np.minimum(sizes, drawn)).any():
        raise OmicsInputError("A set is larger than the universe, or an overlap larger than the set or the list.")
    pairs = zip(overlaps.tolist(), sizes.tolist(), strict=True)
    return np.array([_tail(k, M, min(drawn, universe), universe) for k, M in pairs], dtype=np.float64)


def _tail(k: int, M: int, n: int, N: int) -> float:
    """From the ratios of neighbouring probabilities, which are exact, starting at the largest."""
    least, most = max(0, n + M - N), min(n, M)
    if k <= least:
        return 1.0
    mode = min(max((n + 1) * (M + 1) // (N + 2), least), most)
    x = np.arange(least, most, dtype=np.float64)
    ratio = (M - x) * (n - x) / ((x + 1) * (N - M - n + x + 1))
    weights = np.ones(most - least + 1)
    at = mode - least
    weights[at + 1 :] = np.cumprod(ratio[at:])
    weights[:at] = np.cumprod(1 / ratio[:at][::-1])[::-1]
    return float(weights[k - least :].sum() / weights.sum())


def q_values(p: FloatArray) -> FloatArray:
    """Storey's q with one tuning value, 0.05; NaN where p is, or where too few p tell how often nothing happens.

    Notes
    -----
    Matches ``qvalue(p, lambda=0.05, pi0.method="bootstrap")`` of the R package qvalue. Storey, J R Stat Soc B 2002; 64:
    479-498: the adjusted p of Benjamini and Hochberg times the share of p above 0.05, over 0.95.
    """
    known = p[~np.isnan(p)]
    unaffected = min(float(np.mean(known >= LAMBDA)) / (1 - LAMBDA), 1.0) if len(known) > 1 else 0.0
    if not unaffected:
        return np.full(p.shape, np.nan)
    return unaffected * benjamini_hochberg(p)
