"""Tail of the distribution of Spearman's S without ties."""

from functools import cache
from itertools import permutations

import numpy as np
from scipy import special

from analysis.stats.arrays import FloatArray

# Up to here every permutation is looked at; R does the same.
ALL_PERMUTATIONS = 9


def spearman_tail(s: int, n: int) -> float:
    """The smaller tail: P(S <= s) below the middle of the distribution, P(S >= s) above it.

    Notes
    -----
    Exact up to nine pairs, then the Edgeworth series of Best & Roberts, Appl Stat 1975; 24: 377-379 (AS 89), read off
    where ``stats::cor.test`` of R 4.2 does: S is always even, which R allows for below the middle only.
    """
    middle = (n**3 - n) / 6
    below = s <= middle
    if n <= ALL_PERMUTATIONS:
        counts = _distribution(n)
        tail = counts[: s + 1] if below else counts[s:]
        return float(tail.sum() / counts.sum())
    return _edgeworth(s + 2, n, lower=True) if below else _edgeworth(s - 1, n, lower=False)


@cache
def _distribution(n: int) -> FloatArray:
    """Number of permutations that give each S."""
    order = np.array(list(permutations(range(n))), dtype=np.int16)
    s = ((order - np.arange(n, dtype=np.int16)) ** 2).sum(axis=1)
    return np.bincount(s).astype(np.float64)


def _edgeworth(s: int, n: int, *, lower: bool) -> float:
    """P(S < s), or P(S >= s)."""
    b = 1 / n
    x = (6 * (s - 1) * b / (n**2 - 1) - 1) * np.sqrt(n - 1)
    y = x * x
    outer = 0.0072 - 0.0831 * b + y * b * (0.0131 - 4.6e-4 * y)
    middle = 0.1033 + 0.3932 * b
    series = 0.2274 + b * (0.2531 + 0.1745 * b) + y * (-0.0758 + b * middle - y * b * (0.0879 + 0.0151 * b - y * outer))
    term = x * b * series / np.exp(y / 2)
    tail = special.ndtr(x) - term if lower else special.ndtr(-x) + term
    return float(min(max(tail, 0.0), 1.0))
