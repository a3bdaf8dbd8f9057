"""Gene set enrichment analysis of a ranked list."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from analysis.omics.errors import OmicsInputError
from analysis.omics.over_representation import LARGEST_SET, SMALLEST_SET, q_values
from analysis.stats.arrays import FloatArray, IntArray
from analysis.stats.multiplicity import benjamini_hochberg

# fgsea: size of the sample of the multilevel method, and the p below which it does not look any closer.
SAMPLE_SIZE, LEAST_P = 101, 1e-10
PERMUTATIONS = 1000


@dataclass(frozen=True)
class Ranking:
    """Genes, each once, by descending statistic of shape (genes,)."""

    genes: tuple[str, ...]
    statistics: FloatArray


def rank_genes(genes: Sequence[str], statistics: Sequence[float] | FloatArray) -> Ranking:
    """Order genes by their statistic; of a gene that comes twice, keep the value farthest from 0.

    Raises
    ------
    OmicsInputError
        Unequal lengths, fewer than two genes, a blank name, a missing or infinite statistic.
    """
    values = np.asarray(statistics, dtype=np.float64)
    if values.shape != (len(genes),):
        raise OmicsInputError(f"{len(genes)} genes are ranked by {values.size} values.")
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise OmicsInputError(f"The statistic of gene {genes[bad[0]]} is missing or infinite.")
    kept: dict[str, int] = {}
    for row in np.argsort(-np.abs(values), kind="stable").tolist():
        kept.setdefault(genes[row], row)
    if len(kept) < 2 or not all(gene.strip() for gene in kept):
        raise OmicsInputError("A ranking takes two genes or more, each with a name.")
    rows = np.array(sorted(kept.values()))
    rows = rows[np.argsort(-values[rows], kind="stable")]
    return Ranking(tuple(genes[row] for row in rows), values[rows])


@dataclass(frozen=True)
class EnrichmentScore:
    """The largest deviation of the running sum, where it is, and the genes that make it.

    ``rank`` counts from the end at which the set is enriched, from 1. ``tags`` is the leading
    edge's share of the set, ``length`` the share of the list up to ``rank``, ``signal`` both in one.
    """

    score: float
    rank: int
    leading_edge: tuple[str, ...]
    tags: float
    length: float
    signal: float


def positions_in(ranking: Ranking, members: Set[str]) -> IntArray:
    """Places of the genes of a set in the ranking, from 0."""
    return np.array([place for place, gene in enumerate(ranking.genes) if gene in members], dtype=np.int64)


def running_sum(ranking: Ranking, places: IntArray, exponent: float = 1.0) -> FloatArray:
    """The running sum after each gene of the list; shape (genes,).

    Raises
    ------
    OmicsInputError
        The set holds none or all of the genes of the list.
    """
    n = len(ranking.genes)
    steps = np.full(n, -1.0 / (n - len(places)) if len(places) < n else 0.0)
    steps[places] = _hit_weights(ranking, places, exponent)
    return np.cumsum(steps)


def _hit_weights(ranking: Ranking, places: IntArray, exponent: float) -> FloatArray:
    if not 0 < len(places) < len(ranking.genes):
        raise OmicsInputError("A set is enriched in a list that holds some of its genes and some others.")
    weights: FloatArray = np.abs(ranking.statistics[places]) ** exponent
    total = float(weights.sum())
    return weights / total if total else np.full(len(places), 1 / len(places))


def _extremes(ranking: Ranking, places: IntArray, exponent: float) -> tuple[FloatArray, FloatArray]:
    """The running sum after each gene of the set, and before it."""
    weights = _hit_weights(ranking, places, exponent)
    misses = (places - np.arange(len(places))) / (len(ranking.genes) - len(places))
    after = np.cumsum(weights)
    return after - misses, np.concatenate(([0.0], after[:-1])) - misses


def enrichment_score(ranking: Ranking, places: IntArray, exponent: float = 1.0) -> EnrichmentScore:
    """Score of a set whose genes have these places.

    Raises
    ------
    OmicsInputError
        The set holds none or all of the genes of the list.

    Notes
    -----
    Subramanian et al., Proc Natl Acad Sci U S A 2005; 102: 15545-15550; matches ``DOSE::gseaScores`` and ``fgsea``.
    The leading edge is that of DOSE: for a negative score it begins at the gene of the set after which the sum is
    lowest, and without that gene where it is the first of the set.
    """
    top, bottom = _extremes(ranking, places, exponent)
    n, size = len(ranking.genes), len(places)
    if top.max() > -bottom.min():
        peak = int(np.argmax(top))
        score, rank, edge = float(top[peak]), int(places[peak]) + 1, places[: peak + 1]
    else:
        least = int(np.argmin(bottom))
        score, rank, edge = float(bottom[least]), n - int(places[least]) + 1, places[max(int(np.argmin(top)), 1) :]
    share = len(edge) / size
    signal = share * (1 - rank / n) * n / (n - size)
    return EnrichmentScore(score, rank, tuple(ranking.genes[i] for i in edge), share, rank / n, signal)


@dataclass(frozen=True)
class GeneSetEnrichment:
    """One row a set, the smallest p first; arrays of shape (sets,).

    ``normalized`` is the score over the mean of those of random sets of the same size and sign; ``p`` is NaN where all
    random sets have the other sign.
    """

    sets: tuple[str, ...]
    size: IntArray
    scores: tuple[EnrichmentScore, ...]
    normalized: FloatArray
    p: FloatArray
    adjusted_p: FloatArray
    q: FloatArray


def gene_set_enrichment(
    ranking: Ranking,
    sets: Mapping[str, Sequence[str]],
    *,
    seed: int,
    exponent: float = 1.0,
    smallest: int = SMALLEST_SET,
    largest: int = LARGEST_SET,
) -> GeneSetEnrichment:
    """Scores of all sets of a size to be tested, with p-values by adaptive multilevel splitting.

    Parameters
    ----------
    ranking : Ranking
    sets : mapping
        Genes of each set.
    seed : int
        Of the random sets; the same seed gives the same p.
    exponent : float
        Weight of the statistic in the running sum; 0 counts genes only.
    smallest, largest : int
        Sizes of a set, among the ranked genes, to be tested.

    Returns
    -------
    GeneSetEnrichment
        Empty if no set has a size to be tested.

    Raises
    ------
    OmicsInputError
        No sets, a negative exponent, or a set that holds every ranked gene.

    Notes
    -----
    The p-values and normalised scores are those of ``fgseaMultilevel`` as gseapy ports it. Korotkevich et al.,
    bioRxiv 060012.
    """
    if not sets:
        raise OmicsInputError("There is no set of genes to test.")
    if exponent < 0:
        raise OmicsInputError("The weight of the statistic is not below 0.")
    place = {gene: i for i, gene in enumerate(ranking.genes)}
    found = {name: np.array(sorted({place[g] for g in genes if g in place})) for name, genes in sets.items()}
    tested = {name: places for name, places in found.items() if smallest <= len(places) <= largest}
    for name, places in tested.items():
        if len(places) == len(ranking.genes):
            raise OmicsInputError(f"The set {name} holds every ranked gene.")
    scores = {name: enrichment_score(ranking, places, exponent) for name, places in tested.items()}
    normalized, p = _multilevel(ranking, tested, seed, exponent)
    order = np.argsort(p, kind="stable")
    names = list(tested)
    return GeneSetEnrichment(
        sets=tuple(names[i] for i in order),
        size=np.array([len(tested[names[i]]) for i in order], dtype=np.int64),
        scores=tuple(scores[names[i]] for i in order),
        normalized=normalized[order],
        p=p[order],
        adjusted_p=benjamini_hochberg(p)[order],
        q=q_values(p)[order],
    )


def _without_zeros(statistics: FloatArray) -> FloatArray:
    """Statistics of 0 hardly above it: a random set of zeros alone would have no score."""
    size = np.abs(statistics)
    least = float(size[size > 0].min(initial=1.0)) if (size > 0).any() else 1.0
    return np.where(size > 0, statistics, 1e-3 * least)


def _multilevel(
    ranking: Ranking, tested: Mapping[str, IntArray], seed: int, exponent: float
) -> tuple[FloatArray, FloatArray]:
    """Normalised scores and p of each set; genes and sets go by number, so that their names are not touched."""
    if not tested:
        return np.empty(0), np.empty(0)
    from gseapy.gse import fgsea_rs

    genes = [str(place) for place in range(len(ranking.genes))]
    sets = {str(i): [str(place) for place in places.tolist()] for i, places in enumerate(tested.values())}
    sizes = [len(places) for places in tested.values()]
    found = fgsea_rs(
        genes,
        _without_zeros(ranking.statistics).tolist(),
        sets,
        exponent,
        min(sizes),
        max(sizes),
        SAMPLE_SIZE,
        PERMUTATIONS,
        LEAST_P,
        1,
        seed,
    )
    rows = {int(row.term): row for row in found.summaries}
    normalized = np.array([rows[i].nes for i in range(len(sets))], dtype=np.float64)
    return normalized, np.array([rows[i].pval for i in range(len(sets))], dtype=np.float64)
