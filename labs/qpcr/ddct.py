"""ΔΔCt with replicates, several reference genes, propagated SD and efficiencies.

Livak and Schmittgen, Methods 2001;25:402 (2^-ΔΔCt, propagation of the SD); Pfaffl, Nucleic Acids Res 2001;29:e45
(efficiencies); Vandesompele, Genome Biol 2002;3:research0034 (several reference genes: the mean of their Ct, which is
the geometric mean of their quantities).

Every Ct is multiplied by log2 of the amplification factor of its target (1 for a factor of 2), so that the same sums
give Livak's and Pfaffl's ratio. Everything below is in those cycles, which are log2 of quantity.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, log2, sqrt

import numpy as np
from scipy.special import stdtrit

from labs.formats.plate import mean_and_sd
from labs.qpcr.rules import Rules, outlying


class NotComputable(ValueError):
    """A sentence that says which Ct is missing."""


@dataclass(frozen=True)
class Mean:
    """A mean with its spread. `sd` is None below two values, `n` counts them; `df` is for the interval."""

    value: float
    sd: float | None
    n: int

    @property
    def variance_of_mean(self) -> float:
        return self.sd**2 / self.n if self.sd is not None else 0.0

    @property
    def df(self) -> float:
        return self.n - 1


@dataclass(frozen=True)
class Technical:
    """Replicate wells of one target in one sample: indices into the values that were given."""

    mean: Mean | None
    used: tuple[int, ...]
    not_detected: tuple[int, ...]
    left_out: tuple[int, ...]
    is_spread_out: bool


@dataclass(frozen=True)
class Delta:
    """ΔCt of one sample or of one group. `parts` are the means it is made of with their weights, for the interval."""

    value: float
    sd: float | None
    parts: tuple[tuple[float, Mean], ...]


@dataclass(frozen=True)
class Fold:
    """`sd` is that of ΔΔCt; `low_sd`, `high_sd` are the fold one SD up and down (as Livak reports it), `low` and `high`
    the confidence interval. None where replicates are too few to tell.
    """

    ddct: float
    sd: float | None
    fold: float
    low_sd: float | None
    high_sd: float | None
    low: float | None
    high: float | None
    df: float | None


def technical(cts: Sequence[float | None], rules: Rules) -> Technical:
    """Mean of the replicates that were detected, less what the outlier rule leaves out, which is named."""
    found = [(index, ct) for index, ct in enumerate(cts) if ct is not None]
    missing = tuple(index for index, ct in enumerate(cts) if ct is None)
    values = [ct for _index, ct in found]
    _mean, sd = mean_and_sd(values)
    outlier = outlying(values, rules)
    kept = [pair for place, pair in enumerate(found) if place != outlier]
    return Technical(
        mean=mean_of([ct for _index, ct in kept]) if kept else None,
        used=tuple(index for index, _ct in kept),
        not_detected=missing,
        left_out=() if outlier is None else (found[outlier][0],),
        is_spread_out=sd is not None and sd > rules.max_sd,
    )


def mean_of(values: Sequence[float]) -> Mean:
    """Mean and SD (n − 1) of at least one value."""
    mean, sd = mean_and_sd(list(values))
    if mean is None:
        raise NotComputable("There is no value to take the mean of.")
    return Mean(mean, sd, len(values))


def scaled(mean: Mean, efficiency: float) -> Mean:
    """In cycles of log2. `efficiency` is the amplification factor per cycle, 2 when every copy is doubled."""
    if not 1 < efficiency <= 2.5:
        raise ValueError("An amplification factor lies above 1 and is at most 2.5.")
    factor = log2(efficiency)
    return Mean(mean.value * factor, None if mean.sd is None else mean.sd * factor, mean.n)


def delta(target: Mean, references: Sequence[Mean]) -> Delta:
    """ΔCt of wells apart: the target less the mean of the reference genes; their variances add up."""
    if not references:
        raise NotComputable("There is no reference gene.")
    weight = 1 / len(references)
    parts = ((1.0, target), *((-weight, reference) for reference in references))
    return Delta(sum(share * mean.value for share, mean in parts), _root_of_squares(parts), parts)


def delta_of_pairs(targets: Sequence[float], references: Sequence[float]) -> Delta:
    """ΔCt of targets that share their wells: of each well, then the mean. Both in cycles of log2."""
    if len(targets) != len(references):
        raise ValueError("There are as many Ct of the reference gene as of the target.")
    mean = mean_of([target - reference for target, reference in zip(targets, references, strict=True)])
    return Delta(mean.value, mean.sd, ((1.0, mean),))


def delta_of_biological(deltas: Sequence[Delta]) -> Delta:
    """ΔCt of a group: the mean over biological replicates, whose spread contains the technical one."""
    mean = mean_of([each.value for each in deltas])
    return Delta(mean.value, mean.sd, ((1.0, mean),))


def _root_of_squares(parts: Sequence[tuple[float, Mean]]) -> float | None:
    if any(mean.sd is None for _share, mean in parts):
        return None
    return sqrt(sum((share * (mean.sd or 0.0)) ** 2 for share, mean in parts))


def fold_change(sample: Delta, calibrator: Delta, rules: Rules) -> Fold:
    """2^-ΔΔCt of a sample against its calibrator.

    The SD of ΔΔCt is that of the sample alone when the calibrator counts as a constant, else both. The interval rests
    on the standard errors of the means with Welch's degrees of freedom. NotComputable when the result leaves the range
    of numbers.
    """
    ddct = sample.value - calibrator.value
    sides = (sample,) if rules.calibrator_is_constant else (sample, calibrator)
    sd = None if any(side.sd is None for side in sides) else sqrt(sum((side.sd or 0.0) ** 2 for side in sides))
    half, df = _half_width(sides, rules.confidence) if sd is not None else (None, None)
    return Fold(
        ddct=ddct,
        sd=sd,
        fold=_power(-ddct),
        low_sd=None if sd is None else _power(-ddct - sd),
        high_sd=None if sd is None else _power(-ddct + sd),
        low=None if half is None else _power(-ddct - half),
        high=None if half is None else _power(-ddct + half),
        df=df,
    )


def _half_width(sides: Sequence[Delta], confidence: float) -> tuple[float, float]:
    terms = [(share**2 * mean.variance_of_mean, mean.df) for side in sides for share, mean in side.parts]
    variance = sum(term for term, _df in terms)
    if variance == 0:
        return 0.0, inf
    df = variance**2 / sum(term**2 / df for term, df in terms if df > 0)
    return float(stdtrit(df, 0.5 + confidence / 2)) * sqrt(variance), df


def _power(exponent: float) -> float:
    try:
        value: float = 2.0**exponent
    except OverflowError:
        value = inf
    if not isfinite(value) or value <= 0:
        raise NotComputable("The Ct lie so far apart that their ratio is no number.")
    return value


@dataclass(frozen=True)
class Curve:
    """Ct = intercept + slope · log10(amount); `efficiency` is the amplification factor 10^(−1/slope)."""

    slope: float
    intercept: float
    r_squared: float
    efficiency: float


def standard_curve(amounts: Sequence[float], cts: Sequence[float]) -> Curve:
    """Least squares over a dilution series. Amounts are above 0, in any unit; at least two of them differ."""
    if len(amounts) != len(cts) or len(set(amounts)) < 2 or min(amounts) <= 0:
        raise NotComputable("A curve needs a Ct for each amount, amounts above 0, and at least two different ones.")
    x, y = np.log10(np.asarray(amounts, dtype=float)), np.asarray(cts, dtype=float)
    spread = x - x.mean()
    slope = float((spread * (y - y.mean())).sum() / (spread**2).sum())
    intercept = float(y.mean() - slope * x.mean())
    total = float(((y - y.mean()) ** 2).sum())
    rest = float(((y - intercept - slope * x) ** 2).sum())
    if slope == 0:
        raise NotComputable("The Ct do not depend on the amount.")
    return Curve(slope, intercept, 1 - rest / total if total else 1.0, 10 ** (-1 / slope))


@dataclass(frozen=True)
class Wells:
    """Ct of the wells of one sample: target → Ct of its replicates, None where nothing was detected."""

    cts: Mapping[str, Sequence[float | None]]


def sample_delta(
    wells: Wells, target: str, references: Sequence[str], efficiencies: Mapping[str, float], rules: Rules
) -> tuple[Delta, dict[str, Technical]]:
    """ΔCt of one sample, and what became of the replicates of each gene. NotComputable names the gene without a Ct."""
    if not references:
        raise NotComputable("There is no reference gene.")
    found = {gene: technical(wells.cts.get(gene, ()), rules) for gene in (target, *references)}
    means = {gene: scaled(_known(gene, each), efficiencies.get(gene, 2.0)) for gene, each in found.items()}
    return delta(means[target], [means[gene] for gene in references]), found


def _known(gene: str, replicates: Technical) -> Mean:
    if replicates.mean is not None:
        return replicates.mean
    if replicates.not_detected:
        raise NotComputable(f"{gene} was not detected in any well.")
    raise NotComputable(f"No well of {gene} is left.")
