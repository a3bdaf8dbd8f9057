"""Building a model against lifelines and R: many univariate Cox models; the lasso, and how near its optimum each is."""

import csv
import gzip
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.stats.breslow import breslow
from analysis.stats.coxnet import cox_path
from analysis.stats.coxnet_cv import cross_validate
from analysis.stats.coxnet_walk import Settings
from analysis.stats.folds import fold_ids
from analysis.stats.screen import screen
from tests.bench import in_r
from tests.bench.stopwatch import Measured, measured

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pandas as pd
    from lifelines import CoxPHFitter

Numbers = NDArray[np.float64]
SEED = 7
FOLDS = 10
# How many of the 20,000 models the others fit, as all of them would take minutes.
IN_R, IN_LIFELINES = 200, 20
# Of a screen, how many times as long the others take at least; of a lasso, how much longer than R's it may take.
SCREEN_R, SCREEN_LIFELINES, LASSO_LIMIT = 20, 200, 1.5
# glmnet's default and tighter; each hundredth brings the conditions of the optimum a tenth nearer.
THRESHOLDS = ("1e-07", "1e-09", "1e-11")
CROSS_VALIDATED = THRESHOLDS[:2]
R_FIT = (
    "glmnet(as.matrix(x[, -(1:3)]), Surv(x$time / max(x$time), x$event), family = 'cox', "
    "thresh = {threshold}, maxit = 1e7{more})"
)


