"""More than two groups compared by the same rule as two: the assumptions, the test they led to, and pairs after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import confidence
from analysis.stats.assumptions import Check, assumptions, because, said
from analysis.stats.errors import ParameterError
from analysis.stats.group_test import SMALL_UNPAIRED
from analysis.stats.many_groups import anova, kruskal_wallis, pairwise_mann_whitney, samples, tukey

ANOVA, KRUSKAL_WALLIS = "one-way analysis of variance", "Kruskal-Wallis test"
TUKEY, MANN_WHITNEY_BH = "Tukey's honest differences", "Mann-Whitney tests, p adjusted by Benjamini and Hochberg"


@dataclass(frozen=True)
class PairP:
    """Groups a and b by their place: b less a as means with Tukey's interval or as medians, and an adjusted p."""

    a: int
    b: int
    difference: float
    low: float | None
    high: float | None
    p: float


@dataclass(frozen=True)
class ManyTest:
    """A comparison of groups. F has ``df`` and ``df2``, Kruskal and Wallis's chi-square only ``df``."""

    test: str
    statistic: float
    df: float
    df2: float | None
    p: float
    checks: tuple[Check, ...]
    why: str
    pairs: tuple[PairP, ...]
    pairs_by: str


def compare_many(groups: Sequence[ArrayLike], *, names: Sequence[str], alpha: float = 0.05) -> ManyTest:
    """Compare a measurement in several groups of different patients.

    Parameters
    ----------
    groups : sequence of array_like
        One sample per group.
    names : sequence of str
        How the groups are called in ``checks`` and ``why``.
    alpha : float
        Level at which normality and equal variances are given up.

    Returns
    -------
    ManyTest
        Where every sample looks normal (Shapiro-Wilk) and all vary alike (Levene about the medians) the analysis of
        variance and Tukey's differences, else Kruskal and Wallis's test and Mann-Whitney tests of the pairs.

    Raises
    ------
    StatsInputError
        Bad samples, fewer than two groups, values that are all equal.
    """
    found = samples(groups)
    level = confidence(alpha)
    smallest = min(len(group) for group in found)
    if smallest < SMALL_UNPAIRED:
        why = f"a group of {smallest} is too small to judge its distribution (fewer than {SMALL_UNPAIRED})"
        return ranked(found, (), because(why, KRUSKAL_WALLIS))
    checks = assumptions(found, names, level)
    why = "; ".join(said(check) for check in checks)
    if all(check.holds for check in checks):
        return by_variance(found, checks, because(why, ANOVA))
    return ranked(found, checks, because(why, KRUSKAL_WALLIS))


def by_variance(groups: Sequence[ArrayLike], checks: tuple[Check, ...], why: str) -> ManyTest:
    """One-way analysis of variance with Tukey's differences, as ``stats::aov`` and ``stats::TukeyHSD``."""
    test = anova(groups)
    pairs = tuple(PairP(pair.a, pair.b, pair.difference, pair.low, pair.high, pair.p) for pair in tukey(groups))
    return ManyTest(ANOVA, test.f, test.df1, test.df2, test.p, checks, why, pairs, TUKEY)


def ranked(groups: Sequence[ArrayLike], checks: tuple[Check, ...], why: str) -> ManyTest:
    """``stats::kruskal.test`` with ``stats::pairwise.wilcox.test(p.adjust.method = "BH")`` after it."""
    found = samples(groups)
    test = kruskal_wallis(found)
    try:
        adjusted = pairwise_mann_whitney(found)
    except ParameterError:
        # Two groups that hold one and the same value have no rank test of their own.
        adjusted = {}
    middle = [float(np.median(group)) for group in found]
    pairs = tuple(
        PairP(a, b, middle[b] - middle[a], None, None, adjusted[a, b])
        for a, b in combinations(range(len(found)), 2)
        if adjusted
    )
    return ManyTest(KRUSKAL_WALLIS, test.statistic, test.df, None, test.p, checks, why, pairs, MANN_WHITNEY_BH)
