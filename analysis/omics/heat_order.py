"""The order of a heat map: like genes beside like genes, and like samples beside each other in their group."""

from collections.abc import Sequence

import numpy as np
import scipy

from analysis.omics.errors import OmicsInputError
from analysis.stats.arrays import FloatArray

METHODS = ("average", "complete", "ward")


def row_z_scores(values: FloatArray) -> FloatArray:
    """Each row less its mean, in its sample standard deviations (n - 1); rows without spread are 0.

    Parameters
    ----------
    values : ndarray, shape (genes, samples)

    Raises
    ------
    OmicsInputError
        Fewer than two samples, or a value that is no finite number.

    Notes
    -----
    As ``pheatmap(scale = "row")``.
    """
    _check(values)
    if values.shape[1] < 2:
        raise OmicsInputError("Row z-scores take two samples or more.")
    centred = values - values.mean(axis=1, keepdims=True)
    spread = values.std(axis=1, ddof=1, keepdims=True)
    # A row of one and the same number has a spread of rounding errors.
    flat = spread <= 1e-12 * np.maximum(1.0, np.abs(values).max(axis=1, keepdims=True))
    z: FloatArray = np.where(flat, 0.0, centred / np.where(flat, 1.0, spread))
    return z


def hierarchical_order(values: FloatArray, *, method: str = "complete") -> list[int]:
    """Positions of the rows in the order of the leaves of their tree, by Euclidean distance.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
    method : {"average", "complete", "ward"}

    Raises
    ------
    OmicsInputError
        An unknown method, no row, or a value that is no finite number.

    Notes
    -----
    The tree is that of ``hclust``; of its 2^(rows - 1) orders it is the one in which neighbours are closest
    (Bar-Joseph et al. 2001), so that equal data always give one order.
    """
    if method not in METHODS:
        raise OmicsInputError(f"The method of clustering is one of {', '.join(METHODS)}, not {method!r}.")
    _check(values)
    if len(values) < 3:
        return list(range(len(values)))
    distances = scipy.spatial.distance.pdist(values)
    tree = scipy.cluster.hierarchy.linkage(distances, method=method)
    order = scipy.cluster.hierarchy.leaves_list(scipy.cluster.hierarchy.optimal_leaf_ordering(tree, distances))
    return [int(place) for place in order]


def order_within_groups(values: FloatArray, groups: Sequence[str], *, method: str = "complete") -> list[int]:
    """Positions of the columns: groups in the order in which they are first met, each in its hierarchical order.

    Raises
    ------
    OmicsInputError
        Not one group for each column.
    """
    if len(groups) != values.shape[1]:
        raise OmicsInputError(f"{values.shape[1]} samples have {len(groups)} groups.")
    order: list[int] = []
    for name in dict.fromkeys(groups):
        own = [place for place, group in enumerate(groups) if group == name]
        order.extend(own[place] for place in hierarchical_order(values[:, own].T, method=method))
    return order


def _check(values: FloatArray) -> None:
    if values.ndim != 2 or not values.size:
        raise OmicsInputError("A heat map takes a table of genes and samples that is not empty.")
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        raise OmicsInputError(f"Row {bad[0][0] + 1}, column {bad[0][1] + 1} of the heat map is no finite number.")
