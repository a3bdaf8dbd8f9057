"""What a cutoff of a marker does: the four-fold table and its shares with intervals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import finite, indicator, one_of, same_length
from analysis.stats.errors import MissingValueError, TooFewGroupsError
from analysis.stats.proportion import Proportion, proportion


@dataclass(frozen=True)
class OperatingPoint:
    """A cutoff with its four-fold table.

    Positive is marker > threshold where ``direction`` is "<" (cases are higher), marker <= threshold where it is ">":
    in both, "high" means above the threshold. Shares that are not defined (nobody positive) are NaN.
    """

    threshold: float
    direction: str
    tp: int
    fp: int
    tn: int
    fn: int
    sensitivity: float
    specificity: float
    ppv: float
    npv: float
    accuracy: float
    youden: float
    sensitivity_ci: Proportion
    specificity_ci: Proportion
    ppv_ci: Proportion
    npv_ci: Proportion


def operating_point(
    outcome: ArrayLike,
    marker: ArrayLike,
    cutoff: float,
    direction: str,
    *,
    ci_method: str = "wilson",
    conf_level: float = 0.95,
) -> OperatingPoint:
    """Classify by a given cutoff and count.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        1 for cases, 0 for controls.
    marker : array_like, shape (n,)
        Values in the unit of the cutoff.
    cutoff : float
        A value equal to it counts as low.
    direction : {"<", ">"}
        "<": cases are higher, so high is positive; ">": cases are lower, so low is positive.
    ci_method : {"wilson", "exact"}
        Intervals of the four shares.
    conf_level : float
        Their coverage.

    Raises
    ------
    TooFewGroupsError
        No case, or no control.
    StatsInputError
        Missing values, codes other than 0/1, unequal lengths, a cutoff that is not a number.
    """
    one_of(direction, ("<", ">"), "direction")
    truth, values = indicator(outcome, "outcome"), finite(marker, "marker")
    same_length(outcome=truth, marker=values)
    if np.isnan(cutoff):
        raise MissingValueError("The cutoff is missing.")
    high = values > cutoff
    positive = high if direction == "<" else ~high
    tp, fp = int((positive & truth).sum()), int((positive & ~truth).sum())
    cases, controls = int(truth.sum()), int((~truth).sum())
    return four_fold(float(cutoff), direction, (tp, fp, controls - fp, cases - tp), ci_method, conf_level)


def four_fold(
    threshold: float, direction: str, table: tuple[int, int, int, int], method: str, level: float
) -> OperatingPoint:
    """The point with these counts of true and false positives, true and false negatives."""
    tp, fp, tn, fn = table
    if not (tp + fn and tn + fp):
        raise TooFewGroupsError("Sensitivity and specificity need cases and controls.")
    pairs = ((tp, tp + fn), (tn, tn + fp), (tp, tp + fp), (tn, tn + fn))
    sens, spec, ppv, npv = (proportion(count, n, method=method, conf_level=level) for count, n in pairs)
    return OperatingPoint(
        threshold,
        direction,
        *table,
        sens.value,
        spec.value,
        ppv.value,
        npv.value,
        accuracy=(tp + tn) / (tp + fp + tn + fn),
        youden=sens.value + spec.value - 1,
        sensitivity_ci=sens,
        specificity_ci=spec,
        ppv_ci=ppv,
        npv_ci=npv,
    )
