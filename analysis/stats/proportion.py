"""Confidence intervals of a proportion."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.stats.arrays import confidence, one_of
from analysis.stats.errors import ParameterError


@dataclass(frozen=True)
class Proportion:
    """A share with its interval; all NaN when nobody was asked."""

    value: float
    low: float
    high: float


def proportion(count: int, n: int, *, method: str = "wilson", conf_level: float = 0.95) -> Proportion:
    """Estimate a share from ``count`` of ``n``.

    Parameters
    ----------
    count, n : int
        0 <= count <= n.
    method : {"wilson", "exact"}
        Wilson's score interval without continuity correction (``prop.test(correct=FALSE)``) or Clopper and Pearson's
        (``binom.test``).
    conf_level : float
        Coverage.

    Raises
    ------
    ParameterError
        Impossible counts or an unknown method.

    Notes
    -----
    Wilson, J Am Stat Assoc 1927; 22: 209-212. Clopper & Pearson, Biometrika 1934; 26: 404-413.
    """
    one_of(method, ("wilson", "exact"), "method")
    level = confidence(conf_level)
    if not 0 <= count <= n:
        raise ParameterError(f"{count} of {n} is not a share.")
    if n == 0:
        return Proportion(np.nan, np.nan, np.nan)
    limits = _wilson(count, n, level) if method == "wilson" else _exact(count, n, level)
    return Proportion(count / n, *limits)


def _wilson(count: int, n: int, level: float) -> tuple[float, float]:
    z2 = float(special.ndtri(0.5 + level / 2)) ** 2
    centre = (count + z2 / 2) / (n + z2)
    half = np.sqrt(z2 * (count * (n - count) / n + z2 / 4)) / (n + z2)
    # At the ends the formula gives 0 and 1 but for rounding.
    low = 0.0 if count == 0 else centre - half
    high = 1.0 if count == n else centre + half
    return float(low), float(high)


def _exact(count: int, n: int, level: float) -> tuple[float, float]:
    tail = (1 - level) / 2
    low = 0.0 if count == 0 else float(special.betaincinv(count, n - count + 1, tail))
    high = 1.0 if count == n else float(special.betaincinv(count + 1, n - count, 1 - tail))
    return low, high
