"""Folds of a cross-validation, drawn as R draws them."""

import numpy as np

from analysis.stats.arrays import IntArray
from analysis.stats.errors import ParameterError
from analysis.stats.r_random import RRandom


def fold_ids(n: int, folds: int, seed: int) -> IntArray:
    """The fold of each of n rows, from 1 on, of sizes that differ by at most one; shape (n,).

    Parameters
    ----------
    n, folds : int
        From 3 folds to one for each row.
    seed : int
        Of R's generator: ``set.seed(seed); sample(rep(seq(folds), length.out = n))``, the folds that ``cv.glmnet``
        draws after that seed.

    Raises
    ------
    ParameterError
        Too few or too many folds, or a seed that R does not take.
    """
    if not 3 <= folds <= n:
        raise ParameterError(f"There may be from 3 folds to one for each of the {n} rows, not {folds}.")
    return (np.arange(n) % folds + 1)[RRandom(seed).permutation(n)]
