"""Cox models refitted to bootstrap resamples of their patients."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.stats.arrays import FloatArray, IntArray
from analysis.stats.cox import CoxFit, cox
from analysis.stats.errors import ParameterError, StatsInputError
from analysis.stats.r_random import RRandom


@dataclass(frozen=True, eq=False)
class Refit:
    """A model of a resample: the rows drawn, and the linear predictor of every patient by it.

    ``linear`` (n,) is centred at the means of the resample.
    """

    rows: IntArray
    fit: CoxFit
    linear: FloatArray


def refits(fit: CoxFit, resamples: int, seed: int, first: int = 0) -> Iterator[Refit]:
    """The model refitted to samples of n patients drawn with replacement; a resample that allows no fit is passed over.

    Parameters
    ----------
    fit : CoxFit
        Without strata, clusters or delayed entry.
    resamples : int
        At least 1.
    seed : int
        Of R's generator: ``set.seed(seed)``, then ``sample(n, replace = TRUE)`` for each in turn.
    first : int
        So many resamples of the seed are drawn before and not looked at: stretch after stretch they are those of one
        go.

    Raises
    ------
    ParameterError
        A fit of another kind, no resamples, a seed that R does not take.
    """
    data = fit.data
    if data.strata is not None or data.cluster is not None or data.entry is not None:
        raise ParameterError("Only a model without strata, clusters and delayed entry is resampled.")
    if resamples < 1:
        raise ParameterError(f"At least one resample is needed, not {resamples}.")
    chance = RRandom(seed)
    for _ in range(first):
        chance.with_replacement(fit.n)
    for _ in range(resamples):
        rows = chance.with_replacement(fit.n)
        try:
            again = cox(data.time[rows], data.event[rows], data.x[rows], names=fit.names, ties=fit.ties)
        except StatsInputError:
            continue
        yield Refit(rows, again, (data.x - again.data.x.mean(axis=0)) @ again.coef)


def mean_or_nan(values: FloatArray) -> FloatArray:
    """Mean over the first axis of what is known; NaN where nothing is."""
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    mean: FloatArray = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean
