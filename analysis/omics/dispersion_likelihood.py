"""Dispersions of negative binomial counts, gene by gene, by the adjusted profile likelihood."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.stats.arrays import BoolArray, FloatArray, IntArray

# DESeq2: no dispersion is smaller; steps of the climb, their number, and the gain at which it ends.
LEAST = 1e-8
MOST_STEPS, GAIN, ARMIJO = 100, 1e-6, 1e-4
LOWEST, HIGHEST = -30.0, 10.0
GRID = 20


@dataclass(frozen=True)
class Profile:
    """Log posterior of log dispersions.

    ``counts`` and ``mu`` have the shape (genes, samples), ``design`` (samples, coefficients), ``centre`` of the normal
    prior (genes,); without a prior there is none.
    """

    counts: FloatArray
    mu: FloatArray
    design: FloatArray
    centre: FloatArray | None = None
    variance: float = 1.0

    def of(self, genes: BoolArray | IntArray) -> "Profile":
        centre = None if self.centre is None else self.centre[genes]
        return Profile(self.counts[genes], self.mu[genes], self.design, centre, self.variance)

    def value(self, log_alpha: FloatArray) -> FloatArray:
        """The log posterior, without what depends on the counts alone; shape (genes,)."""
        alpha = np.exp(log_alpha)[:, None]
        size = 1 / alpha
        each = (
            special.gammaln(self.counts + size)
            - special.gammaln(size)
            - self.counts * np.log(self.mu + size)
            - size * np.log1p(self.mu * alpha)
        )
        _, determinant = np.linalg.slogdet(self._information(1 / (1 / self.mu + alpha)))
        value: FloatArray = each.sum(axis=1) - determinant / 2
        if self.centre is not None:
            value -= (log_alpha - self.centre) ** 2 / (2 * self.variance)
        return value

    def slope(self, log_alpha: FloatArray) -> FloatArray:
        """Its derivative by the log dispersion."""
        alpha = np.exp(log_alpha)[:, None]
        size = 1 / alpha
        spread = self.mu * alpha
        each = (
            special.digamma(size)
            + np.log1p(spread)
            - spread / (1 + spread)
            - special.digamma(self.counts + size)
            + self.counts / (self.mu + size)
        )
        weight = 1 / (1 / self.mu + alpha)
        information, change = self._information(weight), self._information(-(weight**2))
        trace = np.trace(np.linalg.solve(information, change), axis1=1, axis2=2)
        slope: FloatArray = (each.sum(axis=1) * size[:, 0] ** 2 - trace / 2) * alpha[:, 0]
        if self.centre is not None:
            slope -= (log_alpha - self.centre) / self.variance
        return slope

    def _information(self, weights: FloatArray) -> FloatArray:
        """X'WX of each gene."""
        p = self.design.shape[1]
        products = (self.design[:, :, None] * self.design[:, None, :]).reshape(len(self.design), p * p)
        information: FloatArray = (weights @ products).reshape(-1, p, p)
        return information


@dataclass(frozen=True)
class Climb:
    """Log dispersions reached, the number of steps, and the log posterior at either end; shape (genes,)."""

    log_alpha: FloatArray
    steps: IntArray
    first: FloatArray
    last: FloatArray


def climb(profile: Profile, start: FloatArray) -> Climb:
    """Gradient ascent with Armijo's rule, all genes at a time.

    The steps are those of DESeq2, so that it ends where DESeq2 does: a step is halved until it gains enough, grows by a
    tenth when it did, and is halved at every fifth success. A gene is done when a step gains less than 1e-6.
    """
    a = start.copy()
    value, slope = profile.value(a), profile.slope(a)
    first, kappa = value.copy(), np.ones(len(a))
    steps, taken = np.zeros(len(a), dtype=np.int64), np.zeros(len(a), dtype=np.int64)
    active = np.arange(len(a))
    for _ in range(MOST_STEPS):
        if not active.size:
            break
        steps[active] += 1
        ahead = a[active] + kappa[active] * slope[active]
        bounded = np.clip(ahead, LOWEST, HIGHEST)
        out = bounded != ahead
        kappa[active[out]] = (bounded - a[active])[out] / slope[active[out]]
        ahead = a[active] + kappa[active] * slope[active]
        reached = profile.of(active).value(ahead)
        enough = reached >= value[active] + kappa[active] * ARMIJO * slope[active] ** 2
        kappa[active[~enough]] /= 2
        moved = active[enough]
        gain = reached[enough] - value[moved]
        a[moved] = ahead[enough]
        taken[moved] += 1
        vanishing = (gain >= GAIN) & (a[moved] < np.log(LEAST / 10))
        value[moved[~vanishing]] = reached[enough][~vanishing]
        going = moved[(gain >= GAIN) & ~vanishing]
        slope[going] = profile.of(going).slope(a[going])
        kappa[going] = np.minimum(kappa[going] * 1.1, 1.0)
        kappa[going[taken[going] % 5 == 0]] /= 2
        active = np.sort(np.concatenate([active[~enough], going]))
    return Climb(a, steps, first, value)


def on_grid(profile: Profile, samples: int) -> FloatArray:
    """The best log dispersions of a grid, and of a finer one around that; shape (genes,)."""
    coarse = np.linspace(np.log(LEAST), np.log(max(10, samples)), GRID)
    step = coarse[1] - coarse[0]
    best = _best(profile, np.broadcast_to(coarse, (len(profile.counts), GRID)))
    return _best(profile, best[:, None] + np.linspace(-step, step, GRID))


def _best(profile: Profile, grid: FloatArray) -> FloatArray:
    values = np.column_stack([profile.value(column) for column in grid.T])
    found: FloatArray = grid[np.arange(len(grid)), values.argmax(axis=1)]
    return found
