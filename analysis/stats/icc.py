"""Agreement of readers on numbers: intraclass correlations and Cronbach's alpha."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import FloatArray, confidence, of_usable_size
from analysis.stats.errors import LengthMismatchError, MissingValueError, TooFewGroupsError


@dataclass(frozen=True)
class MeanSquares:
    """Of a two-way table: between subjects, between raters, left over, and within subjects."""

    subjects: float
    raters: float
    error: float
    within: float


@dataclass(frozen=True)
class Icc:
    """One correlation with the F test that it is 0."""

    name: str
    value: float
    f: float
    df1: int
    df2: int
    p: float
    low: float
    high: float


@dataclass(frozen=True)
class IccTable:
    """The six forms of Shrout and Fleiss: 1 other raters for each subject, 2 raters drawn from many, 3 just these.

    The first three are of a single rating, those ending in k of the mean of all k. Cronbach's alpha is "ICC3k".
    """

    n_subjects: int
    n_raters: int
    mean_squares: MeanSquares
    forms: tuple[Icc, ...]

    def __getitem__(self, name: str) -> Icc:
        return next(form for form in self.forms if form.name == name)


def icc(ratings: ArrayLike, *, conf_level: float = 0.95) -> IccTable:
    """Estimate the reliability of ratings.

    Parameters
    ----------
    ratings : array_like, shape (n, k)
        One row per subject, one column per rater, complete.
    conf_level : float
        Coverage of the intervals.

    Returns
    -------
    IccTable
        Infinite F and limits of 1 where the raters agree to the last digit.

    Raises
    ------
    TooFewGroupsError
        Fewer than two subjects or raters, or subjects that do not differ at all.
    MissingValueError
        A missing or infinite rating.

    Notes
    -----
    Matches ``psych::ICC(lmer=FALSE)`` 2.2.9. Shrout & Fleiss, Psychol Bull 1979; 86: 420-428; McGraw & Wong, Psychol
    Methods 1996; 1: 30-46.
    """
    x = _checked(ratings)
    level = confidence(conf_level)
    squares = mean_squares(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        forms = (*_single(x.shape, squares, level), *_averaged(x.shape, squares, level))
    return IccTable(x.shape[0], x.shape[1], squares, forms)


def _checked(ratings: ArrayLike) -> FloatArray:
    x = np.asarray(ratings, dtype=np.float64)
    if x.ndim != 2:
        raise LengthMismatchError("Ratings are a table of subjects by raters.")
    if min(x.shape) < 2:
        raise TooFewGroupsError("Reliability needs at least two subjects and two raters.")
    bad = np.argwhere(~np.isfinite(x))
    if bad.size:
        raise MissingValueError(f"Rater {bad[0, 1]} is missing or infinite for subject {bad[0, 0]}.")
    of_usable_size(x, "A rating")
    if np.ptp(x.mean(axis=1)) == 0:
        raise TooFewGroupsError("The subjects do not differ, so there is nothing to be reliable about.")
    return x


def mean_squares(x: FloatArray) -> MeanSquares:
    """Analysis of variance of a complete table of subjects by raters."""
    n, k = x.shape
    by_subject, by_rater, grand = x.mean(axis=1), x.mean(axis=0), x.mean()
    left = x - by_subject[:, None] - by_rater + grand
    return MeanSquares(
        subjects=float(k * ((by_subject - grand) ** 2).sum() / (n - 1)),
        raters=float(n * ((by_rater - grand) ** 2).sum() / (k - 1)),
        error=float((left**2).sum() / ((n - 1) * (k - 1))),
        within=float(((x - by_subject[:, None]) ** 2).sum() / (n * (k - 1))),
    )


def _single(shape: tuple[int, ...], ms: MeanSquares, level: float) -> tuple[Icc, Icc, Icc]:
    n, k = shape
    f1, f3 = np.divide(ms.subjects, ms.within), np.divide(ms.subjects, ms.error)
    within, error = n * (k - 1), (n - 1) * (k - 1)
    icc2 = (ms.subjects - ms.error) / (ms.subjects + (k - 1) * ms.error + k * (ms.raters - ms.error) / n)
    return (
        _form("ICC1", _from_f(f1, k), f1, (n - 1, within), *(_from_f(f, k) for f in _around(f1, n - 1, within, level))),
        _form("ICC2", icc2, f3, (n - 1, error), *_limits_of_two(shape, ms, icc2, level)),
        _form("ICC3", _from_f(f3, k), f3, (n - 1, error), *(_from_f(f, k) for f in _around(f3, n - 1, error, level))),
    )


def _averaged(shape: tuple[int, ...], ms: MeanSquares, level: float) -> tuple[Icc, Icc, Icc]:
    """The reliability of a mean of k ratings, by Spearman and Brown's formula."""
    k = shape[1]

    def averaged(r: float) -> float:
        # (F - 1) / (F + k - 1) becomes 1 - 1/F; from -1/(k-1) on down there is no mean to speak of.
        return float(np.divide(r * k, 1 + r * (k - 1)))

    forms = [
        _form(f"{one.name}k", averaged(one.value), one.f, (one.df1, one.df2), averaged(one.low), averaged(one.high))
        for one in _single(shape, ms, level)
    ]
    return forms[0], forms[1], forms[2]


def _form(name: str, value: float, f: float, df: tuple[int, int], low: float, high: float) -> Icc:
    p = 0.0 if np.isinf(f) else float(special.fdtrc(*df, f))
    return Icc(name, float(value), float(f), *df, p, float(low), float(high))


def _from_f(f: float, k: int) -> float:
    return 1.0 if np.isinf(f) else (f - 1) / (f + k - 1)


def _around(f: float, df1: int, df2: int, level: float) -> tuple[float, float]:
    upper = 0.5 + level / 2
    return f / special.fdtri(df1, df2, upper), f * special.fdtri(df2, df1, upper)


def _limits_of_two(shape: tuple[int, ...], ms: MeanSquares, value: float, level: float) -> tuple[float, float]:
    """Satterthwaite's approximation for raters drawn from many."""
    n, k = shape
    if ms.error == 0 and ms.raters == 0:
        return 1.0, 1.0
    upper = 0.5 + level / 2
    # Both terms of the ratio multiplied by the error, so that none has to be divided by.
    a = k * value * ms.raters
    b = (n * (1 + (k - 1) * value) - k * value) * ms.error
    v = (k - 1) * (n - 1) * (a + b) ** 2 / ((n - 1) * a**2 + b**2)
    high_f, low_f = special.fdtri(n - 1, v, upper), special.fdtri(v, n - 1, upper)
    rest = k * ms.raters + (k * n - k - n) * ms.error
    low = n * (ms.subjects - high_f * ms.error) / (high_f * rest + n * ms.subjects)
    high = n * (low_f * ms.subjects - ms.error) / (rest + n * low_f * ms.subjects)
    return float(low), float(high)
