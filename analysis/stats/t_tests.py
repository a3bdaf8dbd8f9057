"""Comparison of means: Student's, Welch's and the paired t test, also from printed means and standard deviations."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import confidence, finite, one_of, same_length
from analysis.stats.errors import ParameterError, TooFewGroupsError

ALTERNATIVES = ("two-sided", "less", "greater")


@dataclass(frozen=True)
class Summary:
    """A sample by its size, mean and standard deviation (n - 1)."""

    n: int
    mean: float
    sd: float


@dataclass(frozen=True)
class TTest:
    """t with its degrees of freedom; ``difference`` is x less y with its interval, in the unit of the data."""

    statistic: float
    df: float
    p: float
    difference: float
    low: float
    high: float


def summarise(values: ArrayLike, name: str) -> Summary:
    """Size, mean and standard deviation of at least two values."""
    array = finite(values, name)
    if len(array) < 2:
        raise TooFewGroupsError(f"{name} has one value only, so its spread is unknown.")
    return Summary(len(array), float(array.mean()), float(array.std(ddof=1)))


def t_test(
    x: ArrayLike, y: ArrayLike, *, equal_var: bool = False, alternative: str = "two-sided", conf_level: float = 0.95
) -> TTest:
    """Compare the means of two independent samples.

    Parameters
    ----------
    x, y : array_like, shapes (n,) and (m,)
    equal_var : bool
        Student's test with a common variance instead of Welch's.
    alternative : {"two-sided", "less", "greater"}
        What x is expected to be relative to y; one-sided tests have one-sided intervals.
    conf_level : float
        Coverage of the interval of the difference.

    Raises
    ------
    TooFewGroupsError
        Fewer than two values in a sample.
    ParameterError
        Samples without any spread, or an unknown option.
    MissingValueError
        A missing or infinite value.

    Notes
    -----
    Matches ``stats::t.test(x, y, var.equal=, alternative=)`` of R 4.2. Welch, Biometrika 1947; 34: 28-35.
    """
    return t_test_from_summary(
        summarise(x, "x"), summarise(y, "y"), equal_var=equal_var, alternative=alternative, conf_level=conf_level
    )


def t_test_from_summary(
    x: Summary, y: Summary, *, equal_var: bool = False, alternative: str = "two-sided", conf_level: float = 0.95
) -> TTest:
    """Compare two means from printed sizes, means and standard deviations; see ``t_test``."""
    for sample in (x, y):
        if sample.n < 2 or not sample.sd >= 0:
            raise ParameterError("A sample needs at least two values and a standard deviation that is not negative.")
    vx, vy = x.sd**2 / x.n, y.sd**2 / y.n
    if equal_var:
        df = float(x.n + y.n - 2)
        pooled = ((x.n - 1) * x.sd**2 + (y.n - 1) * y.sd**2) / df
        std_err = float(np.sqrt(pooled * (1 / x.n + 1 / y.n)))
    else:
        std_err = float(np.sqrt(vx + vy))
        df = (vx + vy) ** 2 / (vx**2 / (x.n - 1) + vy**2 / (y.n - 1)) if std_err else float(x.n + y.n - 2)
    return _test(x.mean - y.mean, std_err, df, alternative, conf_level)


def paired_t_test(x: ArrayLike, y: ArrayLike, *, alternative: str = "two-sided", conf_level: float = 0.95) -> TTest:
    """Compare two measurements of the same patients, as ``stats::t.test(x, y, paired=TRUE)``; see ``t_test``."""
    a, b = finite(x, "x"), finite(y, "y")
    same_length(x=a, y=b)
    difference = summarise(a - b, "the difference")
    std_err = difference.sd / float(np.sqrt(difference.n))
    return _test(difference.mean, std_err, difference.n - 1, alternative, conf_level)


def _test(difference: float, std_err: float, df: float, alternative: str, conf_level: float) -> TTest:
    one_of(alternative, ALTERNATIVES, "alternative")
    level = confidence(conf_level)
    # R's rule: a spread that is rounding only is no spread.
    if std_err <= 10 * np.finfo(float).eps * abs(difference) or std_err == 0:
        raise ParameterError("The values do not vary, so their means cannot be compared.")
    t = difference / std_err
    if alternative == "two-sided":
        half = float(special.stdtrit(df, 0.5 + level / 2)) * std_err
        return TTest(t, df, float(2 * special.stdtr(df, -abs(t))), difference, difference - half, difference + half)
    half = float(special.stdtrit(df, level)) * std_err
    if alternative == "less":
        return TTest(t, df, float(special.stdtr(df, t)), difference, -np.inf, difference + half)
    return TTest(t, df, float(special.stdtr(df, -t)), difference, difference - half, np.inf)
