"""Weighted counts of points that lie beyond and below others, in n log n vectorised steps."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arrays import FloatArray, IntArray

Number = TypeVar("Number", np.int64, np.float64)


def earlier_and_smaller(rank: IntArray, weight: FloatArray) -> FloatArray:
    """Per position i, the total weight of the positions j < i with rank[j] < rank[i].

    Parameters
    ----------
    rank : ndarray of int, shape (n,)
        Values to compare; equal ones do not count.
    weight : ndarray, shape (n,)
        Weight of each position as the earlier one.

    Returns
    -------
    ndarray, shape (n,)

    Notes
    -----
    A merge sort run backwards: the slots, sorted by rank, are parted into ever smaller blocks of positions; on each
    level the right half of a block collects from its left half. Equal ranks are held in falling order of position, so
    that a right half meets them before its left half does.
    """
    n = len(rank)
    total = np.zeros(n)
    slots = np.arange(n)
    order = np.lexsort((-slots, rank))
    half = 1 << max(n - 1, 0).bit_length() >> 1
    while half:
        right = (order & half) > 0
        start = order & ~(2 * half - 1)
        gathered = _running(np.where(right, 0.0, weight[order]))
        total[order[right]] += gathered[slots[right]] - gathered[start[right]]
        lefts = _running((~right).astype(np.int64))
        left_before = lefts[slots] - lefts[start]
        target = start + np.where(right, half + slots - start - left_before, left_before)
        parted = np.empty_like(order)
        parted[target] = order
        order = parted
        half >>= 1
    return total


def _running(values: NDArray[Number]) -> NDArray[Number]:
    """Sum of everything before each slot."""
    return np.concatenate((np.zeros(1, dtype=values.dtype), np.cumsum(values)))


def beyond_and_below(
    key: IntArray, rank: IntArray, weight: FloatArray, at_key: IntArray, at_rank: IntArray
) -> FloatArray:
    """Per query, the total weight of the points with a larger key and a smaller rank, both strictly.

    Parameters
    ----------
    key, rank : ndarray of int, shape (n,)
    weight : ndarray, shape (n,)
    at_key, at_rank : ndarray of int, shape (m,)

    Returns
    -------
    ndarray, shape (m,)
    """
    n, m = len(key), len(at_key)
    is_point = np.concatenate((np.ones(n, dtype=np.int64), np.zeros(m, dtype=np.int64)))
    # From the largest key down; at equal keys the query comes first and so does not see the point.
    order = np.lexsort((is_point, -np.concatenate((key, at_key))))
    seen = earlier_and_smaller(np.concatenate((rank, at_rank))[order], np.concatenate((weight, np.zeros(m)))[order])
    result = np.empty(n + m)
    result[order] = seen
    return result[n:]


def beyond_by_rank(
    key: IntArray, rank: IntArray, weight: FloatArray, at_key: IntArray, at_rank: IntArray
) -> FloatArray:
    """Per query, the weight of the points with a larger key and a smaller, a larger and the same rank; shape (3, m).

    The parameters are those of ``beyond_and_below``; the last two parts are counted without another sort by blocks.
    """
    smaller = beyond_and_below(key, rank, weight, at_key, at_rank)
    every = _beyond(key, weight, at_key)
    # One number for rank and key together: within a rank the points are in order of their keys.
    low = min(int(key.min()), int(at_key.min()))
    span = max(int(key.max()), int(at_key.max())) - low + 2
    joined, at_joined = rank * span + key - low, at_rank * span + at_key - low
    same = _beyond(joined, weight, at_joined) - _beyond(joined, weight, at_rank * span + span - 1)
    return np.stack((smaller, every - smaller - same, same))


def _beyond(key: IntArray, weight: FloatArray, at: IntArray) -> FloatArray:
    """Per query, the weight of the points with a larger key."""
    order = np.argsort(key, kind="stable")
    to_come = np.concatenate((np.cumsum(weight[order][::-1])[::-1], np.zeros(1)))
    result: FloatArray = to_come[np.searchsorted(key[order], at, side="right")]
    return result
