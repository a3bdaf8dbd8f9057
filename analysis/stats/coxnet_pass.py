"""Cyclical coordinate descent on a quadratic with absolute values added, a whole pass at a time."""

from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import blas

from analysis.stats.arrays import BoolArray, FloatArray, IntArray


@dataclass(eq=False)
class Quadratic:
    """b' H b / 2 - linear' b + sum l1 |b| + sum l2 b^2 / 2 of a columns, in the order in which a pass visits them."""

    hessian: FloatArray
    linear: FloatArray
    l1: FloatArray
    l2: FloatArray
    curvature: FloatArray = field(init=False)
    _system: FloatArray = field(init=False)
    _costs: BoolArray = field(init=False)
    _reduced: tuple[BoolArray, IntArray, FloatArray] = field(init=False)

    def __post_init__(self) -> None:
        self.curvature = self.hessian.diagonal().copy()
        # It is symmetric, and turned over it lies in memory as Fortran has it.
        self._system = self.hessian.T
        if self.l2.any():
            self._system = self._system + np.diag(self.l2)
        # Nothing can be said of a column that neither curves nor costs: it stays where it is.
        self._costs = (self.l1 > 0) | (self.curvature + self.l2 <= 0)
        self._reduced = np.ones(len(self.l1), dtype=bool), np.arange(len(self.l1)), self._system

    def earlier(self, b: FloatArray) -> FloatArray:
        """What the columns visited before each add to its slope."""
        result: FloatArray = blas.dtrmv(self._system, b, lower=1) - (self.curvature + self.l2) * b
        return result

    def later(self, b: FloatArray) -> FloatArray:
        """What the columns visited after each add to its slope."""
        result: FloatArray = blas.dtrmv(self._system, b, lower=0) - (self.curvature + self.l2) * b
        return result

    def turned(self, b: FloatArray) -> FloatArray:
        """The coefficients after each was minimised once, in order, the others held.

        1. With the signs that coefficients will have known, one pass solves a triangular system.
        2. The signs are those of before until the first coefficient to which they do not apply; it takes its own, and
           the pass is solved again. What came before it stays as it was.
        """
        signs = np.sign(b)
        rest = self.linear - self.later(b)
        settled = 0
        while True:
            new = self._solve((signs != 0) | ~self._costs, rest - self.l1 * signs)
            pull = rest - self.earlier(new)
            wanted = np.where(np.abs(pull) > self.l1, np.sign(pull), 0.0)
            wrong = np.flatnonzero(((wanted != signs) & self._costs)[settled:])
            if not wrong.size:
                return new
            first = settled + int(wrong[0])
            signs[first] = wanted[first]
            settled = first + 1

    def _solve(self, free: BoolArray, right: FloatArray) -> FloatArray:
        """Of the triangular system over the free columns; 0 elsewhere."""
        if not np.array_equal(free, self._reduced[0]):
            place = np.flatnonzero(free)
            self._reduced = free, place, self._system.T[np.ix_(place, place)].T
        _, place, system = self._reduced
        new = np.zeros(len(right))
        if place.size:
            new[place] = blas.dtrsv(system, right[place], lower=1)
        return new
