"""Round numbers that cover a range."""

import math

import numpy as np

from analysis.stats.arrays import FloatArray
from analysis.stats.errors import ParameterError

# The defaults of R's pretty(): how far a step of 1, 2 or 5 times a power of ten is preferred to a smaller one.
_BIAS, _BIAS_OF_FIVE = 1.5, 2.75
_SHRINK, _ROUNDING, _TOO_CLOSE = 0.75, 1e-10, 1.4


def pretty(low: float, high: float, intervals: int = 5) -> FloatArray:
    """About ``intervals`` + 1 equally spaced round numbers from at most ``low`` to at least ``high``.

    Raises
    ------
    ParameterError
        Limits that are not finite or not in order, or no interval.

    Notes
    -----
    Matches ``base::pretty(c(low, high), n = intervals)`` of R 4.2.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low <= high and intervals >= 1):
        raise ParameterError(f"No round numbers cover the range from {low:g} to {high:g} in {intervals} steps.")
    least = intervals // 3
    unit = _unit(low, high, intervals, least)
    first, last = math.floor(low / unit + _ROUNDING), math.ceil(high / unit - _ROUNDING)
    while first * unit > low + _ROUNDING * unit:
        first -= 1
    while last * unit < high - _ROUNDING * unit:
        last += 1
    short = max(0, least - (last - first))
    if low == 0 and first == 0 and high != 0:
        last += short
    elif first >= 0:
        first, last = first - (short - short // 2), last + short // 2
    else:
        first, last = first - short // 2, last + (short - short // 2)
    return np.arange(first, last + 1, dtype=np.float64) * unit


def _unit(low: float, high: float, intervals: int, least: int) -> float:
    """The step: 1, 2, 5 or 10 times a power of ten."""
    cell = max(abs(low), abs(high)) or 1.0
    if high - low < cell * _TOO_CLOSE * intervals * np.finfo(float).eps * 3:
        cell = (9 + cell / 10 if cell > 10 else cell) * _SHRINK / max(1, least)
    else:
        cell = (high - low) / intervals
    base: float = 10.0 ** math.floor(math.log10(cell))
    unit = base
    for times, bias in ((2, _BIAS), (5, _BIAS_OF_FIVE), (10, _BIAS)):
        if times * base - cell < bias * (cell - unit):
            unit = times * base
    return unit
