"""Tail probabilities of t and F that stay exact when they are small, and their inverses; degrees may be infinite."""

import numpy as np
from scipy import special

from analysis.stats.arrays import FloatArray

# Below this a probability is not told apart from 0.
TINY = float(np.finfo(np.float64).tiny)


def two_sided_t(t: FloatArray, df: FloatArray) -> FloatArray:
    """P(|T| > |t|), of the shape that ``t`` and ``df`` give together."""
    t, df = np.broadcast_arrays(np.asarray(t, dtype=np.float64), np.asarray(df, dtype=np.float64))
    finite = np.isfinite(df)
    with np.errstate(invalid="ignore", divide="ignore"):
        inside = special.betainc(np.where(finite, df, 1.0) / 2, 0.5, df / (df + t * t))
    p: FloatArray = np.where(finite, inside, special.erfc(np.abs(t) / np.sqrt(2)))
    return p


def upper_t(t: FloatArray, df: FloatArray) -> FloatArray:
    """P(T > t)."""
    half = two_sided_t(t, df) / 2
    p: FloatArray = np.where(np.asarray(t) > 0, half, 1 - half)
    return p


def t_beyond(p: FloatArray, df: float) -> FloatArray:
    """The t that is exceeded with probability ``p`` of at most one half."""
    p = np.maximum(p, TINY)
    if np.isinf(df):
        normal: FloatArray = -special.ndtri(p)
        return normal
    inside = special.betaincinv(df / 2, 0.5, 2 * p)
    outside = special.betainccinv(0.5, df / 2, 2 * p)
    t: FloatArray = np.sqrt(df * outside / inside)
    return t


def f_tails(x: FloatArray, df1: FloatArray | float, df2: float) -> tuple[FloatArray, FloatArray]:
    """P(F < x) and P(F > x)."""
    if np.isinf(df2):
        half, y = np.asarray(df1) / 2, np.asarray(df1) * x / 2
        return special.gammainc(half, y), special.gammaincc(half, y)
    a, b, whole = np.asarray(df1) / 2, df2 / 2, df1 * x + df2
    return special.betainc(a, b, df1 * x / whole), special.betainc(b, a, df2 / whole)


def f_below(p: FloatArray, df1: float, df2: float) -> FloatArray:
    """The F that stays below itself with probability ``p``."""
    if np.isinf(df2):
        chi: FloatArray = 2 * special.gammaincinv(df1 / 2, p) / df1
        return chi
    share = special.betaincinv(df1 / 2, df2 / 2, p)
    f: FloatArray = df2 * share / (df1 * (1 - share))
    return f


def f_beyond(p: FloatArray, df1: float, df2: float) -> FloatArray:
    """The F that is exceeded with probability ``p``."""
    if np.isinf(df2):
        chi: FloatArray = 2 * special.gammainccinv(df1 / 2, p) / df1
        return chi
    rest = special.betaincinv(df2 / 2, df1 / 2, p)
    f: FloatArray = df2 * (1 - rest) / (df1 * rest)
    return f


def log_f_density(x: FloatArray, df1: float, df2: float) -> FloatArray:
    """Logarithm of the density of F at ``x`` above 0."""
    a = df1 / 2
    if np.isinf(df2):
        chi: FloatArray = a * np.log(a * x) - a * x - special.gammaln(a) - np.log(x)
        return chi
    b = df2 / 2
    log: FloatArray = (
        a * np.log(df1 / df2) + (a - 1) * np.log(x) - (a + b) * np.log1p(df1 * x / df2) - special.betaln(a, b)
    )
    return log


def trigamma_inverse(x: float) -> float:
    """The y whose trigamma is ``x`` above 0: Newton's method on 1 / trigamma, which is nearly straight."""
    if x > 1e7:
        return float(1 / np.sqrt(x))
    if x < 1e-6:
        return 1 / x
    y = 0.5 + 1 / x
    for _ in range(50):
        value = float(special.polygamma(1, y))
        step = value * (1 - value / x) / float(special.polygamma(2, y))
        y += step
        if -step / y < 1e-8:
            break
    return y
