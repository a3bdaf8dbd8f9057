"""ROC curves of one marker: area with DeLong's interval, best cutoffs, comparison of areas."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import BoolArray, FloatArray, confidence, finite, indicator, one_of, same_length
from analysis.stats.errors import LengthMismatchError, ParameterError, TooFewGroupsError
from analysis.stats.operating_points import OperatingPoint, four_fold, operating_point
from analysis.stats.ranks import midranks

__all__ = [
    "OperatingPoint",
    "Roc",
    "RocComparison",
    "best_points",
    "curve_points",
    "delong_test",
    "operating_point",
    "roc",
    "youden",
]


@dataclass(frozen=True, eq=False)
class Roc:
    """A ROC curve from the corner where everybody is positive to the one where nobody is.

    ``direction`` is "<" where cases have the higher values (positive is marker > threshold) and ">" where they have the
    lower ones. ``case_placements`` is, per case, the share of controls it is correctly ordered against, and
    ``control_placements`` the converse: the components of DeLong's variance.
    """

    auc: float
    low: float
    high: float
    variance: float
    direction: str
    thresholds: FloatArray
    sensitivity: FloatArray
    specificity: FloatArray
    n_cases: int
    n_controls: int
    conf_level: float
    outcome: BoolArray = field(repr=False)
    marker: FloatArray = field(repr=False)
    case_placements: FloatArray = field(repr=False)
    control_placements: FloatArray = field(repr=False)

    @property
    def std_err(self) -> float:
        """Standard error of the area."""
        return float(np.sqrt(self.variance))


@dataclass(frozen=True)
class RocComparison:
    """DeLong's test of two areas; ``df`` is given for unpaired curves, ``covariance`` and limits for paired ones."""

    statistic: float
    p: float
    auc_a: float
    auc_b: float
    df: float | None
    low: float | None
    high: float | None
    covariance: float | None


def roc(outcome: ArrayLike, marker: ArrayLike, *, direction: str = "auto", conf_level: float = 0.95) -> Roc:
    """Estimate the ROC curve of a marker for a binary outcome.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        1 for cases, 0 for controls.
    marker : array_like, shape (n,)
        Values of the marker, in any unit.
    direction : {"auto", "<", ">"}
        "<": cases are higher. "auto" takes "<" unless the median of the controls is above that of the cases, so an area
        may still be below one half.
    conf_level : float
        Coverage of DeLong's interval, cut to [0, 1].

    Returns
    -------
    Roc
        ``thresholds`` are midpoints between neighbouring values with infinite ends.

    Raises
    ------
    TooFewGroupsError
        No case, or no control.
    StatsInputError
        Missing or infinite values, codes other than 0/1, unequal lengths, an unknown direction.

    Notes
    -----
    Matches ``pROC::roc``, ``pROC::var(method="delong")`` and ``pROC::ci.auc`` 1.18.0. With a single case or control
    the variance is not defined (NaN). DeLong et al., Biometrics 1988; 44: 837-845; Sun & Xu, IEEE Signal Process Lett
    2014; 21: 1389-1393 for the placements by mid-ranks.
    """
    one_of(direction, ("auto", "<", ">"), "direction")
    level = confidence(conf_level)
    truth, values = indicator(outcome, "outcome"), finite(marker, "marker")
    same_length(outcome=truth, marker=values)
    cases, controls = values[truth], values[~truth]
    if not (len(cases) and len(controls)):
        raise TooFewGroupsError("A ROC curve needs cases and controls.")
    if direction == "auto":
        direction = ">" if np.median(controls) > np.median(cases) else "<"
    return _curve(truth, values, direction, level)


def _curve(truth: BoolArray, values: FloatArray, direction: str, level: float) -> Roc:
    sign = 1.0 if direction == "<" else -1.0
    thresholds, sensitivity, specificity = _steps(sign * values[truth], sign * values[~truth])
    v10, v01 = _placements(sign * values[truth], sign * values[~truth])
    auc = float(v10.mean())
    variance = _variance(v10) / len(v10) + _variance(v01) / len(v01)
    half = float(special.ndtri(0.5 + level / 2)) * float(np.sqrt(variance))
    low, high = (float(np.clip(limit, 0.0, 1.0)) for limit in (auc - half, auc + half))
    curve = (sign * thresholds, sensitivity, specificity)
    return Roc(auc, low, high, variance, direction, *curve, len(v10), len(v01), level, truth, values, v10, v01)


def _variance(placements: FloatArray) -> float:
    return float(placements.var(ddof=1)) if len(placements) > 1 else float("nan")


