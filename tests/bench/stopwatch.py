"""Time and memory of one piece of work."""

import time
import tracemalloc
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped,unused-ignore]

LEAST_SECONDS = 0.05


@dataclass(frozen=True, eq=False)
class Measured:
    """CPU seconds of the quickest round, and the numbers that came out of it.

    CPU seconds on one core and not those of a clock: the ratio of two programs then stands also on a busy machine.
    """

    seconds: float
    numbers: NDArray[np.float64]

    def apart(self, other: "Measured") -> float:
        """Largest difference of the numbers, relative where they are above 1."""
        ours, theirs = self.numbers, other.numbers
        known = np.isfinite(ours) & np.isfinite(theirs)
        return float((np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1))[known].max())


def measured(work: Callable[[], NDArray[np.float64]], rounds: int) -> Measured:
    """The quickest of some rounds; a short piece of work is repeated within a round."""
    best = float("inf")
    with warnings.catch_warnings(), threadpool_limits(1):
        # Another package's warnings about its own insides say nothing here.
        warnings.simplefilter("ignore")
        for _ in range(rounds):
            calls, spent = 0, 0.0
            while spent < LEAST_SECONDS:
                began = time.process_time()
                numbers = work()
                spent += time.process_time() - began
                calls += 1
            best = min(best, spent / calls)
    return Measured(best, numbers)


def peak_bytes(work: Callable[[], object]) -> int:
    """Most memory held at once beyond what was held before."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak - before
