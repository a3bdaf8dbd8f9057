"""Comparison of more than two groups: analysis of variance, Welch's, Kruskal-Wallis, and pairs after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy  # which takes half a second to import scipy.stats, and does so when it is first used
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import FloatArray, confidence, finite
from analysis.stats.errors import ParameterError, TooFewGroupsError
from analysis.stats.multiplicity import adjust
from analysis.stats.rank_tests import mann_whitney
from analysis.stats.ranks import midranks
from analysis.stats.t_tests import Summary


@dataclass(frozen=True)
class FTest:
    """F with the degrees of freedom of its numerator and denominator."""

    f: float
    df1: float
    df2: float
    p: float


@dataclass(frozen=True)
class RankAnova:
    """Kruskal-Wallis statistic, chi-square with ``df`` degrees of freedom."""

    statistic: float
    df: int
    p: float


@dataclass(frozen=True)
class PairDifference:
    """Mean of group b less that of group a, with Tukey's simultaneous interval and p."""

    a: int
    b: int
    difference: float
    low: float
    high: float
    p: float


def samples(groups: Sequence[ArrayLike]) -> list[FloatArray]:
    """Checked samples of at least two groups."""
    if len(groups) < 2:
        raise TooFewGroupsError("A comparison needs at least two groups.")
    return [finite(group, f"group {i + 1}") for i, group in enumerate(groups)]


def anova(groups: Sequence[ArrayLike]) -> FTest:
    """One-way analysis of variance.

    Parameters
    ----------
    groups : sequence of array_like
        One sample per group.

    Raises
    ------
    TooFewGroupsError
        Fewer than two groups, or one value in each.
    ParameterError
        No spread within the groups.
    MissingValueError, EmptyInputError
        Bad samples.

    Notes
    -----
    Matches ``stats::anova(lm(y ~ group))`` of R 4.2.
    """
    found = samples(groups)
    between, within, df1, df2 = _squares(found)
    f = (between / df1) / (within / df2)
    return FTest(float(f), df1, df2, float(special.fdtrc(df1, df2, f)))


def _squares(found: list[FloatArray]) -> tuple[float, float, int, int]:
    n = sum(len(group) for group in found)
    if n <= len(found):
        raise TooFewGroupsError("Every group has one value only, so the spread within them is unknown.")
    grand = float(np.concatenate(found).mean())
    between = sum(len(group) * (float(group.mean()) - grand) ** 2 for group in found)
    within = sum(float(((group - group.mean()) ** 2).sum()) for group in found)
    if not within > 0:
        raise ParameterError("The values do not vary within the groups, so these cannot be compared.")
    return between, within, len(found) - 1, n - len(found)


def welch_anova(groups: Sequence[ArrayLike]) -> FTest:
    """One-way comparison of means without equal variances, as ``stats::oneway.test`` of R 4.2.

    Welch, Biometrika 1951; 38: 330-336. Parameters are those of ``anova``; every group needs a spread of its own.
    """
    found = samples(groups)
    if min(len(group) for group in found) < 2 or min(np.ptp(group) for group in found) == 0:
        raise ParameterError("Every group needs at least two values that differ.")
    n = np.array([len(group) for group in found], float)
    mean = np.array([group.mean() for group in found])
    return _welch(n, mean, np.array([group.var(ddof=1) for group in found]))


def _welch(n: FloatArray, mean: FloatArray, variance: FloatArray) -> FTest:
    weight = n / variance
    k, total = len(n), weight.sum()
    lack = ((1 - weight / total) ** 2 / (n - 1)).sum() / (k**2 - 1)
    centre = (weight @ mean) / total
    f = (weight @ (mean - centre) ** 2) / ((k - 1) * (1 + 2 * (k - 2) * lack))
    df2 = 1 / (3 * lack)
    return FTest(float(f), k - 1, float(df2), float(special.fdtrc(k - 1, df2, f)))


