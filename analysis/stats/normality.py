"""Does a sample look normal? Shapiro-Wilk, Lilliefors and Anderson-Darling."""

from dataclasses import dataclass

import numpy as np
import scipy  # which takes half a second to import scipy.stats, and does so when it is first used
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import FloatArray, finite
from analysis.stats.errors import ParameterError, TooFewGroupsError


@dataclass(frozen=True)
class NormalityTest:
    """A statistic and its p under a normal distribution of unknown mean and variance."""

    statistic: float
    p: float


def _sample(values: ArrayLike, least: int) -> FloatArray:
    x = np.sort(finite(values, "values"))
    if len(x) < least:
        raise TooFewGroupsError(f"A test of normality needs at least {least} values.")
    if x[0] == x[-1]:
        raise ParameterError("All values are equal, so their distribution cannot be tested.")
    return x


def shapiro_wilk(values: ArrayLike) -> NormalityTest:
    """Test normality by the correlation with normal order statistics.

    Parameters
    ----------
    values : array_like, shape (n,)
        3 to 5000 values.

    Raises
    ------
    StatsInputError
        Too few, too many, equal, missing or infinite values.

    Notes
    -----
    Matches ``stats::shapiro.test`` of R 4.2 to 1e-6. Royston, Appl Stat 1995; 44: 547-551.
    """
    x = _sample(values, 3)
    if len(x) > 5000:
        raise ParameterError("The Shapiro-Wilk test is made for at most 5000 values.")
    found = scipy.stats.shapiro(x)
    return NormalityTest(float(found.statistic), float(found.pvalue))


def lilliefors(values: ArrayLike) -> NormalityTest:
    """Test normality by the largest distance of the distribution functions.

    Parameters
    ----------
    values : array_like, shape (n,)
        At least 5 values.

    Notes
    -----
    Matches ``nortest::lillie.test`` 1.0-4: p by Dallal & Wilkinson, Am Stat 1986; 40: 294-296, and above 0.1 by
    Stephens' modified statistic.
    """
    x = _sample(values, 5)
    n = len(x)
    p = special.ndtr((x - x.mean()) / x.std(ddof=1))
    upwards = np.arange(1, n + 1) / n
    distance = float(max((upwards - p).max(), (p - upwards + 1 / n).max()))
    return NormalityTest(distance, _lilliefors_p(distance, n))


def _lilliefors_p(distance: float, n: int) -> float:
    d, size = (distance, n) if n <= 100 else (distance * (n / 100) ** 0.49, 100)
    exponent = -7.01256 * d**2 * (size + 2.78019) + 2.99587 * d * np.sqrt(size + 2.78019)
    p = float(np.exp(exponent - 0.122119 + 0.974598 / np.sqrt(size) + 1.67997 / size))
    if p <= 0.1:
        return p
    k = (np.sqrt(n) - 0.01 + 0.85 / np.sqrt(n)) * distance
    if k <= 0.302:
        return 1.0
    for limit, coefficients in LILLIEFORS:
        if k <= limit:
            return float(np.polyval(coefficients, k))
    return 0.0


# Stephens' polynomials in the modified statistic, from the highest power down.
LILLIEFORS = (
    (0.5, (81.218052, -138.55152, 80.709644, -19.828315, 2.76773)),
    (0.9, (-32.355711, 94.029866, -97.490286, 40.662806, -4.901232)),
    (1.31, (2.423045, -12.234627, 23.186922, -19.558097, 6.198765)),
)


def anderson_darling(values: ArrayLike) -> NormalityTest:
    """Test normality by the squared distance of the distribution functions, weighted towards the tails.

    Parameters
    ----------
    values : array_like, shape (n,)
        At least 8 values.

    Notes
    -----
    Matches ``nortest::ad.test`` 1.0-4. Stephens, in D'Agostino & Stephens, Goodness-of-Fit Techniques, 1986.
    """
    x = _sample(values, 8)
    n = len(x)
    z = (x - x.mean()) / x.std(ddof=1)
    terms = special.log_ndtr(z) + special.log_ndtr(-z[::-1])
    a = float(-n - np.mean((2 * np.arange(1, n + 1) - 1) * terms))
    return NormalityTest(a, _anderson_darling_p(a * (1 + 0.75 / n + 2.25 / n**2)))


def _anderson_darling_p(a: float) -> float:
    if a < 0.2:
        return float(1 - np.exp(-13.436 + 101.14 * a - 223.73 * a**2))
    if a < 0.34:
        return float(1 - np.exp(-8.318 + 42.796 * a - 59.938 * a**2))
    if a < 0.6:
        return float(np.exp(0.9177 - 4.279 * a - 1.38 * a**2))
    if a < 10:
        return float(np.exp(1.2937 - 5.709 * a + 0.0186 * a**2))
    return 3.7e-24
