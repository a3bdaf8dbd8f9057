"""Parts of a ROC curve: the area over a range, and the sensitivity at a specificity."""

import numpy as np

from analysis.stats.arrays import FloatArray, one_of
from analysis.stats.errors import ParameterError
from analysis.stats.roc import Roc


def sensitivity_at(curve: Roc, specificity: float) -> float:
    """Sensitivity at a specificity, linear between points; the highest where the curve is upright.

    Matches ``pROC::coords(x=, input="specificity")`` 1.18.0.
    """
    if not 0 <= specificity <= 1:
        raise ParameterError(f"A specificity lies between 0 and 1, not {specificity:g}.")
    exact = np.flatnonzero(curve.specificity == specificity)
    if exact.size:
        return float(curve.sensitivity[exact[0]])
    return float(np.interp(specificity, curve.specificity, curve.sensitivity))


def partial_auc(
    curve: Roc, low: float, high: float = 1.0, *, focus: str = "specificity", correct: bool = False
) -> float:
    """Area of the part of the curve where specificity (or sensitivity) lies between ``low`` and ``high``.

    Parameters
    ----------
    curve : Roc
    low, high : float
        0 <= low < high <= 1.
    focus : {"specificity", "sensitivity"}
        What the range is about.
    correct : bool
        McClish's correction to the scale of a whole area; NaN where the part lies below the diagonal.

    Notes
    -----
    Matches ``pROC::auc(partial.auc=, partial.auc.focus=, partial.auc.correct=)`` 1.18.0. McClish, Med Decis Making
    1989; 9: 190-195.
    """
    one_of(focus, ("specificity", "sensitivity"), "focus")
    if not 0 <= low < high <= 1:
        raise ParameterError("A partial area needs a range within 0 and 1.")
    # Both coordinates are turned to run upwards, as interpolation asks.
    x, y = curve.specificity, curve.sensitivity
    if focus == "sensitivity":
        x, y = curve.sensitivity[::-1], curve.specificity[::-1]
    area = _area_between(x, y, low, high)
    if not correct:
        return area
    least, most = ((1 - low) ** 2 - (1 - high) ** 2) / 2, high - low
    return float("nan") if area < least else (1 + (area - least) / (most - least)) / 2


def _area_between(x: FloatArray, y: FloatArray, low: float, high: float) -> float:
    """Trapezia between the points inside the range and the two cut ends."""
    inside = (x >= low) & (x <= high)
    xs, ys = x[inside], y[inside]
    if not xs.size or xs[0] > low:
        xs, ys = np.concatenate(([low], xs)), np.concatenate(([np.interp(low, x, y)], ys))
    if xs[-1] < high:
        xs, ys = np.concatenate((xs, [high])), np.concatenate((ys, [np.interp(high, x, y)]))
    return float(np.sum(np.diff(xs) * (ys[1:] + ys[:-1]) / 2))
