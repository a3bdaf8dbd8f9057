"""Standardised mean differences: how far apart groups are, whatever their size, in units of their spread."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import FloatArray
from analysis.stats.errors import ParameterError, TooFewGroupsError
from analysis.stats.t_tests import Summary

# MASS::ginv: singular values below this share of the largest count as zero.
SINGULAR = float(np.sqrt(np.finfo(float).eps))


def smd_of_means(groups: Sequence[Summary]) -> FloatArray:
    """Absolute differences of means over the root of the mean variance, per pair of groups.

    Parameters
    ----------
    groups : sequence of Summary
        Size, mean and standard deviation of each group.

    Returns
    -------
    ndarray, shape (k (k - 1) / 2,)
        Pairs in the order (1, 2), (1, 3), ..., (2, 3), ...; 0 where neither means nor values differ, infinite where
        only the values of a group do not vary, NaN where a standard deviation is not known.

    Raises
    ------
    TooFewGroupsError
        Fewer than two groups.

    Notes
    -----
    Matches ``tableone::ExtractSmd`` 0.13 of continuous variables, which gives the mean of the pairs.
    """
    if len(groups) < 2:
        raise TooFewGroupsError("A difference needs at least two groups.")
    found = []
    for one, other in combinations(groups, 2):
        difference = abs(one.mean - other.mean)
        spread = float(np.sqrt((one.sd**2 + other.sd**2) / 2))
        with np.errstate(divide="ignore"):
            found.append(0.0 if difference == 0 and spread == 0 else float(np.divide(difference, spread)))
    return np.array(found)


def smd_of_counts(table: ArrayLike) -> FloatArray:
    """Mahalanobis distances of the shares of a category's levels, per pair of groups.

    Parameters
    ----------
    table : array_like, shape (k, levels)
        Counts, one row per group.

    Returns
    -------
    ndarray, shape (k (k - 1) / 2,)
        Pairs in the order (1, 2), (1, 3), ..., (2, 3), ...; NaN where two groups differ only in what does not vary.

    Raises
    ------
    TooFewGroupsError
        Fewer than two groups.
    ParameterError
        Something that is not a count, or a group without any.

    Notes
    -----
    Yang & Dalton, SAS Global Forum 2012, paper 335; with two levels the usual difference of shares. Matches
    ``tableone::ExtractSmd`` 0.13 of categorical variables, which leaves out the first level.
    """
    counts = np.asarray(table, dtype=np.float64)
    if counts.ndim != 2 or len(counts) < 2:
        raise TooFewGroupsError("A difference needs at least two groups.")
    if not np.isfinite(counts).all() or (counts < 0).any() or not counts.sum(axis=1).all():
        raise ParameterError("Every group needs counts, which are not negative.")
    shares = counts / counts.sum(axis=1, keepdims=True)
    free = shares[:, 1:] if shares.shape[1] > 1 else shares
    return np.array([_distance(one, other) for one, other in combinations(free, 2)])


def _distance(one: FloatArray, other: FloatArray) -> float:
    difference = one - other
    pooled = (_covariance(one) + _covariance(other)) / 2
    if not pooled.any():
        return float("nan") if difference.any() else 0.0
    squared = float(difference @ np.linalg.pinv(pooled, rcond=SINGULAR, hermitian=True) @ difference)
    # The groups differ only where neither varies: what is left of the difference is rounding, of either sign.
    if difference.any() and squared * np.trace(pooled) < SINGULAR * (difference @ difference):
        return float("nan")
    return float(np.sqrt(max(squared, 0.0)))


def _covariance(share: FloatArray) -> FloatArray:
    found: FloatArray = np.diag(share) - np.outer(share, share)
    return found
