"""Whether predicted survival is observed survival: groups of patients by prediction, corrected for optimism."""

from dataclasses import dataclass

import numpy as np

from analysis.stats.arrays import BoolArray, FloatArray, IntArray
from analysis.stats.cox import CoxFit
from analysis.stats.errors import ParameterError
from analysis.stats.nomogram import survival_of
from analysis.stats.resampled_cox import mean_or_nan, refits
from analysis.stats.survival import kaplan_meier


@dataclass(frozen=True, eq=False)
class Calibration:
    """Per group of patients between two ``cuts`` of predicted survival to the horizon; shape (g,), cuts (g + 1,).

    ``predicted`` is the mean prediction, ``observed`` Kaplan-Meier's survival with ``std_err_log``, the standard error
    of its logarithm. ``apparent`` is observed less predicted, ``optimism`` what the bootstrap finds it to be too good
    by, ``corrected`` the observed survival less the optimism. ``survival`` (n,) is each patient's prediction.
    """

    horizon: float
    cuts: FloatArray
    n: IntArray
    predicted: FloatArray
    observed: FloatArray
    std_err_log: FloatArray
    apparent: FloatArray
    training: FloatArray
    test: FloatArray
    optimism: FloatArray
    corrected: FloatArray
    resamples: int
    survival: FloatArray


def calibrate(fit: CoxFit, horizon: float, *, per_group: int, resamples: int = 200, seed: int = 1) -> Calibration:
    """Compare predicted with observed survival to a horizon, in groups of about ``per_group`` patients.

    Parameters
    ----------
    fit : CoxFit
        Without strata, clusters or delayed entry.
    horizon : float
        In the unit of the fit.
    per_group : int
        About how many patients a group has; the groups of the resamples lie between the same cuts.
    resamples, seed : int
        As for ``resampled_cox.refits``.

    Returns
    -------
    Calibration

    Raises
    ------
    ParameterError
        A fit of another kind, groups of nobody, no resamples, a bad seed, or no resample that allows a fit.

    Notes
    -----
    Matches ``rms::calibrate(cph(...), u = horizon, m = per_group, B = resamples, cmethod = "KM")`` 6.5-0 after
    ``set.seed(seed)``: cuts are quantiles (type 7) of the predictions together with 0 and 1.
    """
    drawn = drawn_calibrations(fit, horizon, per_group=per_group, resamples=resamples, seed=seed)
    return calibrated(fit, horizon, per_group=per_group, drawn=drawn)


def drawn_calibrations(
    fit: CoxFit, horizon: float, *, per_group: int, resamples: int, seed: int, first: int = 0
) -> FloatArray:
    """Observed less predicted survival of each resample that allows a fit: by its refit in itself, and in the patients.

    Shape (k, 2, g). Parameters and errors as for ``calibrate``; ``first`` as for ``resampled_cox.refits``. Stretch
    after stretch of one seed they are what ``calibrate`` takes the means of.
    """
    _survival, cuts = _cut(fit, horizon, per_group)
    pairs = []
    for one in refits(fit, resamples, seed, first):
        again = survival_of(one.fit, one.linear, horizon)
        drawn = _compare(one.fit.data.time, one.fit.data.event, again[one.rows], cuts, horizon)
        pairs.append((drawn.apparent, _compare(fit.data.time, fit.data.event, again, cuts, horizon).apparent))
    return np.array(pairs).reshape(len(pairs), 2, len(cuts) - 1)


def calibrated(fit: CoxFit, horizon: float, *, per_group: int, drawn: FloatArray) -> Calibration:
    """What ``calibrate`` gives, from resamples that were drawn before; shape (k, 2, g)."""
    survival, cuts = _cut(fit, horizon, per_group)
    own = _compare(fit.data.time, fit.data.event, survival, cuts, horizon)
    if not len(drawn):
        raise ParameterError("No resample of the patients allows a fit.")
    training, test = mean_or_nan(drawn)
    return Calibration(
        horizon=float(horizon),
        cuts=cuts,
        n=own.n,
        predicted=own.predicted,
        observed=own.observed,
        std_err_log=own.std_err_log,
        apparent=own.apparent,
        training=training,
        test=test,
        optimism=training - test,
        corrected=own.observed - (training - test),
        resamples=len(drawn),
        survival=survival,
    )


def _cut(fit: CoxFit, horizon: float, per_group: int) -> tuple[FloatArray, FloatArray]:
    """Each patient's prediction, and the cuts between groups of them."""
    if per_group < 1:
        raise ParameterError(f"A group has at least one patient, not {per_group}.")
    survival = survival_of(fit, fit.data.centred @ fit.coef, horizon)
    groups = max(1, fit.n // per_group)
    cuts = np.unique(np.quantile(np.concatenate(([0.0, 1.0], survival)), np.linspace(0, 1, groups + 1)))
    return survival, cuts


@dataclass(frozen=True, eq=False)
class _Compared:
    n: IntArray
    predicted: FloatArray
    observed: FloatArray
    std_err_log: FloatArray

    @property
    def apparent(self) -> FloatArray:
        return self.observed - self.predicted


def _compare(time: FloatArray, event: BoolArray, predicted: FloatArray, cuts: FloatArray, horizon: float) -> _Compared:
    """Mean prediction and Kaplan-Meier's survival of each group; NaN for a group of nobody."""
    groups = len(cuts) - 1
    # A group holds its lower cut; the last one also its upper.
    group = np.clip(np.searchsorted(cuts, predicted, side="right") - 1, 0, groups - 1)
    n = np.bincount(group, minlength=groups)
    found = np.full((3, groups), np.nan)
    for one in np.flatnonzero(n):
        rows = group == one
        curve = kaplan_meier(time[rows], event[rows])
        step = int(np.searchsorted(curve.time, horizon, side="right"))
        at = (1.0, 0.0) if step == 0 else (float(curve.survival[step - 1]), float(curve.std_err_log[step - 1]))
        found[:, one] = (predicted[rows].mean(), *at)
    return _Compared(n.astype(np.int64), *found)
