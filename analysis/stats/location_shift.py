"""How far samples or pairs are shifted: the estimates that belong to the rank tests, with their intervals."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import FloatArray, confidence, finite, same_length
from analysis.stats.errors import TooFewGroupsError
from analysis.stats.rank_tests import (
    Shift,
    hodges_lehmann,
    mann_whitney,
    mann_whitney_counts,
    signed_rank,
    signed_rank_counts,
)


def shift_of_samples(x: ArrayLike, y: ArrayLike, *, conf_level: float = 0.95) -> Shift:
    """Hodges and Lehmann's shift of x against y: the median of all differences.

    Parameters
    ----------
    x, y : array_like, shapes (n,) and (m,)
    conf_level : float
        Coverage.

    Raises
    ------
    StatsInputError
        Bad samples, values that are all equal, samples too small for an interval.

    Notes
    -----
    Limits as ``stats::wilcox.test(x, y, conf.int = TRUE)`` of R 4.2: exact where the test is; else from the normal
    approximation, to 1e-3 (see ``rank_tests.hodges_lehmann``).
    """
    a, b = finite(x, "x"), finite(y, "y")
    if mann_whitney(a, b).method == "normal":
        return hodges_lehmann(a, b, conf_level=conf_level)
    differences = np.sort(np.subtract.outer(a, b).ravel())
    return _between(differences, mann_whitney_counts(len(a), len(b)), confidence(conf_level))


def shift_of_pairs(x: ArrayLike, y: ArrayLike, *, conf_level: float = 0.95) -> Shift:
    """The pseudomedian of the differences of pairs: the median of their Walsh averages.

    Pairs without a difference are left out, as in the test. Limits as ``stats::wilcox.test(x, y, paired = TRUE,
    conf.int = TRUE)`` of R 4.2: exact where the test is; else from the normal approximation, to 1e-3. Parameters and
    errors are those of ``shift_of_samples``.
    """
    a, b = finite(x, "x"), finite(y, "y")
    same_length(x=a, y=b)
    every = a - b
    difference = every[every != 0]
    level = confidence(conf_level)
    method = signed_rank(a, b).method
    n = len(difference)
    upper = np.triu_indices(n)
    walsh = np.sort((np.add.outer(difference, difference)[upper]) / 2)
    if method == "exact":
        return _between(walsh, signed_rank_counts(n), level)
    half = float(special.ndtri(0.5 + level / 2)) * np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    rank = int(np.ceil(n * (n + 1) / 4 - half - 0.5))
    if rank < 1:
        raise TooFewGroupsError("There are too few pairs for an interval of the shift.")
    return Shift(float(np.median(walsh)), float(walsh[rank - 1]), float(walsh[-rank]))


def _between(ordered: FloatArray, counts: FloatArray, level: float) -> Shift:
    """The order statistics at the quantile of the statistic's distribution under no shift."""
    share = np.cumsum(counts / counts.sum())
    rank = max(int(np.searchsorted(share, (1 - level) / 2)), 1)
    return Shift(float(np.median(ordered)), float(ordered[rank - 1]), float(ordered[-rank]))
