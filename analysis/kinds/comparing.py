"""One value compared between groups: the test by rule or as asked for, its estimate, what it supposes, and why."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from analysis.kinds.grouping import too_few
from analysis.stats.arrays import FloatArray
from analysis.stats.assumptions import Check, assumptions, normality, said
from analysis.stats.errors import StatsInputError
from analysis.stats.group_test import (
    MANN_WHITNEY,
    PAIRED_T,
    SIGNED_RANK,
    STUDENT,
    GroupTest,
    compare_pairs,
    compare_samples,
)
from analysis.stats.location_shift import shift_of_pairs, shift_of_samples
from analysis.stats.many_group_test import ManyTest, by_variance, compare_many, ranked
from analysis.stats.many_groups import welch_anova
from analysis.stats.rank_tests import mann_whitney, signed_rank
from analysis.stats.t_tests import TTest, paired_t_test, t_test

AUTO = "auto"
WELCH, WELCH_ANOVA = "Welch's t test", "Welch's analysis of variance"
TWO = {"student": STUDENT, "welch": WELCH, "mann-whitney": MANN_WHITNEY}
PAIRED = {"paired-t": PAIRED_T, "wilcoxon": SIGNED_RANK}
MANY = ("anova", "welch-anova", "kruskal")
TESTS = (AUTO, *TWO, *PAIRED, *MANY)
ALPHA = 0.05
# Beyond so many differences of two groups their median is not worth its memory.
MOST_DIFFERENCES = 4_000_000
NO_TEST: dict[str, Any] = {
    "test": None,
    "statistic": None,
    "df": None,
    "df2": None,
    "p": None,
    "q": None,
    "why": "",
    "difference": None,
    "low": None,
    "high": None,
    "estimate": "",
    "method": None,
    "least_p": None,
    "checks": [],
    "pairs": [],
    "pairs_by": "",
    "warnings": [],
    "refused": None,
}


def unfit(test: str, n_groups: int, *, is_paired: bool) -> str | None:
    """Why this test does not compare so many groups."""
    if is_paired and test not in (AUTO, *PAIRED):
        return f"{test} compares different patients, not pairs; pairs are compared by {' or '.join(PAIRED)}."
    if not is_paired and test in PAIRED:
        return f"{test} compares pairs, and no column is named that tells them."
    if n_groups != 2 and (is_paired or test in TWO):
        return f"{'a paired comparison' if is_paired else test} takes two groups, and here are {n_groups}."
    return None


def compared(samples: dict[str, FloatArray], test: str) -> dict[str, Any]:
    """Groups of different patients."""
    refused = unfit(test, len(samples), is_paired=False)
    refused = f"No test: {refused}" if refused else too_few({name: len(group) for name, group in samples.items()})
    if refused:
        return NO_TEST | {"refused": refused}
    try:
        if len(samples) == 2 and test not in MANY:
            return NO_TEST | _two(samples, test)
        return NO_TEST | _many(samples, test)
    except StatsInputError as error:
        return NO_TEST | {"refused": f"No test: {error}"}


def compared_pairs(samples: dict[str, FloatArray], test: str) -> dict[str, Any]:
    """Two measurements of the same patients, in the same order."""
    refused = unfit(test, len(samples), is_paired=True)
    refused = f"No test: {refused}" if refused else too_few({name: len(g) for name, g in samples.items()}, "pairs")
    if refused:
        return NO_TEST | {"refused": refused}
    try:
        return NO_TEST | _pairs(samples, test)
    except StatsInputError as error:
        return NO_TEST | {"refused": f"No test: {error}"}


def _two(samples: dict[str, FloatArray], test: str) -> dict[str, Any]:
    (first, x), (second, y) = samples.items()
    if test == AUTO:
        chosen = compare_samples(x, y, names=(first, second))
        if chosen.test == MANN_WHITNEY:
            return _by_rule(chosen) | _shift(samples)
        return _by_rule(chosen) | {"estimate": _difference_of_means(first, second)}
    checks = assumptions((x, y), (first, second), ALPHA)
    asked = _asked(TWO[test], checks, supposes=_SUPPOSES[test])
    if test == "mann-whitney":
        ranks = mann_whitney(x, y)
        return asked | {"statistic": ranks.statistic, "p": ranks.p, "method": ranks.method} | _shift(samples)
    found = t_test(x, y, equal_var=test == "student")
    return asked | _t(found) | {"estimate": _difference_of_means(first, second)}


def _pairs(samples: dict[str, FloatArray], test: str) -> dict[str, Any]:
    (first, x), (second, y) = samples.items()
    means, middle = f"mean difference of the pairs, {first} less {second}", f"pseudomedian, {first} less {second}"
    if test == AUTO:
        chosen = compare_pairs(x, y)
        if chosen.test == PAIRED_T:
            return _by_rule(chosen) | {"estimate": means}
        return _by_rule(chosen) | _limits(shift_of_pairs(x, y), middle)
    asked = _asked(PAIRED[test], (normality(x - y, "the differences", ALPHA),), supposes=_SUPPOSES[test])
    if test == "paired-t":
        return asked | _t(paired_t_test(x, y)) | {"estimate": means}
    ranks = signed_rank(x, y)
    found = {"statistic": ranks.statistic, "p": ranks.p, "method": ranks.method}
    return asked | found | _limits(shift_of_pairs(x, y), middle)


def _many(samples: dict[str, FloatArray], test: str) -> dict[str, Any]:
    names, groups = list(samples), list(samples.values())
    if test == AUTO:
        return _of_many(compare_many(groups, names=names), names)
    checks = assumptions(groups, names, ALPHA)
    why = "It was asked for."
    if test == "anova":
        found = by_variance(groups, checks, why)
        return _of_many(found, names) | {"warnings": _fails(found.test, checks, _SUPPOSES[test])}
    if test == "kruskal":
        return _of_many(ranked(groups, checks, why), names)
    welch = welch_anova(groups)
    numbers = {"statistic": welch.f, "df": welch.df1, "df2": welch.df2, "p": welch.p}
    return _asked(WELCH_ANOVA, checks, supposes=_SUPPOSES[test]) | numbers


# What each test that may be asked for supposes, by the first word of the check.
_SUPPOSES: dict[str, tuple[str, ...]] = {
    "student": ("normality", "equal"),
    "welch": ("normality",),
    "mann-whitney": (),
    "paired-t": ("normality",),
    "wilcoxon": (),
    "anova": ("normality", "equal"),
    "welch-anova": ("normality",),
}


def _asked(name: str, checks: Sequence[Check], *, supposes: tuple[str, ...]) -> dict[str, Any]:
    return {
        "test": name,
        "why": "It was asked for.",
        "checks": [asdict(check) for check in checks],
        "warnings": _fails(name, checks, supposes),
    }


def _fails(name: str, checks: Sequence[Check], supposes: tuple[str, ...]) -> list[str]:
    failing = [check for check in checks if not check.holds and check.what.split()[0] in supposes]
    return [f"The {name} was asked for, yet {said(check)}." for check in failing]


def _by_rule(found: GroupTest) -> dict[str, Any]:
    kept = ("test", "statistic", "df", "p", "difference", "low", "high", "why", "method", "least_p")
    return {name: getattr(found, name) for name in kept} | {"checks": [asdict(check) for check in found.checks]}


def _of_many(found: ManyTest, names: list[str]) -> dict[str, Any]:
    kept = ("test", "statistic", "df", "df2", "p", "why", "pairs_by")
    pairs = [asdict(pair) | {"a": names[pair.a], "b": names[pair.b]} for pair in found.pairs]
    checks = [asdict(check) for check in found.checks]
    return {name: getattr(found, name) for name in kept} | {"checks": checks, "pairs": pairs}


def _t(found: TTest) -> dict[str, Any]:
    return {name: getattr(found, name) for name in ("statistic", "df", "p", "difference", "low", "high")}


def _difference_of_means(first: str, second: str) -> str:
    return f"difference of means, {first} less {second}"


def _shift(samples: dict[str, FloatArray]) -> dict[str, Any]:
    (first, x), (second, y) = samples.items()
    if len(x) * len(y) > MOST_DIFFERENCES:
        difference = float(np.median(x) - np.median(y))
        wording = f"difference of medians, {first} less {second}"
        return {"difference": difference, "low": None, "high": None, "estimate": wording}
    return _limits(shift_of_samples(x, y), f"median of all differences, {first} less {second}")


def _limits(shift: Any, wording: str) -> dict[str, Any]:
    return {"difference": shift.value, "low": shift.low, "high": shift.high, "estimate": wording}


def described(values: FloatArray) -> dict[str, Any]:
    """A sample in the numbers that tables print; quartiles as R's quantile() has them."""
    if not len(values):
        return {"n": 0} | dict.fromkeys(("mean", "sd", "median", "q1", "q3", "min", "max"))
    q1, middle, q3 = (float(value) for value in np.quantile(values, (0.25, 0.5, 0.75)))
    return {
        "n": len(values),
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)) if len(values) > 1 else None,
        "median": middle,
        "q1": q1,
        "q3": q3,
        "min": float(values.min()),
        "max": float(values.max()),
    }
