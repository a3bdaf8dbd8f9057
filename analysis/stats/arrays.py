"""Checked arrays: every public function takes its input through here, so a NaN never becomes a number."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.stats.errors import (
    EmptyInputError,
    EntryAfterExitError,
    EventCodeError,
    LengthMismatchError,
    MagnitudeError,
    MissingValueError,
    NegativeTimeError,
    ParameterError,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# A column's largest value must lie between these: products of four of them are still numbers.
SMALLEST, LARGEST = 1e-75, 1e75

# survival::aeqSurv: times closer than this share of the mean time are one time.
TIE_TOLERANCE = float(np.sqrt(np.finfo(np.float64).eps))


def finite(values: ArrayLike, name: str) -> FloatArray:
    """A one-dimensional float array without missing or infinite values."""
    array = _floats(values, name)
    if array.ndim != 1:
        raise LengthMismatchError(f"{name} must be a single column of numbers.")
    if array.size == 0:
        raise EmptyInputError(f"{name} holds no values.")
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        raise MissingValueError(f"{name} is missing or infinite at position {bad[0]}.")
    of_usable_size(array, name)
    return array


def of_usable_size(array: FloatArray, name: str) -> None:
    """Refuse values whose squares would run over, or would all be 0 though the values are not."""
    largest = float(np.abs(array).max(initial=0.0))
    if largest > LARGEST or 0 < largest < SMALLEST:
        raise MagnitudeError(f"{name} reaches {largest:g}, whose square cannot be computed with: take another unit.")


def _floats(values: ArrayLike, name: str) -> FloatArray:
    try:
        return np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MissingValueError(f"{name} holds something that is not a number.") from error


def indicator(values: ArrayLike, name: str) -> BoolArray:
    """A true/false array from 0 and 1 (or false and true)."""
    array = finite(values, name)
    bad = np.flatnonzero((array != 0) & (array != 1))
    if bad.size:
        raise EventCodeError(f"{name} must be 0 or 1, but position {bad[0]} holds {array[bad[0]]:g}.")
    result: BoolArray = array == 1
    return result


def same_length(**arrays: NDArray[Any]) -> None:
    """Refuse arrays that do not describe the same rows."""
    sizes = {name: len(array) for name, array in arrays.items()}
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise LengthMismatchError(f"The columns differ in length: {told}.")


def labels(values: ArrayLike, name: str) -> tuple[NDArray[Any], IntArray]:
    """Sorted distinct labels and, per row, the position of its label."""
    array = np.asarray(values)
    if array.dtype == object:
        array = _plain_labels(array, name)
    if array.dtype.kind == "f":
        finite(array, name)
    distinct, codes = np.unique(array, return_inverse=True)
    return distinct, codes.astype(np.int64)


def spelled(distinct: NDArray[Any]) -> tuple[str, ...]:
    """Labels as text, whole numbers without a decimal point."""
    return tuple(f"{value:g}" if isinstance(value, float) else str(value) for value in distinct.tolist())


def _plain_labels(array: NDArray[Any], name: str) -> NDArray[Any]:
    bad = [i for i, value in enumerate(array) if value is None or value != value]
    if bad:
        raise MissingValueError(f"{name} is missing at position {bad[0]}.")
    return np.array([str(value) for value in array])


def confidence(conf_level: float) -> float:
    """The level of an interval, checked to lie strictly between 0 and 1."""
    if not 0 < conf_level < 1:
        raise ParameterError(f"The confidence level must lie between 0 and 1, not {conf_level:g}.")
    return float(conf_level)


def one_of(value: str, allowed: tuple[str, ...], name: str) -> str:
    """An option, checked against the values that the method knows."""
    if value not in allowed:
        raise ParameterError(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def tie_close_times(*columns: FloatArray) -> list[FloatArray]:
    """Give times that differ only by rounding the same value, as ``survival::aeqSurv`` does.

    The tolerance is relative to the mean time, so that a change of unit changes nothing.
    """
    values = np.unique(np.concatenate(columns))
    near = np.diff(values) <= TIE_TOLERANCE * np.mean(np.abs(values))
    if not near.any():
        return list(columns)
    cuts = values[np.concatenate(([True], ~near))]
    return [cuts[np.searchsorted(cuts, column, side="right") - 1] for column in columns]


def follow_up(
    time: ArrayLike, event: ArrayLike, entry: ArrayLike | None = None
) -> tuple[FloatArray, BoolArray, FloatArray | None]:
    """Check follow-up times, event indicators and (optionally) delayed-entry times.

    Parameters
    ----------
    time, event, entry : array_like, shape (n,)
        End of follow-up, whether it ended with the event, and start of observation, in one time unit.

    Returns
    -------
    tuple
        ``time``, ``event`` and ``entry`` as arrays; times equal but for rounding are made equal.

    Raises
    ------
    StatsInputError
        A missing, infinite or negative time, another code than 0/1, unequal lengths, or an entry not before its exit.
    """
    times, events = finite(time, "time"), indicator(event, "event")
    same_length(time=times, event=events)
    _not_negative(times, "time")
    if entry is None:
        return tie_close_times(times)[0], events, None
    starts = finite(entry, "entry")
    same_length(time=times, entry=starts)
    _not_negative(starts, "entry")
    times, starts = tie_close_times(times, starts)
    late = np.flatnonzero(starts >= times)
    if late.size:
        raise EntryAfterExitError(f"Entry is not before exit at position {late[0]}.")
    return times, events, starts


def _not_negative(array: FloatArray, name: str) -> None:
    bad = np.flatnonzero(array < 0)
    if bad.size:
        raise NegativeTimeError(f"{name} is below zero at position {bad[0]}.")
