"""What a comparison of groups supposes: the tests that look at it, and the sentence that says what they found."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.stats.arrays import FloatArray
from analysis.stats.errors import ParameterError
from analysis.stats.normality import shapiro_wilk
from analysis.stats.printing import p_equation
from analysis.stats.spread import levene


@dataclass(frozen=True)
class Check:
    """An assumption that was looked at: "normality of …" or "equal variances", its test and whether it holds."""

    what: str
    test: str
    statistic: float
    p: float
    holds: bool


def normality(values: FloatArray, whose: str, alpha: float) -> Check:
    """Shapiro and Wilk's test; where it cannot be made, normality is not shown and does not hold."""
    try:
        found = shapiro_wilk(values)
    except ParameterError:
        # Values that are all equal, or more than the test is made for: normality is not shown, so it is not supposed.
        return Check(f"normality of {whose}", "Shapiro-Wilk", float("nan"), float("nan"), False)
    return Check(f"normality of {whose}", "Shapiro-Wilk", found.statistic, found.p, bool(found.p >= alpha))


def equal_variances(groups: Sequence[FloatArray], alpha: float) -> Check:
    """Levene's test about the medians, as ``car::leveneTest``."""
    found = levene(groups)
    return Check("equal variances", "Levene", found.f, found.p, bool(found.p >= alpha))


def assumptions(groups: Sequence[FloatArray], names: Sequence[str], alpha: float) -> tuple[Check, ...]:
    """Normality of each group and, where all look normal, equal variances: what Student's t test and F suppose."""
    checks = [normality(group, name, alpha) for group, name in zip(groups, names, strict=True)]
    if all(check.holds for check in checks):
        checks.append(equal_variances(groups, alpha))
    return tuple(checks)


def said(check: Check) -> str:
    """The check in words, as part of a sentence."""
    one = check.what.startswith("normality")
    fails = "does not hold" if one else "do not hold"
    verdict = ("holds" if one else "hold") if check.holds else fails if np.isfinite(check.p) else "cannot be tested"
    p = f" ({check.test} {p_equation(check.p)})" if np.isfinite(check.p) else ""
    return f"{check.what} {verdict}{p}"


def because(why: str, test: str) -> str:
    """The sentence that says how a test was chosen."""
    return f"{why[0].upper()}{why[1:]}, therefore the {test}."
