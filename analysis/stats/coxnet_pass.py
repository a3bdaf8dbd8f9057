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
    lower: FloatArray = field(init=False)
    _upper: FloatArray = field(init=False)
    _system: FloatArray = field(init=False)
    _costs: BoolArray = field(init=False)
    _solved: tuple[BoolArray, IntArray, FloatArray] = field(init=False)

    def __post_init__(self) -> None:
        self.lower = np.tril(self.hessian, -1)
        self._upper = np.triu(self.hessian, 1)
        curved = np.diag(self.hessian) + self.l2
        self._system = np.asfortranarray(self.lower + np.diag(curved))
        # Nothing can be said of a column that neither curves nor costs: it stays where it is.
        self._costs = (self.l1 > 0) | (curved <= 0)
        everywhere = np.arange(len(self.l1))
        self._solved = np.ones(len(self.l1), dtype=bool), everywhere, self._system

    def turned(self, b: FloatArray) -> FloatArray:
        """The coefficients after each was minimised once, in order, the others held.

        1. With the signs that coefficients will have known, one pass solves a triangular system.
        2. The signs are those of before until the first coefficient to which they do not apply; it takes its own, and
           the pass is solved again. What came before it stays as it was.
        """
        signs = np.sign(b)
        rest = self.linear - self._upper @ b
        settled = 0
        while True:
            new = self._solve((signs != 0) | ~self._costs, rest - self.l1 * signs)
            pull = rest - self.lower @ new
            wanted = np.where(np.abs(pull) > self.l1, np.sign(pull), 0.0)
            wrong = np.flatnonzero(((wanted != signs) & self._costs)[settled:])
            if not wrong.size:
                return new
            first = settled + int(wrong[0])
            signs[first] = wanted[first]
            settled = first + 1

    def _solve(self, free: BoolArray, right: FloatArray) -> FloatArray:
        """Of the triangular system over the free columns; 0 elsewhere."""
        if not np.array_equal(free, self._solved[0]):
            place = np.flatnonzero(free)
            self._solved = free, place, np.asfortranarray(self._system[np.ix_(place, place)])
        _, place, system = self._solved
        new = np.zeros(len(right))
        if place.size:
            new[place] = blas.dtrsv(system, right[place], lower=1)
        return new
