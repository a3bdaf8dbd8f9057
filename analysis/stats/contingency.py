"""Tables of counts: chi-square with and without Yates' correction, McNemar, odds ratio."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import FloatArray
from analysis.stats.errors import ParameterError, TooFewGroupsError


@dataclass(frozen=True, eq=False)
class TableTest:
    """A chi-square statistic of a table, with the counts expected under it."""

    chi2: float
    df: int
    p: float
    expected: FloatArray


def counts(table: ArrayLike) -> FloatArray:
    """A checked table of at least two rows and columns, none of them empty."""
    found = np.asarray(table, dtype=np.float64)
    if found.ndim != 2 or min(found.shape) < 2:
        raise TooFewGroupsError("A table needs at least two rows and two columns.")
    if not np.isfinite(found).all() or (found < 0).any() or (found != np.round(found)).any():
        raise ParameterError("A table holds counts, which are whole and not negative.")
    if not (found.sum(axis=0).all() and found.sum(axis=1).all()):
        raise TooFewGroupsError("A row or column of the table is empty, so it cannot be compared.")
    return found


def chi_square_test(table: ArrayLike, *, yates: bool = True) -> TableTest:
    """Pearson's test that rows and columns are independent.

    Parameters
    ----------
    table : array_like, shape (r, c)
        Counts.
    yates : bool
        Continuity correction, which is made on 2 x 2 tables only.

    Raises
    ------
    TooFewGroupsError
        Fewer than two rows or columns, or an empty one.
    ParameterError
        Something that is not a count.

    Notes
    -----
    Matches ``stats::chisq.test(correct=)`` of R 4.2.
    """
    found = counts(table)
    rows, columns = found.sum(axis=1), found.sum(axis=0)
    expected = np.outer(rows, columns) / found.sum()
    distance = np.abs(found - expected)
    # The correction never goes past the expected count.
    shrink = min(0.5, float(distance.min())) if yates and found.shape == (2, 2) else 0.0
    chi2 = float(((distance - shrink) ** 2 / expected).sum())
    df = (len(rows) - 1) * (len(columns) - 1)
    return TableTest(chi2, df, float(special.chdtrc(df, chi2)), expected)


def mcnemar(table: ArrayLike, *, correct: bool = True) -> TableTest:
    """Test of symmetry of a square table of paired categories, as ``stats::mcnemar.test(correct=)`` of R 4.2.

    The correction is made on 2 x 2 tables only; larger ones are Bowker's test.

    Raises
    ------
    ParameterError
        A table that is not square, or pairs that never differ.
    """
    found = np.asarray(table, dtype=np.float64)
    if found.ndim != 2 or found.shape[0] != found.shape[1] or len(found) < 2:
        raise ParameterError("McNemar's test needs a square table.")
    upper = np.triu_indices(len(found), 1)
    a, b = found[upper], found.T[upper]
    differ = a + b > 0
    if not differ.any():
        raise ParameterError("No pair differs, so there is nothing to test.")
    a, b = a[differ], b[differ]
    shrink = 1.0 if correct and len(found) == 2 and a[0] != b[0] else 0.0
    chi2 = float(((np.abs(a - b) - shrink) ** 2 / (a + b)).sum())
    df = len(found) * (len(found) - 1) // 2
    return TableTest(chi2, df, float(special.chdtrc(df, chi2)), (found + found.T) / 2)


def odds_ratio(table: ArrayLike) -> float:
    """Cross product of a 2 x 2 table; infinite or NaN where a count is 0."""
    found = np.asarray(table, dtype=np.float64)
    if found.shape != (2, 2):
        raise ParameterError("An odds ratio needs a 2 x 2 table.")
    (a, b), (c, d) = found
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.divide(a * d, b * c))
