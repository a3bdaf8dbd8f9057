"""Newton's method for many likelihoods of one coefficient each."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from analysis.stats.arrays import FloatArray, IntArray
from analysis.stats.newton import FLAT, LONGEST, STEPS, VANISHED
from analysis.stats.screen_block import Columns

# Newton doubles the digits: the error left by the step after one of this size is below rounding.
_CONVERGED = 1e-7


class Outcome(IntEnum):
    """How a climb ended."""

    FOUND = 0
    FLAT = 1
    SEPARATED = 2


@dataclass(frozen=True, eq=False)
class Climbed:
    """Per column its maximum and the information there, NaN where there is none, and how it ended."""

    beta: FloatArray
    information: FloatArray
    outcome: IntArray


def climb(block: Columns) -> Climbed:
    """The maximum of every column of a block.

    The score falls as the coefficient grows, so its sign tells on which side the maximum lies; a step that would leave
    the bracket goes half way instead.
    """
    width = block.x.shape[1]
    beta, final = np.zeros(width), np.full(width, np.nan)
    low, high = np.full(width, -np.inf), np.full(width, np.inf)
    score, null = block.evaluate(beta)
    # Covariates have unit variance, so an information this small is rounding.
    rises = null > FLAT
    outcome = np.where(rises, Outcome.SEPARATED, Outcome.FLAT).astype(np.int64)
    here, block, score, information = np.flatnonzero(rises), block.keep(rises), score[rises], null[rises]
    slope = np.zeros(len(here))
    for _ in range(STEPS):
        low[here] = np.where(score > 0, beta[here], low[here])
        high[here] = np.where(score < 0, beta[here], high[here])
        step = np.clip(score / information, -LONGEST, LONGEST)
        outside = (beta[here] + step < low[here]) | (beta[here] + step > high[here])
        step[outside] = ((low[here] + high[here]) / 2 - beta[here])[outside]
        arrived = np.abs(step) < _CONVERGED
        beta[here] += step
        final[here[arrived]] = (information + slope * step)[arrived]
        outcome[here[arrived]] = Outcome.FOUND
        if arrived.any():
            here, block = here[~arrived], block.keep(~arrived)
            information, step = information[~arrived], step[~arrived]
        if not here.size:
            break
        score, after = block.evaluate(beta[here])
        # The information is taken to change along the last step as it did along the one before.
        slope, information = (after - information) / step, after
        left = np.isfinite(score) & (information > VANISHED * null[here])
        if not left.all():
            here, block, slope = here[left], block.keep(left), slope[left]
            score, information = score[left], information[left]
    beta[outcome != Outcome.FOUND] = np.nan
    return Climbed(beta, final, outcome)
