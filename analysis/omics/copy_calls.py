"""Calls of copy change: -2 to 2 for genes, 0 to 2 for lesions, and how often each is met."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.omics.errors import OmicsInputError

# Copy change, in units of 2^(1 + log2 ratio) - 2, that GISTIC2 counts as a gain and as a loss (-ta and -td).
GAIN, LOSS = 0.1, 0.1
# Of lesions: from here on high-level (all_lesions).
HIGH_GAIN, DEEP_LOSS = 0.9, 1.3
# Sums of numbers with three decimals, free of the rounding of binary fractions.
DECIMALS = 9


@dataclass(frozen=True)
class LesionThresholds:
    """From which copy change on a lesion counts as low-level and as high-level."""

    low: float
    high: float


AMPLIFICATION = LesionThresholds(GAIN, HIGH_GAIN)
DELETION = LesionThresholds(-LOSS, -DEEP_LOSS)


def sample_cutoffs(arms: pd.DataFrame, *, gain: float = GAIN, loss: float = LOSS) -> pd.DataFrame:
    """Each sample's limits of a deep deletion and a high-level amplification: columns ``Low`` and ``High``.

    Parameters
    ----------
    arms : DataFrame, arms x samples
        Copy change of the arms; taken with three decimals, as GISTIC2 writes and reads them.

    Notes
    -----
    As GISTIC2: beyond the most lost arm by the noise limit, and beyond the most gained one.
    """
    _refuse_missing(arms)
    values = arms.round(3)
    return pd.DataFrame({"Low": values.min() - loss, "High": values.max() + gain}).round(DECIMALS)


def gene_calls(values: pd.DataFrame, cutoffs: pd.DataFrame, *, gain: float = GAIN, loss: float = LOSS) -> pd.DataFrame:
    """Calls of genes x samples: -2 below the sample's Low, -1 below -loss, 1 above gain, 2 above the sample's High.

    Raises
    ------
    OmicsInputError
        A sample has no cut-offs, or a value is missing.

    Notes
    -----
    As ``all_thresholded.by_genes`` of GISTIC2.
    """
    lacking = [sample for sample in values.columns if sample not in cutoffs.index]
    if lacking:
        raise OmicsInputError(f"The sample {lacking[0]} has no cut-offs.")
    _refuse_missing(values)
    own = cutoffs.loc[values.columns]
    low, high = own["Low"].to_numpy(), own["High"].to_numpy()
    v = values.to_numpy(dtype=float)
    calls = np.select([v < low, v > high, v < -loss, v > gain], [-2, 2, -1, 1], default=0)
    return pd.DataFrame(calls, index=values.index, columns=values.columns)


def lesion_calls(values: pd.DataFrame, thresholds: LesionThresholds) -> pd.DataFrame:
    """Calls of lesions x samples in one direction: 0 none, 1 low-level, 2 high-level."""
    _refuse_missing(values)
    direction = np.sign(thresholds.low)
    size = values.to_numpy(dtype=float) * direction
    calls = (size >= abs(thresholds.low)).astype(np.int64) + (size > abs(thresholds.high))
    return pd.DataFrame(calls, index=values.index, columns=values.columns)


def call_shares(calls: pd.DataFrame) -> pd.DataFrame:
    """Share of samples with each call of a gene: deep deletion, loss, neutral, gain, amplification."""
    names = {-2: "deep_deletion", -1: "loss", 0: "neutral", 1: "gain", 2: "amplification"}
    return pd.DataFrame({name: (calls == call).mean(axis=1) for call, name in names.items()})


def _refuse_missing(values: pd.DataFrame) -> None:
    numbers = values.to_numpy(dtype=float)
    if not numbers.size:
        raise OmicsInputError("The table of copy change is empty.")
    bad = np.argwhere(~np.isfinite(numbers))
    if len(bad):
        row, column = bad[0]
        raise OmicsInputError(f"{values.index[row]} has no copy change in {values.columns[column]}.")
