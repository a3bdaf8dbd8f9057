"""Univariate Cox regression of every column of a matrix at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import LARGEST, SMALLEST, BoolArray, FloatArray, IntArray, confidence, follow_up, one_of
from analysis.stats.errors import LengthMismatchError, MissingValueError, NoEventsError, ParameterError
from analysis.stats.multiplicity import benjamini_hochberg
from analysis.stats.risk_sets import risk_sets
from analysis.stats.screen_block import columns
from analysis.stats.screen_climb import Outcome, climb

# Numbers in a block of columns: a few tables of this size stay in the processor's cache.
_AT_ONCE = 250_000

NO_EVENT = "Nobody with a value had the event."
SAME_VALUE = "It has the same value in everybody."
INFINITE = "It holds an infinite value."
MAGNITUDE = "Its squares cannot be computed with: take another unit."
FLAT_AT_RISK = "It does not vary among the patients at risk when events happen."
SEPARATED = "It orders the events perfectly, so its effect has no finite estimate."
WORDS = {Outcome.FOUND: "", Outcome.FLAT: FLAT_AT_RISK, Outcome.SEPARATED: SEPARATED}


@dataclass(frozen=True, eq=False)
class Screen:
    """One univariate Cox model per column, in the order of the columns; arrays of shape (p,).

    ``n`` and ``events`` count the rows that have a value in the column. ``coef`` and ``se`` are per unit of the column,
    ``low`` and ``high`` limits of the hazard ratio, ``p`` Wald's, ``q`` Benjamini and Hochberg's over all columns that
    have a p. Where ``refused`` says why there is no estimate, the numbers are NaN; elsewhere it is empty.
    """

    names: tuple[str, ...]
    n: IntArray
    events: IntArray
    coef: FloatArray
    se: FloatArray
    hr: FloatArray
    low: FloatArray
    high: FloatArray
    z: FloatArray
    p: FloatArray
    q: FloatArray
    refused: tuple[str, ...]
    conf_level: float


def screen(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    *,
    names: Sequence[str],
    ties: str = "efron",
    conf_level: float = 0.95,
) -> Screen:
    """Fit a proportional-hazards model of each column alone.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        Follow-up in one unit of time, and 1 where it ended with the event.
    covariates : array_like, shape (n, p)
        Numbers; NaN where a row has no value, and is left out of that column's model.
    names : sequence of str
        One name per column.
    ties : {"efron", "breslow"}
        Treatment of events at the same time.
    conf_level : float
        Coverage of the intervals of the hazard ratios.

    Returns
    -------
    Screen

    Raises
    ------
    NoEventsError
        Nobody had the event.
    StatsInputError
        Bad times or codes, unequal lengths, an unknown option. What is wrong with a column is told in its place.

    Notes
    -----
    Each row equals ``cox`` on that column, and ``survival::coxph(Surv(time, event) ~ x)`` 3.5-3. The score of one
    coefficient falls as it grows, so Newton's method is kept within the bracket of its sign.
    """
    level = confidence(conf_level)
    one_of(ties, ("efron", "breslow"), "ties")
    times, events, _ = follow_up(time, event)
    sets = risk_sets(np.arange(len(times)), times, events, None, ties)
    if sets is None:
        raise NoEventsError("Nobody had the event, so no hazard can be compared.")
    x = _matrix(covariates, names, len(times))
    n, died = _counts(x, events)
    coef, se = np.full((2, x.shape[1]), np.nan)
    refused = np.array(_problems(x, died), dtype=object)
    usable = np.flatnonzero(refused == "")
    for place in _blocks(usable, len(times)):
        block = columns(sets, x[np.ix_(sets.rows, place)])
        found = climb(block)
        coef[place], se[place] = found.beta / block.scale, 1 / np.sqrt(found.information) / block.scale
        refused[place] = [WORDS[Outcome(outcome)] for outcome in found.outcome.tolist()]
    return _result(tuple(names), n, died, coef, se, tuple(refused.tolist()), level)


def _matrix(covariates: ArrayLike, names: Sequence[str], n: int) -> FloatArray:
    try:
        x = np.asarray(covariates, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MissingValueError("A covariate holds something that is not a number.") from error
    if x.ndim != 2 or x.shape[0] != n:
        raise LengthMismatchError(f"The covariates do not describe the same {n} rows as the times.")
    if x.shape[1] != len(names):
        raise ParameterError(f"{x.shape[1]} covariates need as many names, not {len(names)}.")
    return x


def _counts(x: FloatArray, event: BoolArray) -> tuple[IntArray, IntArray]:
    present = ~np.isnan(x)
    return present.sum(axis=0), present[event].sum(axis=0)


def _problems(x: FloatArray, died: IntArray) -> list[str]:
    """Per column, why it cannot be fitted; empty where it can."""
    with np.errstate(invalid="ignore"):
        spread = np.fmax.reduce(x, axis=0) - np.fmin.reduce(x, axis=0)
    found = np.full(x.shape[1], "", dtype=object)
    largest = np.fmax.reduce(np.abs(x), axis=0)
    found[(largest > LARGEST) | (largest < SMALLEST)] = MAGNITUDE
    found[np.isinf(largest)] = INFINITE
    found[spread == 0] = SAME_VALUE
    found[died == 0] = NO_EVENT
    return found.tolist()


def _blocks(places: IntArray, n: int) -> Iterator[IntArray]:
    width = max(1, _AT_ONCE // n)
    return (places[start : start + width] for start in range(0, len(places), width))


def _result(
    names: tuple[str, ...],
    n: IntArray,
    events: IntArray,
    coef: FloatArray,
    se: FloatArray,
    refused: tuple[str, ...],
    conf_level: float,
) -> Screen:
    z = coef / se
    p = 2 * special.ndtr(-np.abs(z))
    half = special.ndtri(0.5 + conf_level / 2) * se
    with np.errstate(over="ignore"):
        hr, low, high = np.exp(coef), np.exp(coef - half), np.exp(coef + half)
    return Screen(names, n, events, coef, se, hr, low, high, z, p, benjamini_hochberg(p), refused, conf_level)
