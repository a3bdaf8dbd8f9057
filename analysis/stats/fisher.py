"""Fisher's exact test of a table of counts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from math import prod

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from analysis.stats.arrays import FloatArray, confidence, one_of
from analysis.stats.contingency import counts
from analysis.stats.errors import ParameterError
from analysis.stats.t_tests import ALTERNATIVES

# Tables as likely as the observed one but for rounding count as at least as extreme; the margin is R's.
RELATIVE = 1 + 1e-7
LARGEST = 5_000_000
# Ways to fill the free cells without regard to the margins: what is beyond them is not even begun.
MOST_WAYS = 20_000_000
TOO_LARGE = "The table is too large for an exact test; use the chi-square test."


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
    return FisherTest(_larger(found), None, None, None)


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
        values = np.arange(max(0.0, column - second), min(first, column) + 1)
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
        return float(np.exp(optimize.brentq(rising, -700, 700, xtol=1e-12, rtol=1e-14)))


def _log_choose(n: float, k: FloatArray) -> FloatArray:
    result: FloatArray = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    return result


def _larger(table: FloatArray) -> float:
    """Share of the probability on tables no more likely than this one."""
    if table.shape[0] > table.shape[1]:
        table = table.T
    rows, columns = (tuple(int(total) for total in table.sum(axis=axis)) for axis in (1, 0))
    free = [min(row, column) + 1 for row in sorted(rows)[:-1] for column in sorted(columns)[:-1]]
    if prod(free) > MOST_WAYS:
        raise ParameterError(TOO_LARGE)
    terms = _Tables(columns, special.gammaln(np.arange(table.sum() + 1) + 1.0)).terms(rows, 0)
    target = -float(special.gammaln(table + 1).sum())
    weight = np.exp(terms - terms.max())
    kept = terms <= target + np.log(RELATIVE)
    return float(weight[kept].sum() / weight.sum())


@dataclass(frozen=True, eq=False)
class _Tables:
    """Every table with these margins, a column at a time; what is left of the rows may be reached in many ways."""

    columns: tuple[int, ...]
    log_factorial: FloatArray
    known: dict[tuple[tuple[int, ...], int], FloatArray] = field(default_factory=dict)

    def terms(self, rows: tuple[int, ...], at: int) -> FloatArray:
        """Per way to fill the columns from ``at`` on, minus the sum of the logarithms of its counts' factorials."""
        if (rows, at) not in self.known:
            self.known[rows, at] = self._fill(rows, at)
        return self.known[rows, at]

    def _fill(self, rows: tuple[int, ...], at: int) -> FloatArray:
        if at == len(self.columns) - 1:
            return np.array([-self.log_factorial[list(rows)].sum()])
        parts: list[FloatArray] = []
        for column in _columns(rows, self.columns[at]):
            left = tuple(row - count for row, count in zip(rows, column, strict=True))
            parts.append(self.terms(left, at + 1) - self.log_factorial[list(column)].sum())
        if sum(len(part) for part in parts) > LARGEST:
            raise ParameterError(TOO_LARGE)
        return np.concatenate(parts)


def _columns(rows: tuple[int, ...], total: int) -> Iterator[tuple[int, ...]]:
    """Ways to draw a column's total from the rows."""
    for column in product(*(range(min(row, total) + 1) for row in rows[:-1])):
        last = total - sum(column)
        if 0 <= last <= rows[-1]:
            yield (*column, last)
