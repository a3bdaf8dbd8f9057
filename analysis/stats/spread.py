"""Do groups vary alike? F test, Levene, Bartlett and Fligner-Killeen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import FloatArray, confidence, finite, one_of
from analysis.stats.errors import ParameterError, TooFewGroupsError
from analysis.stats.many_groups import FTest, anova, samples
from analysis.stats.ranks import midranks


@dataclass(frozen=True)
class VarianceRatio:
    """Variance of x over that of y with its interval, and the F test that it is 1."""

    ratio: float
    df1: int
    df2: int
    p: float
    low: float
    high: float


@dataclass(frozen=True)
class SpreadTest:
    """A chi-square statistic that all groups vary alike."""

    statistic: float
    df: int
    p: float


def variance_ratio(x: ArrayLike, y: ArrayLike, *, conf_level: float = 0.95) -> VarianceRatio:
    """Compare two variances, as ``stats::var.test`` of R 4.2.

    Parameters
    ----------
    x, y : array_like, shapes (n,) and (m,)
    conf_level : float
        Coverage of the interval of the ratio.

    Raises
    ------
    TooFewGroupsError
        Fewer than two values in a sample.
    ParameterError
        A sample without any spread.
    """
    a, b = finite(x, "x"), finite(y, "y")
    if min(len(a), len(b)) < 2:
        raise TooFewGroupsError("A variance needs at least two values.")
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        raise ParameterError("A sample does not vary, so there is no ratio of variances.")
    df1, df2, upper = len(a) - 1, len(b) - 1, 0.5 + confidence(conf_level) / 2
    ratio = float(a.var(ddof=1) / b.var(ddof=1))
    below = float(special.fdtr(df1, df2, ratio))
    p = 2 * min(below, float(special.fdtrc(df1, df2, ratio)))
    low, high = ratio / special.fdtri(df1, df2, upper), ratio * special.fdtri(df2, df1, upper)
    return VarianceRatio(ratio, df1, df2, p, float(low), float(high))


def levene(groups: Sequence[ArrayLike], *, center: str = "median") -> FTest:
    """Analysis of variance of the distances from each group's median (Brown-Forsythe) or mean.

    Matches ``car::leveneTest(center=)``. Parameters and errors are those of ``many_groups.anova``.
    """
    one_of(center, ("median", "mean"), "center")
    middle = np.median if center == "median" else np.mean
    return anova([np.abs(group - middle(group)) for group in samples(groups)])


def bartlett(groups: Sequence[ArrayLike]) -> SpreadTest:
    """Likelihood-ratio test of equal variances under normality, as ``stats::bartlett.test`` of R 4.2."""
    found = samples(groups)
    if min(len(group) for group in found) < 2 or min(np.ptp(group) for group in found) == 0:
        raise ParameterError("Every group needs at least two values that differ.")
    df = np.array([len(group) - 1 for group in found])
    variance = np.array([group.var(ddof=1) for group in found])
    k, total = len(found), df.sum()
    pooled = (df @ variance) / total
    correction = 1 + ((1 / df).sum() - 1 / total) / (3 * (k - 1))
    statistic = (total * np.log(pooled) - df @ np.log(variance)) / correction
    return SpreadTest(float(statistic), k - 1, float(special.chdtrc(k - 1, statistic)))


def fligner_killeen(groups: Sequence[ArrayLike]) -> SpreadTest:
    """Rank test of equal spread about the medians, as ``stats::fligner.test`` of R 4.2.

    Conover, Johnson & Johnson, Technometrics 1981; 23: 351-361.
    """
    found = samples(groups)
    distance = np.concatenate([np.abs(group - np.median(group)) for group in found])
    n = len(distance)
    scores: FloatArray = special.ndtri((1 + midranks(distance) / (n + 1)) / 2)
    if np.ptp(scores) == 0:
        raise ParameterError("All values lie equally far from their medians.")
    ends = np.cumsum([len(group) for group in found])[:-1]
    squares = sum(len(part) * (part.mean() - scores.mean()) ** 2 for part in np.split(scores, ends))
    statistic = float(squares / scores.var(ddof=1))
    return SpreadTest(statistic, len(found) - 1, float(special.chdtrc(len(found) - 1, statistic)))
