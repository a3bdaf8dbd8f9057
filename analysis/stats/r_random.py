"""R's default generator, so that a script in R draws the very resamples a result rests on."""

import numpy as np

from analysis.stats.arrays import FloatArray, IntArray
from analysis.stats.errors import ParameterError

_STATE = 624
# R's constant: 2^-32 a hair upwards, so that the largest number stays below 1.
_UNIT = 2.3283064365386963e-10
_TINIEST = 2.328306437080797e-10
_WARM_UP = 50
# R's sample() takes this many values from one uniform number.
_PART = 65536


class RRandom:
    """Uniform numbers of ``set.seed(seed); runif(n)`` in R >= 3.6 (Mersenne Twister), call after call.

    Parameters
    ----------
    seed : int
        From 0 to 2^31 - 1.

    Raises
    ------
    ParameterError
        A seed that R does not take.

    Notes
    -----
    R scrambles the seed by a linear congruential generator before it fills the state. Matsumoto & Nishimura, ACM Trans
    Model Comput Simul 1998; 8: 3-30.
    """

    def __init__(self, seed: int) -> None:
        if not 0 <= seed < 2**31:
            raise ParameterError(f"A seed is a whole number from 0 to {2**31 - 1}, not {seed}.")
        filled = []
        for i in range(_WARM_UP + 1 + _STATE):
            seed = (69069 * seed + 1) % 2**32
            # The first number after the warm-up becomes R's place in the state, which starts at its end anyway.
            if i > _WARM_UP:
                filled.append(seed)
        self._twister = np.random.MT19937()
        self._twister.state = {
            "bit_generator": "MT19937",
            "state": {"key": np.array(filled, dtype=np.uint32), "pos": _STATE},
        }

    def skip(self, n: int) -> None:
        """Go on as if n numbers had been drawn."""
        self._twister.random_raw(n, output=False)

    def uniform(self, n: int) -> FloatArray:
        """The next n numbers of ``runif``; shape (n,)."""
        drawn = self._twister.random_raw(n).astype(np.float64) * _UNIT
        return np.clip(drawn, 0.5 * _TINIEST, 1 - 0.5 * _TINIEST)

    def permutation(self, n: int) -> IntArray:
        """Positions 0 to n - 1 in the order of ``sample(n) - 1``; shape (n,)."""
        return self.without_replacement(n, n)

    def without_replacement(self, n: int, size: int) -> IntArray:
        """Positions of ``sample(n, size) - 1``; shape (size,). R draws in this way up to an n of 1e7."""
        left = np.arange(n)
        drawn = np.empty(size, dtype=np.int64)
        for place in range(size):
            chosen = int(self._below(n - place, 1)[0])
            drawn[place] = left[chosen]
            left[chosen] = left[n - place - 1]
        return drawn

    def with_replacement(self, n: int) -> IntArray:
        """A resample of n rows, ``sample(n, replace = TRUE) - 1``; shape (n,)."""
        return self._below(n, n)

    def _below(self, limit: int, size: int) -> IntArray:
        """The next numbers of ``R_unif_index(limit)``: as few random bits as hold the limit, drawn again where beyond.

        R takes 16 bits from one uniform number, and a second number from 2^16 on.
        """
        bits = (limit - 1).bit_length()
        parts = bits // 16 + 1
        found = np.zeros(0, dtype=np.int64)
        while len(found) < size:
            drawn = np.floor(self.uniform((size - len(found)) * parts) * _PART).astype(np.int64).reshape(-1, parts)
            value = drawn @ (_PART ** np.arange(parts)[::-1]) & ((1 << bits) - 1)
            found = np.concatenate((found, value[value < limit]))
        return found

    def resamples(self, n: int, times: int) -> IntArray:
        """How often each of n rows is drawn in samples of size n with replacement; shape (times, n).

        Each sample is ``floor(n * runif(n)) + 1`` in R.
        """
        drawn = np.floor(n * self.uniform(n * times)).astype(np.int64)
        drawn += np.repeat(np.arange(times) * n, n)
        return np.bincount(drawn, minlength=n * times).reshape(times, n).astype(np.int64)