def _steps(cases: FloatArray, controls: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Thresholds upwards, with the shares of cases above and of controls below each."""
    values = np.unique(np.concatenate((cases, controls)))
    thresholds = np.concatenate(([-np.inf], values[:-1] + np.diff(values) / 2, [np.inf]))
    # Counting by rank of the value instead of by threshold: a midpoint may round to one of its neighbours.
    below_cases = np.searchsorted(np.sort(cases), values, side="right")
    below_controls = np.searchsorted(np.sort(controls), values, side="right")
    # A quotient of counts has the same bits as in R; one less a quotient may not.
    sensitivity = (len(cases) - np.concatenate(([0], below_cases))) / len(cases)
    specificity = np.concatenate(([0], below_controls)) / len(controls)
    return thresholds, sensitivity, specificity


def _placements(cases: FloatArray, controls: FloatArray) -> tuple[FloatArray, FloatArray]:
    m, n = len(cases), len(controls)
    pooled = midranks(np.concatenate((cases, controls)))
    v10 = (pooled[:m] - midranks(cases)) / n
    v01 = 1 - (pooled[m:] - midranks(controls)) / m
    return v10, v01


def youden(curve: Roc) -> OperatingPoint:
    """The point of the curve with the largest sensitivity + specificity; the most sensitive one where several tie.

    Matches the first row of ``pROC::coords(x="best", best.method="youden")``.
    """
    return best_points(curve)[0]


def best_points(
    curve: Roc, *, criterion: str = "youden", cost: float = 1.0, prevalence: float = 0.5
) -> list[OperatingPoint]:
    """All best points of the curve, from the most sensitive on.

    Parameters
    ----------
    curve : Roc
    criterion : {"youden", "closest.topleft"}
        Largest sensitivity + r specificity, or smallest (1 - sensitivity)^2 + r (1 - specificity)^2.
    cost : float
        Cost of a false negative relative to that of a false positive.
    prevalence : float
        Share of cases in the population; r = (1 - prevalence) / (cost prevalence).

    Notes
    -----
    Matches ``pROC::coords(x="best", best.method=, best.weights=c(cost, prevalence))`` 1.18.0. Perkins & Schisterman,
    Am J Epidemiol 2006; 163: 670-675.
    """
    one_of(criterion, ("youden", "closest.topleft"), "criterion")
    if not (cost > 0 and 0 < prevalence < 1):
        raise ParameterError("The cost must be above 0 and the prevalence between 0 and 1.")
    r = (1 - prevalence) / (cost * prevalence)
    if criterion == "youden":
        merit = curve.sensitivity + r * curve.specificity
    else:
        merit = -((1 - curve.sensitivity) ** 2 + r * (1 - curve.specificity) ** 2)
    # Equal to the last bit, as pROC compares: sums that would tie on paper may differ there.
    best = np.flatnonzero(merit == merit.max())
    return [curve_point(curve, int(i)) for i in best]


def curve_points(curve: Roc) -> list[OperatingPoint]:
    """Every point of the curve with its four-fold table, as ``pROC::coords(x="all", ret=)``."""
    return [curve_point(curve, i) for i in range(len(curve.thresholds))]


def curve_point(curve: Roc, index: int) -> OperatingPoint:
    """The point of the curve at one of its thresholds."""
    tp = round(curve.sensitivity[index] * curve.n_cases)
    tn = round(curve.specificity[index] * curve.n_controls)
    table = (tp, curve.n_controls - tn, tn, curve.n_cases - tp)
    return four_fold(float(curve.thresholds[index]), curve.direction, table, "wilson", curve.conf_level)


def delong_test(a: Roc, b: Roc, *, paired: bool, conf_level: float = 0.95) -> RocComparison:
    """Test whether two areas are equal.

    Parameters
    ----------
    a, b : Roc
        The curves. Paired ones must be of the same patients in the same order.
    paired : bool
        Two markers of the same patients (a z test), or two groups of patients (a t test with Satterthwaite-like
        degrees of freedom).
    conf_level : float
        Coverage of the interval of the difference (paired only).

    Raises
    ------
    LengthMismatchError
        Paired curves of different patients.

    Notes
    -----
    Matches ``pROC::roc.test(method="delong", paired=)`` 1.18.0. Without any variance (two perfect markers) the
    statistic is NaN.
    """
    level = confidence(conf_level)
    return _paired(a, b, level) if paired else _unpaired(a, b)


def _paired(a: Roc, b: Roc, level: float) -> RocComparison:
    if not np.array_equal(a.outcome, b.outcome):
        raise LengthMismatchError("A paired comparison needs both markers in the same patients.")
    covariance = _covariance(a.case_placements, b.case_placements)
    covariance += _covariance(a.control_placements, b.control_placements)
    std_err = float(np.sqrt(max(a.variance + b.variance - 2 * covariance, 0.0)))
    difference = a.auc - b.auc
    z = difference / std_err if std_err > 0 else float("nan")
    half = float(special.ndtri(0.5 + level / 2)) * std_err
    p = float(2 * special.ndtr(-abs(z)))
    return RocComparison(z, p, a.auc, b.auc, None, difference - half, difference + half, covariance)


def _covariance(x: FloatArray, y: FloatArray) -> float:
    if len(x) < 2:
        return float("nan")
    return float(np.dot(x - x.mean(), y - y.mean()) / (len(x) - 1) / len(x))


def _unpaired(a: Roc, b: Roc) -> RocComparison:
    total = a.variance + b.variance
    if not total > 0:
        return RocComparison(float("nan"), float("nan"), a.auc, b.auc, None, None, None, None)
    sizes = [curve.n_cases + curve.n_controls - 1 for curve in (a, b)]
    df = total**2 / (a.variance**2 / sizes[0] + b.variance**2 / sizes[1])
    t = (a.auc - b.auc) / float(np.sqrt(total))
    return RocComparison(t, float(2 * special.stdtr(df, -abs(t))), a.auc, b.auc, float(df), None, None, None)