def kruskal_wallis(groups: Sequence[ArrayLike]) -> RankAnova:
    """Rank test that no group tends to be higher, corrected for ties, as ``stats::kruskal.test`` of R 4.2."""
    found = samples(groups)
    pooled = np.concatenate(found)
    n = len(pooled)
    ties = np.unique(pooled, return_counts=True)[1].astype(np.float64)
    correction = 1 - (ties**3 - ties).sum() / (n**3 - n) if n > 1 else 0.0
    if not correction > 0:
        raise ParameterError("All values are equal, so there is nothing to rank.")
    ends = np.cumsum([len(group) for group in found])[:-1]
    parts = np.split(midranks(pooled), ends)
    raw = sum(float(part.sum()) ** 2 / len(part) for part in parts)
    statistic = (12 * raw / (n * (n + 1)) - 3 * (n + 1)) / correction
    df = len(found) - 1
    return RankAnova(float(statistic), df, float(special.chdtrc(df, max(statistic, 0.0))))


def anova_from_summaries(groups: Sequence[Summary]) -> FTest:
    """One-way analysis of variance from printed sizes, means and standard deviations; see ``anova``."""
    n, mean, sd = _checked(groups)
    grand = float(n @ mean) / n.sum()
    df1, df2 = len(groups) - 1, int(n.sum()) - len(groups)
    f = (float(n @ (mean - grand) ** 2) / df1) / (float((n - 1) @ sd**2) / df2)
    return FTest(f, df1, df2, float(special.fdtrc(df1, df2, f)))


def welch_anova_from_summaries(groups: Sequence[Summary]) -> FTest:
    """Welch's comparison of means from printed sizes, means and standard deviations; see ``welch_anova``."""
    n, mean, sd = _checked(groups)
    if sd.min() == 0:
        raise ParameterError("Every group needs at least two values that differ.")
    return _welch(n, mean, sd**2)


def _checked(groups: Sequence[Summary]) -> tuple[FloatArray, FloatArray, FloatArray]:
    if len(groups) < 2:
        raise TooFewGroupsError("A comparison needs at least two groups.")
    n, mean, sd = (np.array([getattr(group, name) for group in groups], float) for name in ("n", "mean", "sd"))
    if n.min() < 2 or not (sd >= 0).all():
        raise ParameterError("A group needs at least two values and a standard deviation that is not negative.")
    if sd.max() == 0:
        raise ParameterError("The values do not vary within the groups, so these cannot be compared.")
    return n, mean, sd


def tukey(groups: Sequence[ArrayLike], *, conf_level: float = 0.95) -> list[PairDifference]:
    """Differences of all pairs of means with simultaneous intervals, as ``stats::TukeyHSD(aov())`` of R 4.2.

    Parameters and errors are those of ``anova``; pairs come in the order (1, 2), (1, 3), ..., (2, 3), ...
    """
    found = samples(groups)
    level = confidence(conf_level)
    _, within, _, df = _squares(found)
    k = len(found)
    reach = float(scipy.stats.studentized_range.ppf(level, k, df))
    pairs: list[PairDifference] = []
    for a, b in combinations(range(k), 2):
        unit = float(np.sqrt(within / df / 2 * (1 / len(found[a]) + 1 / len(found[b]))))
        difference = float(found[b].mean() - found[a].mean())
        p = float(np.clip(scipy.stats.studentized_range.sf(abs(difference) / unit, k, df), 0.0, 1.0))
        pairs.append(PairDifference(a, b, difference, difference - reach * unit, difference + reach * unit, p))
    return pairs


def pairwise_mann_whitney(groups: Sequence[ArrayLike], *, method: str = "BH") -> dict[tuple[int, int], float]:
    """Adjusted p of Mann-Whitney tests of all pairs, as ``stats::pairwise.wilcox.test(p.adjust.method=)`` of R 4.2."""
    found = samples(groups)
    pairs = list(combinations(range(len(found)), 2))
    adjusted = adjust([mann_whitney(found[a], found[b]).p for a, b in pairs], method)
    return {pair: float(p) for pair, p in zip(pairs, adjusted, strict=True)}
