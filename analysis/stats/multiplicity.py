"""Adjustment of p-values for looking at many of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import FloatArray, one_of
from analysis.stats.errors import ParameterError


def adjust(p: ArrayLike, method: str) -> FloatArray:
    """Adjusted p-values.

    Parameters
    ----------
    p : array_like, shape (m,)
        p-values; NaN stays NaN and is not counted.
    method : {"BH", "BY", "bonferroni", "holm", "hochberg", "hommel"}
        BH and BY control the false discovery rate, the others the family-wise error.

    Returns
    -------
    ndarray, shape (m,)

    Raises
    ------
    ParameterError
        A value outside [0, 1], or an unknown method.

    Notes
    -----
    Matches ``stats::p.adjust`` of R 4.2. Benjamini & Hochberg, J R Stat Soc B 1995; 57: 289-300; Benjamini & Yekutieli,
    Ann Stat 2001; 29: 1165-1188; Hommel, Biometrika 1988; 75: 383-386.
    """
    one_of(method, tuple(METHODS), "method")
    values = np.asarray(p, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(values))
    if ((values[known] < 0) | (values[known] > 1)).any():
        raise ParameterError("A p-value lies between 0 and 1.")
    adjusted = np.full(values.shape, np.nan)
    order = known[np.argsort(values[known], kind="stable")]
    if order.size:
        adjusted[order] = np.minimum(METHODS[method](values[order]), 1.0)
    return adjusted


def benjamini_hochberg(p: ArrayLike) -> FloatArray:
    """Adjusted p-values that control the false discovery rate; see ``adjust``."""
    return adjust(p, "BH")


def _from_the_largest(values: FloatArray) -> FloatArray:
    """Never larger than what comes after it."""
    running: FloatArray = np.minimum.accumulate(values[::-1])[::-1]
    return running


def _bh(p: FloatArray) -> FloatArray:
    return _from_the_largest(p * len(p) / np.arange(1, len(p) + 1))


def _by(p: FloatArray) -> FloatArray:
    chance: float = (1 / np.arange(1, len(p) + 1)).sum()
    return _bh(p) * chance


def _bonferroni(p: FloatArray) -> FloatArray:
    return p * len(p)


def _holm(p: FloatArray) -> FloatArray:
    return np.maximum.accumulate(p * np.arange(len(p), 0, -1))


def _hochberg(p: FloatArray) -> FloatArray:
    return _from_the_largest(p * np.arange(len(p), 0, -1))


def _hommel(p: FloatArray) -> FloatArray:
    """Simes' test of every set that holds the hypothesis (Wright, Biometrics 1992; 48: 1005-1013)."""
    n = len(p)
    rank = np.arange(1, n + 1)
    found = np.full(n, (n * p / rank).min())
    lower = found.copy()
    for m in range(n - 1, 1, -1):
        small, large = np.arange(n - m + 1), np.arange(n - m + 1, n)
        least = (m * p[large] / np.arange(2, m + 1)).min()
        lower[small] = np.minimum(m * p[small], least)
        lower[large] = lower[n - m]
        found = np.maximum(found, lower)
    largest: FloatArray = np.maximum(found, p)
    return largest


METHODS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "BH": _bh,
    "BY": _by,
    "bonferroni": _bonferroni,
    "holm": _holm,
    "hochberg": _hochberg,
    "hommel": _hommel,
}


@dataclass(frozen=True)
class Tested:
    """One test of a family: its p, or why there is none."""

    family: str
    p: float | None
    # Whether p answers the question as it stands now; and whether the data have moved since.
    is_current: bool = True
    is_stale: bool = False


@dataclass(frozen=True)
class Discovery:
    """The q of one test, with what it was computed over.

    ``q`` is None where the test itself has no p, and for a whole family while one of its p is of another question.
    ``tests`` counts the p that q allows for, ``missing`` the rows of the family without one, ``outdated`` the p that
    answer another question, ``stale`` those whose data have moved.
    """

    q: float | None
    tests: int
    missing: int
    outdated: int
    stale: int


def false_discoveries(tested: Sequence[Tested]) -> list[Discovery]:
    """Benjamini and Hochberg's q of every test within its family, in the order given.

    Raises
    ------
    ParameterError
        A p outside [0, 1].
    """
    found: dict[int, Discovery] = {}
    for family in dict.fromkeys(test.family for test in tested):
        places = [place for place, test in enumerate(tested) if test.family == family]
        members = [tested[place] for place in places]
        q = benjamini_hochberg([np.nan if test.p is None else test.p for test in members])
        known = [test for test in members if test.p is not None]
        outdated = sum(not test.is_current for test in known)
        counts = (len(known), len(members) - len(known), outdated, sum(test.is_stale for test in known))
        for place, value in zip(places, q.tolist(), strict=True):
            found[place] = Discovery(None if outdated or np.isnan(value) else value, *counts)
    return [found[place] for place in range(len(tested))]
