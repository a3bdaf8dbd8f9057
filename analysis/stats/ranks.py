"""Ranks with ties shared. Importing scipy.stats for them alone would cost every process half a second at its start."""

import numpy as np

from analysis.stats.arrays import FloatArray


def midranks(values: FloatArray) -> FloatArray:
    """Rank of each value from 1, the mean rank where values tie; shape (n,). As R's ``rank``; no missing values."""
    _distinct, index, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: FloatArray = (last - (counts - 1) / 2)[index]
    return ranks
