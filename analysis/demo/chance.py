"""Chance that is the same on every machine: values are laid out by rank, and a seeded generator only deals them."""

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Item = TypeVar("Item")

_NORMAL = NormalDist()


class Chance:
    def __init__(self, seed: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(seed))

    def dealt(self, items: Sequence[Item]) -> list[Item]:
        return [items[place] for place in self._generator.permutation(len(items))]

    def counted(self, counts: Mapping[Item, int]) -> list[Item]:
        """Each item as often as it says, in random order: frequencies are exact."""
        return self.dealt([item for item, count in counts.items() for _ in range(count)])

    def evenly(self, n: int) -> Floats:
        """The middles of n equal parts of (0, 1), in random order."""
        return np.array(self.dealt([(place + 0.5) / n for place in range(n)]))

    def noise(self, n: int) -> Floats:
        """n standard normal scores, in random order."""
        return np.array([_NORMAL.inv_cdf(share) for share in self.evenly(n)])

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return int(self._generator.integers(low, high + 1))


def ladder(rungs: Sequence[float], n: int) -> Floats:
    """n increasing values along a line through equally spaced rungs; the first and the last rung are values."""
    return np.interp(np.linspace(0.0, 1.0, n), np.linspace(0.0, 1.0, len(rungs)), rungs)


def on_grid(values: Floats, step: float, digits: int) -> list[float]:
    """Multiples of a step, halves upwards; the last bit of a value, in which machines differ, decides nothing."""
    return [round(int(count) * step, digits) for count in np.floor(values / step + 0.5 + 1e-9)]


def by_rank(values: Sequence[Item], order: Floats) -> list[Item]:
    """Gives values, sorted upwards, to people so that they are in the same order as `order`."""
    given = list(values)
    places = np.argsort(np.argsort(order, kind="stable"), kind="stable")
    return [given[int(place)] for place in places]
