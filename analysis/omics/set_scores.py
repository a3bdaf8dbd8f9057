"""One score for each set of genes and sample: GSVA, ssGSEA, the combined z and PLAGE."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import COUNTS, ExpressionMatrix
from analysis.stats.arrays import FloatArray, IntArray
from analysis.stats.ranks import midranks

GAUSSIAN, POISSON, NONE = "Gaussian", "Poisson", "none"
# GSVA looks the normal distribution up in a table: steps of 1/1000 up to 10.
STEPS, LAST = 1000, 10
BANDWIDTH = 4
# Comparisons of values held in memory at a time.
AT_ONCE = 4_000_000


@dataclass(frozen=True)
class SetScores:
    """Scores of shape (sets, samples), and how many genes of each set the matrix has."""

    sets: tuple[str, ...]
    samples: tuple[str, ...]
    size: IntArray
    values: FloatArray


@dataclass(frozen=True)
class _Members:
    """Values of the genes, and the rows of each set among them."""

    expression: ExpressionMatrix
    rows: dict[str, IntArray]

    def scores(self, values: Sequence[FloatArray]) -> SetScores:
        size = np.array([len(rows) for rows in self.rows.values()], dtype=np.int64)
        return SetScores(tuple(self.rows), self.expression.samples, size, np.array(values))


def _members(
    expression: ExpressionMatrix, sets: Mapping[str, Sequence[str]], *, varying: bool, some_outside: bool
) -> _Members:
    """Sets with a gene in the matrix; without genes that are constant where the method needs them to vary."""
    expression.require_complete()
    if len(expression.samples) < 2:
        raise OmicsInputError("Scores of sets compare samples, and there is one.")
    if varying:
        kept = expression.values.std(axis=1, ddof=1) >= 1e-10
        if not kept.any():
            raise OmicsInputError("Every gene is constant over the samples.")
        expression = expression.keep_genes(kept)
    place = {gene: row for row, gene in enumerate(expression.genes)}
    found = {name: sorted({place[gene] for gene in genes if gene in place}) for name, genes in sets.items()}
    rows = {name: np.array(members, dtype=np.int64) for name, members in found.items() if members}
    if not rows:
        raise OmicsInputError("No set has a gene that is in the matrix and varies.")
    for name, members in rows.items():
        if some_outside and len(members) == len(expression.genes):
            raise OmicsInputError(f"The set {name} holds every gene of the matrix.")
    return _Members(expression, rows)


def gsva(
    expression: ExpressionMatrix,
    sets: Mapping[str, Sequence[str]],
    *,
    kernel: str = GAUSSIAN,
    tau: float = 1.0,
    max_diff: bool = True,
) -> SetScores:
    """Gene set variation analysis.

    Parameters
    ----------
    expression : ExpressionMatrix
        log2 values for the Gaussian kernel, counts for the Poisson one. Genes that are constant are left out.
    sets : mapping
        Genes of each set; sets without a gene in the matrix are left out.
    kernel : {"Gaussian", "Poisson", "none"}
        How the distribution of a gene over the samples is smoothed.
    tau : float
        Weight of the ranks in the running sum.
    max_diff : bool
        Whether the score is the sum of the largest deviations to both sides, or the larger of them.

    Raises
    ------
    OmicsInputError
        A missing value, one sample, no varying gene of a set, a set of all genes, counts that are none.

    Notes
    -----
    Matches ``GSVA::gsva(method="gsva")`` 1.46. Haenzelmann, Castelo & Guinney, BMC Bioinformatics 2013; 14: 7.
    """
    if kernel not in (GAUSSIAN, POISSON, NONE):
        raise OmicsInputError(f"The kernel is Gaussian, Poisson or none, not {kernel!r}.")
    if kernel == POISSON:
        expression.require(COUNTS)
    members = _members(expression, sets, varying=True, some_outside=True)
    places = _places(_distribution(members.expression.values, kernel))
    n = len(members.expression.genes)
    scores = []
    for rows in members.rows.values():
        high, low = _deviations(np.sort(places[rows], axis=0), n, tau)
        scores.append(high + low if max_diff else np.where(high > -low, high, low))
    return members.scores(scores)


def _distribution(values: FloatArray, kernel: str) -> FloatArray:
    """Share of the smoothed distribution of each gene below each of its values."""
    if kernel == NONE:
        n = values.shape[1]
        return np.array([np.searchsorted(np.sort(row), row, side="right") / n for row in values])
    block = max(1, AT_ONCE // values.shape[1] ** 2)
    smooth = _gaussian if kernel == GAUSSIAN else _poisson
    return np.concatenate([smooth(values[start : start + block]) for start in range(0, len(values), block)])


def _gaussian(values: FloatArray) -> FloatArray:
    width = values.std(axis=1, ddof=1)[:, None, None] / BANDWIDTH
    distance = (values[:, :, None] - values[:, None, :]) / width
    table = special.ndtr(np.arange(LAST * STEPS + 1) / STEPS)
    below = table[np.minimum(np.abs(distance) / LAST * (LAST * STEPS), LAST * STEPS).astype(np.int64)]
    below[np.abs(distance) > LAST] = 1.0
    share: FloatArray = np.where(distance < 0, 1 - below, below).mean(axis=2)
    return share


def _poisson(values: FloatArray) -> FloatArray:
    share: FloatArray = special.pdtr(values[:, :, None], values[:, None, :] + 0.5).mean(axis=2)
    return share


def _places(values: FloatArray) -> IntArray:
    """Place of each gene in its sample by descending value, from 0; shape (genes, samples)."""
    order = np.argsort(-values, axis=0, kind="stable")
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.arange(len(values))[:, None], axis=0)
    return places


def _deviations(places: IntArray, n: int, tau: float) -> tuple[FloatArray, FloatArray]:
    """Largest deviations of the running sums above and below 0; ``places`` ascend, shape (genes, samples)."""
    k = len(places)
    weights = np.abs(n / 2 - places) ** tau
    total = weights.sum(axis=0)
    share = np.divide(weights, total, out=np.full(weights.shape, 1 / k), where=total > 0)
    misses = (places - np.arange(k)[:, None]) / (n - k)
    after = np.cumsum(share, axis=0) - misses
    return np.maximum(after.max(axis=0), 0), np.minimum((after - share).min(axis=0), 0)


def ssgsea(
    expression: ExpressionMatrix, sets: Mapping[str, Sequence[str]], *, alpha: float = 0.25, normalise: bool = True
) -> SetScores:
    """Single-sample enrichment: the area between the running sums of the genes in the set and of the others.

    Parameters
    ----------
    expression, sets
        As for ``gsva``, in any unit; only ranks count.
    alpha : float
        Weight of the ranks.
    normalise : bool
        Whether scores are divided by the range of all of them, which makes them depend on the other samples and sets.

    Raises
    ------
    OmicsInputError
        A missing value, one sample, no gene of a set, a set of all genes, or equal scores that are to be normalised.

    Notes
    -----
    Matches ``GSVA::gsva(method="ssgsea")`` 1.46. Barbie et al., Nature 2009; 462: 108-112.
    """
    members = _members(expression, sets, varying=False, some_outside=True)
    # Whole ranks, as GSVA takes them: the half of a tie is cut off.
    ranks = np.floor(np.column_stack([midranks(column) for column in members.expression.values.T]))
    left = len(ranks) - _places(ranks)
    weights = ranks**alpha
    n, all_left = len(ranks), len(ranks) * (len(ranks) + 1) / 2
    scores = []
    for rows in members.rows.values():
        inside = (weights[rows] * left[rows]).sum(axis=0) / weights[rows].sum(axis=0)
        outside = (all_left - left[rows].sum(axis=0)) / (n - len(rows))
        scores.append(inside - outside)
    values = np.array(scores)
    if normalise:
        reach = float(np.ptp(values))
        if not reach:
            raise OmicsInputError("All scores are equal, so that they have no range to be divided by.")
        values = values / reach
    return members.scores(list(values))


def combined_z(expression: ExpressionMatrix, sets: Mapping[str, Sequence[str]]) -> SetScores:
    """Sum of the standardised values of the genes of a set over the root of their number.

    Raises
    ------
    OmicsInputError
        As ``gsva``.

    Notes
    -----
    Matches ``GSVA::gsva(method="zscore")``. Lee et al., PLoS Comput Biol 2008; 4: e1000217.
    """
    members = _members(expression, sets, varying=True, some_outside=False)
    z = _standardised(members.expression.values)
    return members.scores([z[rows].sum(axis=0) / np.sqrt(len(rows)) for rows in members.rows.values()])


def plage(expression: ExpressionMatrix, sets: Mapping[str, Sequence[str]]) -> SetScores:
    """First right singular vector of the standardised values of a set, up where most of its genes are.

    Raises
    ------
    OmicsInputError
        As ``gsva``.

    Notes
    -----
    Matches ``GSVA::gsva(method="plage")`` but for the sign, which is arbitrary there. Tomfohr, Lu & Kepler, BMC
    Bioinformatics 2005; 6: 225.
    """
    members = _members(expression, sets, varying=True, some_outside=False)
    z = _standardised(members.expression.values)
    return members.scores([_first_singular(z[rows]) for rows in members.rows.values()])


def _first_singular(z: FloatArray) -> FloatArray:
    """By the eigenvectors of ZZ', which is smaller than Z, with the sign of the mean."""
    _, vectors = np.linalg.eigh(z @ z.T)
    vector = vectors[:, -1] @ z
    sign = 1.0 if vector @ z.mean(axis=0) >= 0 else -1.0
    singular: FloatArray = sign * vector / np.linalg.norm(vector)
    return singular


def _standardised(values: FloatArray) -> FloatArray:
    z: FloatArray = (values - values.mean(axis=1, keepdims=True)) / values.std(axis=1, ddof=1, keepdims=True)
    return z
