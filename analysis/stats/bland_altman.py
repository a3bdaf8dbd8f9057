"""Agreement of two measurements of the same quantity: bias and limits of agreement."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import FloatArray, confidence, finite, same_length
from analysis.stats.errors import ParameterError, TooFewGroupsError


@dataclass(frozen=True)
class Limit:
    """A number with its confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class BlandAltman:
    """Differences x less y, or ratios x over y if ``is_ratio``, against the mean of both (the geometric for ratios).

    ``sd`` is that of the differences, on the log scale for ratios. ``points`` are (mean, difference) per subject.
    """

    n: int
    bias: Limit
    lower: Limit
    upper: Limit
    sd: float
    is_ratio: bool
    outside: int
    points: tuple[tuple[float, float], ...]


def bland_altman(
    x: ArrayLike, y: ArrayLike, *, log: bool = False, coverage: float = 0.95, conf_level: float = 0.95
) -> BlandAltman:
    """Estimate how far two measurements of the same subjects lie apart.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        At least three subjects, in one unit.
    log : bool
        Work with logarithms, for counts whose differences grow with the count; results are ratios.
    coverage : float
        Share of the differences between the limits of agreement.
    conf_level : float
        Coverage of the interval of the bias and of each limit.

    Raises
    ------
    TooFewGroupsError
        Fewer than three subjects.
    ParameterError
        A zero or negative value where logarithms were asked for.
    MissingValueError, LengthMismatchError
        Bad columns.

    Notes
    -----
    Bland & Altman, Stat Methods Med Res 1999; 8: 135-160, section 2: the standard error of a limit is
    s sqrt(1/n + z^2 / (2 (n - 1))), its interval that of t with n - 1 degrees of freedom.
    """
    a, b = finite(x, "x"), finite(y, "y")
    same_length(x=a, y=b)
    if len(a) < 3:
        raise TooFewGroupsError("Limits of agreement need at least three subjects.")
    if log:
        a, b = _logarithms(a, "x"), _logarithms(b, "y")
    level, width = confidence(conf_level), float(special.ndtri(0.5 + confidence(coverage) / 2))
    n, difference = len(a), a - b
    middle, sd = float(difference.mean()), float(difference.std(ddof=1))
    t = float(special.stdtrit(n - 1, 0.5 + level / 2))
    of_bias, of_limit = t * sd / np.sqrt(n), t * sd * np.sqrt(1 / n + width**2 / (2 * (n - 1)))
    below, above = middle - width * sd, middle + width * sd
    outside = int(((difference < below) | (difference > above)).sum())
    back = np.exp if log else np.asarray
    points = zip(back((a + b) / 2).tolist(), back(difference).tolist(), strict=True)
    bias, lower, upper = (
        Limit(*(float(back(number)) for number in (at, at - half, at + half)))
        for at, half in ((middle, of_bias), (below, of_limit), (above, of_limit))
    )
    return BlandAltman(n, bias, lower, upper, sd, log, outside, tuple(points))


def _logarithms(values: FloatArray, name: str) -> FloatArray:
    bad = np.flatnonzero(values <= 0)
    if bad.size:
        raise ParameterError(f"{name} is {values[bad[0]]:g} at position {bad[0]}, which has no logarithm.")
    result: FloatArray = np.log(values)
    return result
