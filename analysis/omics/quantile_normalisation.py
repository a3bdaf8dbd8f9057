"""Quantile normalisation as preprocessCore does it, with ranks of ties averaged."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.omics.errors import OmicsInputError
from analysis.stats.arrays import FloatArray
from analysis.stats.ranks import midranks

# Above this fraction a rank counts as lying between two places.
BETWEEN = 0.4


def quantile_normalised(values: ArrayLike) -> FloatArray:
    """Columns that all have the same distribution: the mean of the sorted columns.

    Parameters
    ----------
    values : array_like, shape (n, m)

    Raises
    ------
    OmicsInputError
        No values, or one that is missing or infinite.

    Notes
    -----
    ``preprocessCore::normalize.quantiles``: tied values take the target of their mean rank, the mean of two
    neighbouring targets where that lies between two places. Bolstad et al., Bioinformatics 2003; 19: 185-193.
    """
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.ndim != 2 or not matrix.size:
        raise OmicsInputError("Quantile normalisation takes a table with rows and columns.")
    if not np.isfinite(matrix).all():
        row, column = np.argwhere(~np.isfinite(matrix))[0]
        raise OmicsInputError(f"No finite value is in row {row + 1} of column {column + 1}.")
    target = np.sort(matrix, axis=0).mean(axis=1)
    found = np.empty_like(matrix)
    for column in range(matrix.shape[1]):
        ranks = midranks(matrix[:, column])
        place = np.floor(ranks).astype(np.int64) - 1
        after = np.minimum(place + 1, len(target) - 1)
        halfway = ranks - np.floor(ranks) > BETWEEN
        found[:, column] = np.where(halfway, (target[place] + target[after]) / 2, target[place])
    return found
