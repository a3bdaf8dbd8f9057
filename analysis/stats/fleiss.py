"""Agreement of more than two readers on categories: Fleiss' kappa, overall and category by category."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.stats.arrays import FloatArray, confidence
from analysis.stats.complete_rows import Reads, read_matrix
from analysis.stats.errors import MissingValueError, ParameterError, TooFewGroupsError


@dataclass(frozen=True)
class CategoryKappa:
    """Agreement beyond chance on one category against all others; ``share`` is how much of the reads it has."""

    level: float
    share: float
    value: float
    z: float
    p: float


@dataclass(frozen=True)
class FleissKappa:
    """Agreement beyond chance, 1 at best.

    ``se`` holds whatever the truth (for the interval), ``se_null`` if there is no agreement beyond chance (for ``z``).
    """

    value: float
    se: float
    low: float
    high: float
    se_null: float
    z: float
    p: float
    observed: float
    expected: float
    n_subjects: int
    n_raters: int
    categories: tuple[CategoryKappa, ...]


def fleiss_kappa(ratings: Reads, *, levels: Sequence[float] | None = None, conf_level: float = 0.95) -> FleissKappa:
    """Estimate the agreement of interchangeable readers on categories without an order.

    Parameters
    ----------
    ratings : array_like, shape (n, k)
        One row per subject, one column per reader, complete (see ``complete_rows``).
    levels : sequence of float, optional
        The categories that could have been chosen; by default those that were. One that nobody chose changes nothing.
    conf_level : float
        Coverage of the interval.

    Returns
    -------
    FleissKappa
        ``categories`` has the categories that were chosen, upwards.

    Raises
    ------
    TooFewGroupsError
        Fewer than two subjects or readers, or one and the same category throughout, on which kappa is not defined.
    MissingValueError
        A read that was not made.
    ParameterError
        A read that is none of the levels.

    Notes
    -----
    ``value``, ``z``, ``p`` and the categories are those of ``irr::kappam.fleiss(detail=TRUE)`` 0.84.1 (Fleiss, Psychol
    Bull 1971; 76: 378-382, with the variance under no agreement of Fleiss, Nee & Landis, Psychol Bull 1979; 86:
    974-977). The interval does not suppose that: Gwet, Educ Psychol Meas 2021; 81: 781-790, with t of n - 1.
    """
    table = _checked(ratings)
    level = confidence(conf_level)
    chosen = _chosen(table, levels)
    counts = (table[:, :, None] == np.array(chosen)).sum(axis=1).astype(np.float64)
    n, k = table.shape
    share = counts.sum(axis=0) / (n * k)
    pairs = ((counts**2).sum(axis=1) - k) / (k * (k - 1))
    observed, expected = float(pairs.mean()), float((share**2).sum())
    value = (observed - expected) / (1 - expected)
    spread = float((share * (1 - share)).sum())
    skew = float((share * (1 - share) * (1 - 2 * share)).sum())
    null = float(np.sqrt(2 / (spread**2 * n * k * (k - 1)) * (spread**2 - skew)))
    # What each subject adds to kappa: its own agreement, and its part in the shares that chance is computed from.
    own = (pairs - expected) / (1 - expected) - 2 * (1 - value) * (counts @ share / k - expected) / (1 - expected)
    se = float(np.sqrt(((own - value) ** 2).sum() / (n * (n - 1))))
    half = float(special.stdtrit(n - 1, 0.5 + level / 2)) * se
    z = value / null
    p = float(2 * special.ndtr(-abs(z)))
    limits = (value - half, min(value + half, 1.0))
    categories = _categories(counts, share, chosen, k)
    return FleissKappa(value, se, *limits, null, z, p, observed, expected, n, k, categories)


def _checked(ratings: Reads) -> FloatArray:
    table = read_matrix(ratings)
    if min(table.shape) < 2:
        raise TooFewGroupsError("Agreement needs at least two subjects and two readers.")
    bad = np.argwhere(np.isnan(table))
    if bad.size:
        raise MissingValueError(f"Reader {bad[0, 1]} did not read subject {bad[0, 0]}.")
    return table


def _chosen(table: FloatArray, levels: Sequence[float] | None) -> list[float]:
    chosen = [float(value) for value in np.unique(table)]
    unknown = sorted(set(chosen) - set(levels)) if levels is not None else []
    if unknown:
        raise ParameterError(f"A read is {unknown[0]:g}, which is not a level.")
    if len(chosen) < 2:
        raise TooFewGroupsError("Every reader chose one and the same category throughout: kappa is not defined.")
    return chosen


def _categories(counts: FloatArray, share: FloatArray, chosen: list[float], k: int) -> tuple[CategoryKappa, ...]:
    n = len(counts)
    total = n * k * (k - 1)
    agreed = ((counts**2).sum(axis=0) - n * k * share) / (total * share)
    values = (agreed - share) / (1 - share)
    z = values / np.sqrt(2 / total)
    p = 2 * special.ndtr(-np.abs(z))
    found = zip(chosen, share, values, z, p, strict=True)
    return tuple(CategoryKappa(level, *(float(number) for number in numbers)) for level, *numbers in found)
