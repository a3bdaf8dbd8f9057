"""Test of proportional hazards: does a coefficient change with time?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from analysis.stats.arrays import FloatArray, one_of
from analysis.stats.cox import ChiSquare, CoxFit, chi_square
from analysis.stats.errors import CollinearCovariatesError, ParameterError
from analysis.stats.ranks import midranks
from analysis.stats.survival import kaplan_meier

TRANSFORMS = ("km", "rank", "identity", "log")


@dataclass(frozen=True)
class PhRow:
    """The test of one term, or of all together ("GLOBAL")."""

    term: str
    test: ChiSquare


@dataclass(frozen=True, eq=False)
class PhScore:
    """Score (p,) and information (2p, 2p) of the model with x g(t) added for every covariate, at the fit without."""

    score: FloatArray
    information: FloatArray

    def test(self, columns: Sequence[int]) -> ChiSquare:
        """Score test that the coefficients of these columns do not change with time."""
        p = len(self.score)
        kept = [*range(p), *(p + column for column in columns)]
        gradient = np.concatenate((np.zeros(p), self.score[list(columns)]))
        try:
            solved = linalg.cho_solve(linalg.cho_factor(self.information[np.ix_(kept, kept)]), gradient)
        except linalg.LinAlgError as error:
            raise CollinearCovariatesError("Too few events to tell a change with time from an effect.") from error
        return chi_square(gradient @ solved, len(columns))


def ph_test(
    fit: CoxFit, transform: str = "km", *, terms: Sequence[tuple[str, Sequence[int]]] | None = None
) -> list[PhRow]:
    """Test every term of a model, and all together, for hazards that are not proportional.

    Parameters
    ----------
    fit : CoxFit
    transform : {"km", "rank", "identity", "log"}
        The function g(t) along which a coefficient may change: 1 - S(t-), rank of the time, the time, its logarithm.
    terms : sequence of (name, columns), optional
        Columns that are tested together, such as those of a factor; each column by itself by default.

    Returns
    -------
    list of PhRow
        One per term and a last one named "GLOBAL".

    Raises
    ------
    ParameterError
        An unknown transform, or the logarithm of a time of 0.
    CollinearCovariatesError
        Too few events.

    Notes
    -----
    Matches ``survival::cox.zph(fit, transform=, terms=)`` 3.5-3 (the exact score test, not the approximation of
    versions before 3). Grambsch & Therneau, Biometrika 1994; 81: 515-526.
    """
    tested = ph_score(fit, transform)
    groups = [(name, [column]) for column, name in enumerate(fit.names)] if terms is None else terms
    rows = [PhRow(name, tested.test(columns)) for name, columns in groups]
    return [*rows, PhRow("GLOBAL", tested.test(range(len(fit.coef))))]


def ph_score(fit: CoxFit, transform: str) -> PhScore:
    """The pieces of the score test; see ``ph_test``."""
    along = _transformed(fit, one_of(transform, TRANSFORMS, "transform"))
    along = along - along[fit.data.event].mean()
    p = len(fit.coef)
    score = np.zeros(p)
    plain, crossed, squared = np.zeros((3, p, p))
    for sums in fit.data.sums(fit.coef):
        g = along[sums.sets.rows[sums.sets.event_row]]
        score += g @ sums.event_residuals()
        plain += sums.information(np.ones(len(g)))
        crossed += sums.information(g)
        squared += sums.information(g**2)
    return PhScore(score, np.block([[plain, crossed], [crossed, squared]]))


def _transformed(fit: CoxFit, transform: str) -> FloatArray:
    """g(t) of every row."""
    rows = fit.data
    if transform == "identity":
        return rows.time
    if transform == "rank":
        ranks: FloatArray = midranks(rows.time)
        return ranks
    if transform == "log":
        if (rows.time[rows.event] <= 0).any():
            raise ParameterError("The logarithm of time needs event times above zero.")
        logs: FloatArray = np.log(np.maximum(rows.time, rows.time[rows.time > 0].min()))
        return logs
    km = kaplan_meier(rows.time, rows.event, entry=rows.entry)
    before = np.concatenate(([1.0], km.survival))[np.searchsorted(km.time, rows.time, side="left")]
    left: FloatArray = 1 - before
    return left