@dataclass(frozen=True, eq=False)
class Rows:
    """Follow-up of n patients and p columns of which ten matter; twenty neighbours of each go up and down together."""

    time: Numbers
    event: Numbers
    x: Numbers

    @classmethod
    def of(cls, n: int, p: int) -> "Rows":
        chance = np.random.default_rng(SEED)
        x = chance.normal(size=(n, p))
        together = chance.normal(size=(n, max(1, p // 20)))
        x += together[:, np.arange(p) % together.shape[1]]
        death = chance.exponential(40 * np.exp(-x[:, :10] @ np.linspace(0.6, -0.5, 10)))
        leaving = chance.uniform(0, 100, n)
        return cls(np.ceil(np.minimum(death, leaving) * 10) / 10, (death <= leaving).astype(float), x)

    @classmethod
    def of_tumours(cls, folder: Path, p: int) -> "Rows":
        """Tumours of TCGA-LIHC that were followed, with the genes that differ most."""
        with (folder / "tcga_lihc_clinical" / "lihc_clinical_tidy.tsv").open() as file:
            patients = {row["patient"]: row for row in csv.DictReader(file, delimiter="\t")}
        with gzip.open(folder / "tcga_lihc_fpkm" / "lihc_fpkm_proteincoding.tsv.gz", "rt") as file:
            table = pd.read_csv(file, sep="\t").drop(columns=["ensembl", "symbol"])
        kept = [name for name in table if name[13:15] == "01" and float(patients[name[:12]]["OS.time"] or 0) > 0]
        x = np.log2(table[kept].to_numpy().T + 1)
        follow_up = [[float(patients[name[:12]][key]) for name in kept] for key in ("OS.time", "OS")]
        return cls(np.array(follow_up[0]), np.array(follow_up[1]), x[:, np.argsort(-x.var(axis=0))[:p]])

    @property
    def names(self) -> list[str]:
        return [f"g{column}" for column in range(self.x.shape[1])]

    @property
    def folds(self) -> NDArray[np.int64]:
        return fold_ids(len(self.x), FOLDS, seed=SEED)

    def columns(self, p: int) -> dict[str, Numbers]:
        named = dict(zip(self.names[:p], self.x.T[:p], strict=True))
        return {"time": self.time, "event": self.event, "fold": self.folds.astype(float), **named}

    def violation(self, lambdas: Numbers, coef: Numbers) -> float:
        """Of the conditions of the optimum, the largest along a lasso path, as a share of the null model's slope."""
        sets, spread = breslow(self.time, self.event > 0), self.x.std(axis=0)
        x = ((self.x - self.x.mean(axis=0)) / spread)[sets.rows]
        slopes = np.array([sets.at(x @ beta).residual @ x / len(x) for beta in (0 * spread, *coef * spread)])
        off = np.abs(slopes[1:] - lambdas[:, None] * np.sign(coef))
        beyond = np.maximum(np.abs(slopes[1:]) - lambdas[:, None], 0)
        return float(np.where(coef != 0, off, beyond).max() / np.abs(slopes[0]).max())


def bench_a_screen_of_20_000_columns(tmp_path: Path) -> None:
    n, p = 371, 20_000
    rows = Rows.of(n, p)

    def own() -> Numbers:
        found = screen(rows.time, rows.event, rows.x, names=rows.names)
        return np.array([found.coef, found.se])

    def in_lifelines() -> Numbers:
        table = pd.DataFrame(rows.columns(IN_LIFELINES))
        fits = [
            CoxPHFitter().fit(table[["time", "event", name]], "time", "event") for name in rows.names[:IN_LIFELINES]
        ]
        return np.array([[fit.params_.iloc[0] for fit in fits], [fit.standard_errors_.iloc[0] for fit in fits]])

    ours = measured(own, 2)
    print(f"\nCox model of each of {p} columns, {n} rows: own {ours.seconds:.2f} s")
    lifelines = measured(in_lifelines, 1)
    r = in_r.measured(
        tmp_path,
        ["survival"],
        rows.columns(IN_R),
        "sapply(x[-(1:3)], function(g) summary(coxph(Surv(x$time, x$event) ~ g))$coefficients[c(1, 3)])",
        "t(found)",
        rounds=1,
    )
    least = {"lifelines": (lifelines, IN_LIFELINES, SCREEN_LIFELINES), "R coxph and summary": (r, IN_R, SCREEN_R)}
    for name, (other, fitted, times) in least.items():
        if other is not None:
            ratio = other.seconds / fitted * p / ours.seconds
            apart = Measured(0, ours.numbers[:, :fitted]).apart(Measured(0, other.numbers.reshape(2, fitted)))
            print(
                f"{name:>24} {other.seconds / fitted * p:9.1f} s by {fitted} of the columns   {ratio:6.0f} x own"
                f"   largest difference {apart:.0e}"
            )
            assert ratio >= times


def _in_glmnet(folder: Path, rows: Rows, threshold: str, more: str = "", numbers: str = "") -> Measured | None:
    """A path of glmnet, or with a ``more`` of its cross-validation."""
    call = R_FIT.format(threshold=threshold, more=more)
    columns = rows.columns(rows.x.shape[1])
    numbers = numbers or "c(found$lambda, as.matrix(found$beta))"
    return in_r.measured(folder, ["survival", "glmnet"], columns, ("cv." if more else "") + call, numbers, rounds=1)


def _bench_a_lasso(folder: Path, rows: Rows) -> None:
    n, p = rows.x.shape

    def path(threshold: float | None = None) -> Numbers:
        found = cox_path(rows.time, rows.event, rows.x, names=rows.names, settings=Settings(threshold=threshold))
        return np.append(found.lambdas, found.coef)

    def validated() -> Numbers:
        found = cross_validate(rows.time, rows.event, rows.x, names=rows.names, folds=rows.folds)
        return np.array([found.lambda_min, found.lambda_1se, found.mean[found.best], *found.path.coef[found.best]])

    def told(name: str, of_path: Measured, of_all: Measured | None) -> None:
        lambdas, coef = np.split(of_path.numbers, [len(of_path.numbers) // (p + 1)])
        off = rows.violation(lambdas, coef.reshape(len(lambdas), p))
        print(f"{name:>30} path {of_path.seconds:7.2f} s, conditions violated by up to {off:.0e}", end="")
        if of_all is not None:
            print(f", {FOLDS} folds {of_all.seconds:7.2f} s", end="")
        if of_all is not None and of_all is not ours:
            lambda_min = abs(of_all.numbers[0] / ours.numbers[0] - 1)
            apart = np.abs(of_all.numbers[3:] - ours.numbers[3:]).max()
            print(f" = {of_all.seconds / ours.seconds:5.1f} x own", end="")
            print(f"   lambda.min apart by {lambda_min:.0e}, coefficients there by {apart:.0e}", end="")
        print()

    ours = measured(validated, 2)
    print(f"\nLasso-Cox of {n} rows x {p} columns, {int(rows.event.sum())} events")
    told("own", measured(path, 3), ours)
    told("own, stopping as glmnet at 1e-07", measured(lambda: path(1e-7), 1), None)
    for threshold in THRESHOLDS:
        theirs, of_all = _in_glmnet(folder, rows, threshold), None
        if theirs is None:
            return
        if threshold in CROSS_VALIDATED:
            numbers = "c(found$lambda.min, found$lambda.1se, min(found$cvm), as.numeric(coef(found, s = 'lambda.min')))"
            of_all = _in_glmnet(folder, rows, threshold, ", foldid = x$fold", numbers)
        told(f"glmnet, thresh {threshold}", theirs, of_all)
        # No threshold that it can be given brings it as near the optimum as ours.
        if threshold == CROSS_VALIDATED[-1]:
            assert of_all is not None and ours.seconds <= LASSO_LIMIT * of_all.seconds


@pytest.mark.parametrize(("n", "p"), [(200, 371), (371, 200)])
def bench_a_lasso(tmp_path: Path, n: int, p: int) -> None:
    _bench_a_lasso(tmp_path, Rows.of(n, p))


def bench_a_lasso_of_tumours(tmp_path: Path) -> None:
    folder = os.environ.get("HEPATICA_DATA")
    if not folder:
        pytest.skip("no HEPATICA_DATA")
    _bench_a_lasso(tmp_path, Rows.of_tumours(Path(folder), 371))


def bench_growth_of_a_lasso(tmp_path: Path) -> None:
    """Rows times columns doubled twice."""
    print()
    before: list[float] = []
    for n, p in ((200, 371), (200, 742), (400, 742)):
        rows = Rows.of(n, p)
        own = measured(lambda rows=rows: cox_path(rows.time, rows.event, rows.x, names=rows.names).lambdas, 2)  # type: ignore[misc]
        theirs = _in_glmnet(tmp_path, rows, THRESHOLDS[0])
        now = [own.seconds] if theirs is None else [own.seconds, theirs.seconds]
        text = [
            f"{name} {seconds:6.2f} s" + (f" ({seconds / last:4.1f} x the one before)" if last else "")
            for name, seconds, last in zip(("own", f"glmnet {THRESHOLDS[0]}"), now, before or (0, 0), strict=False)
        ]
        print(f"Lasso-Cox path, {n} x {p}: {'   '.join(text)}")
        before = now


def bench_growth_of_a_screen() -> None:
    print()
    before = 0.0
    for p in (5_000, 10_000, 20_000):
        rows = Rows.of(371, p)
        now = measured(lambda rows=rows: screen(rows.time, rows.event, rows.x, names=rows.names).coef, 2).seconds  # type: ignore[misc]
        print(f"Screen of {p:6} columns {now:6.2f} s" + (f" ({now / before:4.1f} x the one before)" if before else ""))
        before = now
