"""The statistics against lifelines, statsmodels and R: the same work on the same rows in the same run."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.stats.brier import brier_score
from analysis.stats.competing import cumulative_incidence
from analysis.stats.cox import cox
from analysis.stats.fine_gray import fine_gray
from analysis.stats.logrank import logrank
from analysis.stats.maxstat import maximally_selected
from analysis.stats.roc import delong_test, roc
from analysis.stats.survival import kaplan_meier
from analysis.stats.time_roc import time_roc
from tests.bench import in_r
from tests.bench.stopwatch import Measured, measured, peak_bytes

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pandas as pd
    from lifelines import CoxPHFitter, KaplanMeierFitter
    from lifelines.statistics import logrank_test
    from statsmodels.duration.hazard_regression import PHReg
    from statsmodels.duration.survfunc import SurvfuncRight, survdiff

Numbers = NDArray[np.float64]
SEED = 20
NAMES = ["a", "b", "c", "d", "f"]
MONTHS = (12.0, 24.0, 36.0, 60.0)
# Of R: what has to be quicker may take no more than as long, a Cox fit may take half as long again.
QUICKER, COX_LIMIT = 1.0, 1.5
# Ten times the rows may hold a little more than ten times the memory, as small tables have fixed parts.
LINEAR = 12.0


@dataclass(frozen=True, eq=False)
class Rows:
    """Follow-up in months, ended with the event in about half; in whole tenths of a month where it is tied."""

    time: Numbers
    event: Numbers
    group: Numbers
    x: Numbers

    @classmethod
    def of(cls, n: int, tied: bool) -> "Rows":
        chance = np.random.default_rng(SEED)
        x = chance.normal(size=(n, len(NAMES)))
        death = chance.exponential(40 * np.exp(-x @ [0.5, 0.3, 0.0, -0.2, 0.1]))
        leaving = chance.uniform(0, 100, n)
        time = np.minimum(death, leaving)
        # Ranks lie so far apart that none is taken for a tie.
        time = np.ceil(time * 10) / 10 if tied else (1.0 + time.argsort().argsort()) * 100 / n
        return cls(time, (death <= leaving).astype(float), (x[:, 0] + chance.normal(size=n) > 0).astype(float), x)

    def columns(self) -> dict[str, Numbers]:
        named = zip(NAMES, self.x.T, strict=True)
        return {"time": self.time, "event": self.event, "group": self.group, **dict(named)}


def _tell(what: str, own: Measured, others: dict[str, Measured | None]) -> None:
    print(f"\n{what:44} own {own.seconds * 1e3:9.2f} ms")
    for name, other in others.items():
        if other is not None:
            ratio, apart = other.seconds / own.seconds, own.apart(other)
            print(f"{name:>44} {other.seconds * 1e3:13.2f} ms   {ratio:6.1f} x own   largest difference {apart:.0e}")


def _require(own: Measured, r: Measured | None, limit: float) -> None:
    if r is not None:
        assert own.seconds <= limit * r.seconds


@pytest.mark.parametrize(("n", "tied"), [(371, True), (371, False), (100_000, True), (100_000, False)])
def bench_a_curve_and_a_log_rank_test(tmp_path: Path, n: int, tied: bool) -> None:
    rows = Rows.of(n, tied)
    time, event, low = rows.time, rows.event, rows.group == 0

    def own() -> Numbers:
        return np.append(kaplan_meier(time, event).survival, logrank(time, event, rows.group).chi2)

    def in_lifelines() -> Numbers:
        curve = KaplanMeierFitter().fit(time, event).survival_function_.to_numpy()[1:, 0]
        return np.append(curve, logrank_test(time[low], time[~low], event[low], event[~low]).test_statistic)

    def in_statsmodels() -> Numbers:
        # Its curve has a step at the times of events only, so that its values are not set beside ours.
        SurvfuncRight(time, event)
        return np.append(np.full(len(np.unique(time)), np.nan), survdiff(time, event, rows.group)[0])

    r = in_r.measured(
        tmp_path,
        ["survival"],
        rows.columns(),
        "list(survfit(Surv(time, event) ~ 1, data = x), survdiff(Surv(time, event) ~ group, data = x))",
        "c(found[[1]]$surv, found[[2]]$chisq)",
        rounds=5,
    )
    ours = measured(own, 7)
    others = {"lifelines": measured(in_lifelines, 3), "statsmodels": measured(in_statsmodels, 3), "R survival": r}
    _tell(f"Kaplan-Meier and log-rank, {n} rows, {'tied' if tied else 'all times distinct'}", ours, others)
    _require(ours, r, QUICKER)


@pytest.mark.parametrize("tied", [True, False])
def bench_a_cox_model(tmp_path: Path, tied: bool) -> None:
    rows = Rows.of(100_000, tied)
    table = pd.DataFrame(rows.columns()).drop(columns="group")

    def own() -> Numbers:
        fit = cox(rows.time, rows.event, rows.x, names=NAMES)
        # coxph counts the concordance too.
        return np.concatenate((fit.coef, fit.se, [fit.loglik[1], fit.concordance.c]))

    def in_lifelines() -> Numbers:
        fit = CoxPHFitter().fit(table, "time", "event")
        return np.array([*fit.params_, *fit.standard_errors_, fit.log_likelihood_, fit.concordance_index_])

    def in_statsmodels() -> Numbers:
        fit = PHReg(rows.time, rows.x, status=rows.event, ties="efron").fit()
        return np.array([*fit.params, *fit.bse, fit.llf, np.nan])

    r = in_r.measured(
        tmp_path,
        ["survival"],
        rows.columns(),
        "coxph(Surv(time, event) ~ a + b + c + d + f, data = x)",
        'c(coef(found), sqrt(diag(vcov(found))), found$loglik[2], found$concordance[["concordance"]])',
        rounds=3,
    )
    ours = measured(own, 5)
    others: dict[str, Measured | None] = {"R coxph": r}
    if tied:
        # Both run in Python from one time to the next: where all are distinct, 13 s and 57 s were measured.
        others |= {"lifelines": measured(in_lifelines, 1), "statsmodels": measured(in_statsmodels, 1)}
    _tell(f"Cox, Efron, 100000 x 5, {'tied' if tied else 'all times distinct'}", ours, others)
    _require(ours, r, COX_LIMIT)


@pytest.mark.parametrize("n", [371, 5_000])
def bench_areas_over_time_with_their_errors(tmp_path: Path, n: int) -> None:
    rows = Rows.of(n, True)
    marker = rows.x[:, 0]

    def own() -> Numbers:
        curves = [time_roc(rows.time, rows.event, marker, at) for at in MONTHS]
        return np.array([curve.auc for curve in curves] + [curve.se for curve in curves])

    r = in_r.measured(
        tmp_path,
        ["survival", "prodlim", "riskRegression"],
        rows.columns(),
        "Score(list(m = x$a), formula = Hist(time, event) ~ 1, data = x, metrics = 'auc', null.model = FALSE, "
        f"times = c({', '.join(f'{at:g}' for at in MONTHS)}), se.fit = TRUE, conservative = FALSE)",
        "c(found$AUC$score$AUC, found$AUC$score$se)",
        rounds=3,
    )
    ours = measured(own, 7)
    _tell(f"AUC at {len(MONTHS)} times with its error, {n} rows", ours, {"R riskRegression": r})
    _require(ours, r, QUICKER)


@pytest.mark.parametrize("n", [371, 100_000])
def bench_two_roc_curves_and_delongs_test(tmp_path: Path, n: int) -> None:
    rows = Rows.of(n, True)

    def own() -> Numbers:
        a, b = (roc(rows.event, rows.x[:, k], direction="<") for k in (0, 1))
        return np.array([a.auc, b.auc, a.std_err, b.std_err, delong_test(a, b, paired=True).statistic])

    r = in_r.measured(
        tmp_path,
        ["pROC"],
        rows.columns(),
        "{ a <- roc(x$event, x$a, quiet = TRUE, direction = '<'); b <- roc(x$event, x$b, quiet = TRUE, direction = '<')"
        "; list(a, b, var(a), var(b), roc.test(a, b, method = 'delong', paired = TRUE)) }",
        "c(found[[1]]$auc, found[[2]]$auc, sqrt(found[[3]]), sqrt(found[[4]]), found[[5]]$statistic)",
        rounds=3,
    )
    _tell(f"Two ROC curves and DeLong's test, {n} rows", measured(own, 7), {"R pROC": r})


def _kinds(rows: Rows) -> dict[str, Callable[[], Any]]:
    time, event, x = rows.time, rows.event, rows.x
    # Of those who left, every other one by a competing event.
    code = np.where(event == 1, 1, np.arange(len(time)) % 2 * 2)
    return {
        "Kaplan-Meier": lambda: kaplan_meier(time, event),
        "log-rank": lambda: logrank(time, event, rows.group),
        "Cox": lambda: cox(time, event, x, names=NAMES),
        "concordance": lambda: cox(time, event, x, names=NAMES).concordance,
        "AUC over time": lambda: time_roc(time, event, x[:, 0], 24.0),
        "Brier": lambda: brier_score(time, event, np.clip(0.5 + x[:, 0] / 10, 0, 1), 24.0),
        "ROC": lambda: roc(event, x[:, 0]),
        "best cutoff": lambda: maximally_selected(time, event, x[:, 0]),
        "cumulative incidence": lambda: cumulative_incidence(time, code),
        "Fine-Gray": lambda: fine_gray(time, code, x, names=NAMES),
    }


@pytest.mark.parametrize("name", list(_kinds(Rows.of(2, True))))
def bench_growth(name: str) -> None:
    """Memory grows with the rows and no faster, whatever the times are like."""
    print()
    before = None
    for n in (1_000, 10_000, 100_000, 1_000_000):
        work = _kinds(Rows.of(n, False))[name]
        seconds = measured(lambda work=work: np.array([bool(work())]), 1).seconds  # type: ignore[misc]
        peak = peak_bytes(work)
        told = "" if before is None else f"   {peak / before:5.1f} x the memory of a tenth"
        print(f"{name:22} {n:8} rows {seconds:9.4f} s {peak / 1e6:9.2f} MB{told}")
        assert before is None or peak <= LINEAR * before
        before = peak
