"""Weighted counts of points that lie beyond and below others, in n log n vectorised steps."""

import numpy as np

from analysis.stats.arrays import FloatArray, IntArray
from analysis.stats.running_sums import sums_before


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
    that a right half meets them before its left half does. What belongs to a slot moves with it, so that every pass
    runs through memory in order; slots behind the end fill the last block up.
    """
    n = len(rank)
    width = 1 << max(n - 1, 0).bit_length()
    slots = np.arange(width)
    position = np.concatenate((np.lexsort((-slots[:n], rank)), slots[n:]))
    carried = np.concatenate((weight, np.zeros(width - n)))[position]
    total = np.zeros(width)
    while width > 1:
        half = width >> 1
        right = (position & half) > 0
        running = sums_before(np.where(right, 0.0, carried))
        total += np.where(right, running[:-1] - np.take(running, slots & ~(width - 1)), 0.0)
        halves = [np.flatnonzero(those).reshape(-1, half) for those in (~right, right)]
        parted = np.concatenate(halves, axis=1).ravel()
        position, carried, total = np.take(position, parted), np.take(carried, parted), np.take(total, parted)
        width = half
    return total[:n]


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
