"""Agreement of two readers on categories: Cohen's kappa, weighted and not."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import FloatArray, IntArray, confidence, finite, one_of, same_length
from analysis.stats.errors import ParameterError, TooFewGroupsError
from analysis.stats.proportion import Proportion, proportion

WEIGHTS = ("unweighted", "linear", "quadratic")


@dataclass(frozen=True)
class Kappa:
    """Agreement beyond chance, 1 at best.

    ``se`` holds whatever the truth (for intervals), ``se_null`` if there is no agreement beyond chance (for ``z``).
    """

    value: float
    se: float
    low: float
    high: float
    se_null: float
    z: float
    p: float
    observed: float
    expected: float
    n: int


@dataclass(frozen=True)
class Pabak:
    """Prevalence- and bias-adjusted kappa of a table: twice the share of agreement less one."""

    value: float
    low: float
    high: float


def cross_table(a: ArrayLike, b: ArrayLike, levels: Sequence[float]) -> IntArray:
    """How often reader a said the row's level and reader b the column's.

    Raises
    ------
    StatsInputError
        A missing value, unequal lengths, or a value that is none of the levels.
    """
    rows, columns = (_positions(finite(values, name), levels, name) for values, name in ((a, "a"), (b, "b")))
    same_length(a=rows, b=columns)
    k = len(levels)
    return np.bincount(rows * k + columns, minlength=k * k).reshape(k, k).astype(np.int64)


def _positions(values: FloatArray, levels: Sequence[float], name: str) -> IntArray:
    order = {level: position for position, level in enumerate(levels)}
    unknown = [i for i, value in enumerate(values) if value not in order]
    if unknown:
        raise ParameterError(f"{name} holds {values[unknown[0]]:g} at position {unknown[0]}, which is not a level.")
    return np.array([order[value] for value in values])


def agreement_weights(k: int, weights: str) -> FloatArray:
    """Credit for a pair of levels: 1 on the diagonal, falling with the distance of the levels or its square."""
    one_of(weights, WEIGHTS, "weights")
    distance = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / (k - 1)
    if weights == "unweighted":
        return np.eye(k)
    result: FloatArray = 1 - (distance if weights == "linear" else distance**2)
    return result


def cohen_kappa(table: ArrayLike, *, weights: str = "unweighted", conf_level: float = 0.95) -> Kappa:
    """Estimate agreement from a square table of counts.

    Parameters
    ----------
    table : array_like, shape (k, k)
        Counts from ``cross_table``; the levels are in order and equally spaced if weights are used.
    weights : {"unweighted", "linear", "quadratic"}
        Credit for near misses.
    conf_level : float
        Coverage of the normal interval.

    Returns
    -------
    Kappa
        NaN where both readers only ever used one and the same level.

    Raises
    ------
    TooFewGroupsError
        Fewer than two levels, or nobody rated.
    ParameterError
        Counts that are not counts, or unknown weights.

    Notes
    -----
    The standard error is the asymptotic one of Fleiss, Cohen & Everitt (Psychol Bull 1969; 72: 323-327), as
    ``vcd::Kappa`` 1.4-11; its ``"Fleiss-Cohen"`` weights are the quadratic ones. ``se_null`` and ``z`` are those of
    ``epiR::epi.kappa(method="fleiss")`` 2.0.57.
    """
    counts = _square(table)
    level = confidence(conf_level)
    w = agreement_weights(len(counts), weights)
    n = counts.sum()
    p = counts / n
    row, column = p.sum(axis=1), p.sum(axis=0)
    observed, expected = float((w * p).sum()), float((w * np.outer(row, column)).sum())
    if expected == 1:
        nan = float("nan")
        return Kappa(nan, nan, nan, nan, nan, nan, nan, observed, expected, int(n))
    value = (observed - expected) / (1 - expected)
    # Mean credit of each level of one reader against what the other says.
    spread = np.add.outer(w @ column, w.T @ row)
    se = np.sqrt(max(_moment(p, w - spread * (1 - value), value - expected * (1 - value)), 0.0) / n) / (1 - expected)
    null = np.sqrt(max(_moment(np.outer(row, column), w - spread, expected), 0.0) / n) / (1 - expected)
    half = float(special.ndtri(0.5 + level / 2)) * float(se)
    z = value / null if null > 0 else float("nan")
    p_value = float(2 * special.ndtr(-abs(z)))
    limits = (value - half, value + half)
    return Kappa(value, float(se), *limits, float(null), float(z), p_value, observed, expected, int(n))


def _moment(p: FloatArray, terms: FloatArray, centre: float) -> float:
    return float((p * terms**2).sum() - centre**2)


def _square(table: ArrayLike) -> FloatArray:
    counts = np.asarray(table, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or len(counts) < 2:
        raise TooFewGroupsError("Agreement needs a square table of at least two levels.")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise ParameterError("A table holds counts, which are not negative.")
    if not counts.sum():
        raise TooFewGroupsError("Nobody was rated by both readers.")
    return counts


def pabak(table: ArrayLike, *, conf_level: float = 0.95) -> Pabak:
    """Twice the share of agreement less one, with exact limits, as ``epiR::epi.kappa`` 2.0.57."""
    counts = _square(table)
    share: Proportion = proportion(
        int(np.trace(counts)), int(counts.sum()), method="exact", conf_level=confidence(conf_level)
    )
    return Pabak(2 * share.value - 1, 2 * share.low - 1, 2 * share.high - 1)
