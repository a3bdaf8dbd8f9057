"""Looking at a trial several times: how much of alpha each look may spend, and the boundaries that spend it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy  # which takes a fifth of a second to import scipy.optimize, and does so when it is first used
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import FloatArray, finite, one_of, same_length
from analysis.stats.errors import ParameterError

OBRIEN_FLEMING, POCOCK = "obrien-fleming", "pocock"
SPENDING = (OBRIEN_FLEMING, POCOCK)
# Looks nearer than this share of the information would need a finer grid than is kept.
_NEAREST = 1e-3
# The tail beyond it is the last that a double holds.
_FURTHEST = 37.5
# Nodes per standard deviation of what is added between two looks; doubling them changes no bound by 1e-9.
_NODES = 16
_LEAST_NODES = 64


@dataclass(frozen=True, eq=False)
class GroupSequential:
    """Two-sided boundaries of a group-sequential design, one per look; stop where ``|z| >= bound``.

    ``spent`` is the two-sided alpha spent up to and with each look, ``increments`` what the look itself spends, and
    ``nominal_p`` the two-sided p that reaches the bound. A look that spends less than a double can hold has an infinite
    bound.
    """

    fractions: FloatArray
    bounds: FloatArray
    nominal_p: FloatArray
    spent: FloatArray
    increments: FloatArray
    alpha: float
    spending: str


def alpha_spent(fractions: ArrayLike, *, alpha: float = 0.05, spending: str = OBRIEN_FLEMING) -> FloatArray:
    """Two-sided alpha that may be spent up to shares of the information.

    Parameters
    ----------
    fractions : array_like, shape (k,)
        Information so far as a share of all that is planned, above 0 and at most 1, rising: for survival the share of
        the planned events.
    alpha : float
        Two-sided error of the whole trial, between 0 and 1; each side spends half of it.
    spending : {"obrien-fleming", "pocock"}
        Lan and DeMets' functions: of the type of O'Brien and Fleming, 4 (1 - Phi(z / sqrt(t))) with the quantile z of
        1 - alpha / 4; or of Pocock, alpha log(1 + (e - 1) t).

    Returns
    -------
    ndarray, shape (k,)
        Rising, and alpha itself at 1.

    Raises
    ------
    ParameterError
        Fractions outside (0, 1] or not rising, looks too near one another, an alpha or a function that is none.
    StatsInputError
        Missing or infinite fractions, or none.

    Notes
    -----
    Matches ``ldbounds::ldBounds(iuse = 1 | 3)`` and ``gsDesign::sfLDOF | sfLDPocock`` per side at alpha / 2. Lan &
    DeMets, Biometrika 1983; 70: 659-663.
    """
    one_of(spending, SPENDING, "spending")
    if not 0 < alpha < 1:
        raise ParameterError(f"alpha must lie between 0 and 1, not at {alpha:g}.")
    return _spent(_looks(fractions), alpha, spending)


def boundaries(fractions: ArrayLike, *, alpha: float = 0.05, spending: str = OBRIEN_FLEMING) -> GroupSequential:
    """Two-sided symmetric boundaries of the standardised statistic at looks after shares of the information.

    Parameters and errors are those of ``alpha_spent``.

    Returns
    -------
    GroupSequential
        The chance to stop at look k and not before is what the function lets that look spend, if there is no effect.

    Notes
    -----
    Matches ``ldbounds::ldBounds(sides = 2)`` and ``gsDesign::gsDesign(test.type = 2)``. The density of the score among
    trials that go on is carried from look to look by numerical integration (Armitage, McPherson & Rowe, J R Stat Soc A
    1969; 132: 235-244; Jennison & Turnbull, Group Sequential Methods, 2000, chapter 19), by Gauss and Legendre's rule.
    Looks may fall at other shares than planned as long as the outcome did not decide when.
    """
    spent = alpha_spent(fractions, alpha=alpha, spending=spending)
    looks = _looks(fractions)
    increments = np.diff(spent, prepend=0.0)
    path = _Path(looks)
    bounds = np.array([path.go_on(path.bound_that_spends(increment)) for increment in increments])
    return GroupSequential(looks, bounds, 2 * special.ndtr(-bounds), spent, increments, alpha, spending)


def crossing_probabilities(fractions: ArrayLike, bounds: ArrayLike) -> FloatArray:
    """Chance to reach a two-sided bound at each look and not before, if there is no effect.

    Parameters
    ----------
    fractions : array_like, shape (k,)
        As for ``alpha_spent``.
    bounds : array_like, shape (k,)
        Of the absolute standardised statistic, above 0.

    Returns
    -------
    ndarray, shape (k,)
        Their sum is the two-sided error of the design; with 1.96 at each of five equal looks it is 0.142.

    Raises
    ------
    ParameterError
        Bad fractions, or a bound not above 0.
    StatsInputError
        Missing or infinite values, or unequal lengths.
    """
    looks, limits = _looks(fractions), finite(bounds, "bounds")
    same_length(fractions=looks, bounds=limits)
    if not (limits > 0).all():
        raise ParameterError("Every bound must be above 0.")
    path = _Path(looks)
    crossed = []
    for limit in limits:
        crossed.append(path.crossing(float(limit)))
        path.go_on(float(limit))
    return np.array(crossed)


def _looks(fractions: ArrayLike) -> FloatArray:
    looks = finite(fractions, "fractions")
    if not (looks[0] > 0 and looks[-1] <= 1 and (np.diff(looks) > 0).all()):
        raise ParameterError("The shares of the information must rise, from above 0 to at most 1.")
    if (np.diff(looks) < _NEAREST * (1 - 1e-9)).any():
        raise ParameterError(f"Two looks must be at least {_NEAREST:g} of the information apart.")
    return looks


def _spent(looks: FloatArray, alpha: float, spending: str) -> FloatArray:
    if spending == POCOCK:
        spent: FloatArray = alpha * np.log1p((np.e - 1) * looks)
    else:
        spent = 4 * special.ndtr(special.ndtri(alpha / 4) / np.sqrt(looks))
    return spent


class _Path:
    """The score of trials that have gone on so far: its density at the nodes of a rule between the last bounds.

    The score is a Brownian motion in the share of the information: z times the root of the share.
    """

    def __init__(self, looks: FloatArray) -> None:
        self._looks = looks
        self._steps = np.sqrt(np.diff(looks, prepend=0.0))
        self._look = 0
        # Before the first look every score is 0.
        self._scores, self._mass = np.zeros(1), np.ones(1)

    def crossing(self, bound: float) -> float:
        """Chance to go on until the next look and to reach the bound there, on either side."""
        beyond = (self._scores - bound * np.sqrt(self._looks[self._look])) / self._steps[self._look]
        return float(2 * (self._mass @ special.ndtr(beyond)))

    def bound_that_spends(self, alpha: float) -> float:
        if self.crossing(_FURTHEST) >= alpha:
            return float("inf")
        return float(_root(lambda bound: self.crossing(bound) - alpha))

    def go_on(self, bound: float) -> float:
        """To the next look, among the trials that stay within the bound; returns the bound."""
        step, root = self._steps[self._look], np.sqrt(self._looks[self._look])
        edge = min(bound, _FURTHEST) * root
        finest = min(self._steps[self._look : self._look + 2])
        nodes, weights = special.roots_legendre(max(_LEAST_NODES, int(np.ceil(_NODES * edge / finest))))
        scores = edge * nodes
        arrived = np.exp(-0.5 * ((scores[:, None] - self._scores) / step) ** 2) / (step * np.sqrt(2 * np.pi))
        self._scores, self._mass = scores, edge * weights * (arrived @ self._mass)
        self._look += 1
        return bound


def _root(falling: Callable[[float], float]) -> float:
    return float(scipy.optimize.brentq(falling, 0.0, _FURTHEST, xtol=1e-12, rtol=1e-14))
