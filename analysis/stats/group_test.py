"""Two groups compared by a declared rule: the assumptions that were looked at, the test they led to, and why."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import FloatArray, confidence, finite, same_length
from analysis.stats.assumptions import Check, assumptions, because, normality, said
from analysis.stats.errors import TooFewGroupsError
from analysis.stats.rank_tests import mann_whitney, signed_rank
from analysis.stats.t_tests import TTest, paired_t_test, t_test

# Below this a test of normality rarely finds anything, so pairs are ranked without asking.
SMALL_PAIRED = 10
# Shapiro and Wilk's test needs as many.
SMALL_UNPAIRED = 3

PAIRED_T, STUDENT, SIGNED_RANK, MANN_WHITNEY = (
    "paired t test",
    "Student's t test",
    "Wilcoxon signed-rank test",
    "Mann-Whitney test",
)


@dataclass(frozen=True)
class GroupTest:
    """A comparison of x and y. ``why`` says in one sentence how the test was chosen.

    ``difference`` is x less y in the unit of the data: of means with its interval for t tests, the median of the pairs'
    differences or the difference of medians, without an interval, for rank tests. ``method`` says how a rank test came
    by its p ("exact", or "normal" where values tie or are many); ``least_p`` is the smallest p that an exact rank test
    of so many values can give at all.
    """

    test: str
    is_paired: bool
    statistic: float
    df: float | None
    p: float
    n_x: int
    n_y: int
    difference: float
    low: float | None
    high: float | None
    checks: tuple[Check, ...]
    why: str
    method: str | None
    least_p: float | None


def compare_pairs(x: ArrayLike, y: ArrayLike, *, alpha: float = 0.05, conf_level: float = 0.95) -> GroupTest:
    """Compare two measurements of the same patients.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Values of the same patients, in the same order.
    alpha : float
        Level at which normality is given up.
    conf_level : float
        Coverage of the interval.

    Returns
    -------
    GroupTest
        From ten pairs on whose differences look normal (Shapiro-Wilk) the paired t test, else Wilcoxon's signed ranks.
        A paired test does not suppose equal variances, so these are not asked for.

    Raises
    ------
    TooFewGroupsError
        Fewer than two pairs.
    ParameterError
        No pair differs.
    MissingValueError, LengthMismatchError
        Bad columns.
    """
    a, b = finite(x, "x"), finite(y, "y")
    same_length(x=a, y=b)
    level = confidence(alpha)
    difference = a - b
    n = len(difference)
    if n < 2:
        raise TooFewGroupsError("A paired comparison needs at least two pairs.")
    if n < SMALL_PAIRED:
        why = f"{n} pairs are too few to judge whether the differences are normal (fewer than {SMALL_PAIRED})"
        return _ranked_pairs(a, b, (), why)
    check = normality(difference, "the differences", level)
    why = said(check)
    if not check.holds:
        return _ranked_pairs(a, b, (check,), why)
    return _by_t(PAIRED_T, True, paired_t_test(a, b, conf_level=conf_level), (n, n), (check,), why)


def compare_samples(
    x: ArrayLike,
    y: ArrayLike,
    *,
    alpha: float = 0.05,
    conf_level: float = 0.95,
    names: tuple[str, str] = ("the first group", "the second group"),
) -> GroupTest:
    """Compare a measurement in two groups of different patients.

    Parameters
    ----------
    x, y : array_like, shapes (n,) and (m,)
    alpha : float
        Level at which normality and equal variances are given up.
    conf_level : float
        Coverage of the interval.
    names : tuple of str
        How the groups are called in ``checks`` and ``why``.

    Returns
    -------
    GroupTest
        Where both samples look normal (Shapiro-Wilk) and vary alike (Levene about the medians) Student's t test, else
        Mann and Whitney's.

    Raises
    ------
    EmptyInputError, MissingValueError
        Bad samples.
    ParameterError
        All values are equal.
    """
    a, b = finite(x, "x"), finite(y, "y")
    level = confidence(alpha)
    if min(len(a), len(b)) < SMALL_UNPAIRED:
        why = f"a group of {min(len(a), len(b))} is too small to judge its distribution (fewer than {SMALL_UNPAIRED})"
        return _ranked_samples(a, b, (), why)
    checks = assumptions((a, b), names, level)
    why = "; ".join(said(check) for check in checks)
    if not all(check.holds for check in checks):
        return _ranked_samples(a, b, checks, why)
    found = t_test(a, b, equal_var=True, conf_level=conf_level)
    return _by_t(STUDENT, False, found, (len(a), len(b)), checks, why)


def _by_t(
    name: str, is_paired: bool, found: TTest, sizes: tuple[int, int], checks: tuple[Check, ...], why: str
) -> GroupTest:
    reason = because(why, name)
    estimate = (found.difference, found.low, found.high)
    return GroupTest(name, is_paired, found.statistic, found.df, found.p, *sizes, *estimate, checks, reason, None, None)


def _ranked_pairs(a: FloatArray, b: FloatArray, checks: tuple[Check, ...], why: str) -> GroupTest:
    found = signed_rank(a, b)
    reason = because(why, SIGNED_RANK)
    least = min(2 * 0.5 ** len(a), 1.0)
    estimate = (float(np.median(a - b)), None, None)
    return GroupTest(
        SIGNED_RANK,
        True,
        found.statistic,
        None,
        found.p,
        len(a),
        len(a),
        *estimate,
        checks,
        reason,
        found.method,
        least,
    )


def _ranked_samples(a: FloatArray, b: FloatArray, checks: tuple[Check, ...], why: str) -> GroupTest:
    found = mann_whitney(a, b)
    reason = because(why, MANN_WHITNEY)
    least = min(2 / float(special.comb(len(a) + len(b), len(a))), 1.0)
    estimate = (float(np.median(a) - np.median(b)), None, None)
    return GroupTest(
        MANN_WHITNEY,
        False,
        found.statistic,
        None,
        found.p,
        len(a),
        len(b),
        *estimate,
        checks,
        reason,
        found.method,
        least,
    )
