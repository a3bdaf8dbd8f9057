"""Fisher's exact test of a table of counts."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy  # which takes a fifth of a second to import scipy.optimize, and does so when it is first used
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import FloatArray, confidence, one_of
from analysis.stats.contingency import counts
from analysis.stats.errors import ParameterError
from analysis.stats.fisher_larger import share_of_unlikely
from analysis.stats.t_tests import ALTERNATIVES

# Tables as likely as the observed one but for rounding count as at least as extreme; the margin is R's.
RELATIVE = 1 + 1e-7
# 2 x 2 tables with the margins of one: the search for the odds ratio goes through all of them some hundred times.
MOST_TABLES = 500_000


@dataclass(frozen=True)
class FisherTest:
    """p of the table; on 2 x 2 also the conditional maximum-likelihood odds ratio with its exact interval."""

    p: float
    odds_ratio: float | None
    low: float | None
    high: float | None


def fisher_exact(table: ArrayLike, *, alternative: str = "two-sided", conf_level: float = 0.95) -> FisherTest:
    """Test independence of rows and columns given the margins.

    Parameters
    ----------
    table : array_like, shape (r, c)
        Counts.
    alternative : {"two-sided", "less", "greater"}
        Of the odds ratio; larger tables are two-sided.
    conf_level : float
        Coverage of the interval of the odds ratio.

    Raises
    ------
    TooFewGroupsError
        Fewer than two rows or columns, or an empty one.
    ParameterError
        Something that is not a count, or a table too large to go through.

    Notes
    -----
    Matches ``stats::fisher.test`` of R 4.2 (which finds the odds ratio to 1e-4). Fisher, J R Stat Soc 1935; 98: 39-82.
    """
    found = counts(table)
    one_of(alternative, ALTERNATIVES, "alternative")
    level = confidence(conf_level)
    if found.shape == (2, 2):
        return _Conditional.of(found).test(alternative, level)
    if alternative != "two-sided":
        raise ParameterError("Only a 2 x 2 table has a one-sided exact test.")
    return FisherTest(share_of_unlikely(found, RELATIVE), None, None, None)


def fisher_p(table: ArrayLike) -> float:
    """Two-sided p of a 2 x 2 table, without the search for the odds ratio: for tables by the hundred.

    The p, the errors and the conventions are those of ``fisher_exact``; ParameterError for a larger table.
    """
    found = counts(table)
    if found.shape != (2, 2):
        raise ParameterError("Only a 2 x 2 table is tested without its odds ratio.")
    return _Conditional.of(found).two_sided()


@dataclass(frozen=True, eq=False)
class _Conditional:
    """Distribution of the first count given the margins, as a function of the odds ratio."""

    observed: int
    values: FloatArray
    log_density: FloatArray

    @classmethod
    def of(cls, table: FloatArray) -> "_Conditional":
        (a, _), (c, _) = table
        first, second, column = table[0].sum(), table[1].sum(), a + c
        least, most = max(0.0, column - second), min(first, column)
        if most - least > MOST_TABLES:
            raise ParameterError("The table is too large for an exact test; use the chi-square test.")
        values = np.arange(least, most + 1)
        density = _log_choose(first, values) + _log_choose(second, column - values)
        return cls(int(a - values[0]), values, density)

    def density(self, log_ratio: float) -> FloatArray:
        exponent = self.log_density + self.values * log_ratio
        weight: FloatArray = np.exp(exponent - exponent.max())
        share: FloatArray = weight / weight.sum()
        return share

    def two_sided(self) -> float:
        null = self.density(0.0)
        return float(min(null[null <= null[self.observed] * RELATIVE].sum(), 1.0))

    def test(self, alternative: str, level: float) -> FisherTest:
        null = self.density(0.0)
        tails = {"less": null[: self.observed + 1].sum(), "greater": null[self.observed :].sum()}
        p = self.two_sided() if alternative == "two-sided" else float(min(tails[alternative], 1.0))
        alpha = (1 - level) / 2 if alternative == "two-sided" else 1 - level
        low = 0.0 if alternative == "less" else self._limit(alpha, upwards=True)
        high = np.inf if alternative == "greater" else self._limit(alpha, upwards=False)
        return FisherTest(p, self._estimate(), low, high)

    def _estimate(self) -> float:
        if self.observed == 0:
            return 0.0
        if self.observed == len(self.values) - 1:
            return float("inf")
        at = self.values[self.observed]
        return self._root(lambda log_ratio: float(self.density(log_ratio) @ self.values) - at)

    def _limit(self, alpha: float, *, upwards: bool) -> float:
        """The odds ratio at which the tail from the observed count on (or up to it) is alpha."""
        if upwards:
            if self.observed == 0:
                return 0.0
            return self._root(lambda log_ratio: float(self.density(log_ratio)[self.observed :].sum()) - alpha)
        if self.observed == len(self.values) - 1:
            return float("inf")
        return self._root(lambda log_ratio: alpha - float(self.density(log_ratio)[: self.observed + 1].sum()))

    def _root(self, rising: Callable[[float], float]) -> float:
        return float(np.exp(scipy.optimize.brentq(rising, -700, 700, xtol=1e-12, rtol=1e-14)))


def _log_choose(n: float, k: FloatArray) -> FloatArray:
    result: FloatArray = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    return result
