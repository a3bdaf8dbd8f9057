"""The omics methods against PyDESeq2, InMoose, gseapy and R: the same work on the same matrix in the same run."""

import logging
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.omics.combat import combat
from analysis.omics.count_tests import differential_counts
from analysis.omics.deseq2 import fit_differential_counts
from analysis.omics.design import factorial
from analysis.omics.expression import COUNTS, ExpressionMatrix
from analysis.omics.linear_models import fit_linear_models
from analysis.omics.moderated import moderate
from analysis.omics.set_scores import gsva, ssgsea
from analysis.omics.top_table import top_table
from tests.bench import in_r
from tests.bench.bench_statistics import QUICKER, _require, _tell
from tests.bench.stopwatch import measured

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import gseapy
    import pandas as pd
    from inmoose.limma import eBayes, lmFit
    from inmoose.pycombat import pycombat_norm
    from patsy import dmatrix
    from pydeseq2.dds import DeseqDataSet
    from pydeseq2.default_inference import DefaultInference
    from pydeseq2.ds import DeseqStats

# It tells every step of its work.
logging.getLogger("inmoose").setLevel(logging.WARNING)
Numbers = NDArray[np.float64]
SEED = 20
GROUP = "g <- factor(rep(c('n', 't'), each = ncol(x) / 2)); "


def samples(n: int) -> list[str]:
    return [f"{group}{i}" for group in "nt" for i in range(n // 2)]


def log_values(genes: int, n: int) -> ExpressionMatrix:
    chance = np.random.default_rng(SEED)
    values = 7 + chance.normal(size=(genes, n)) * np.sqrt(4 / chance.chisquare(4, size=(genes, 1)))
    values[: genes // 20, n // 2 :] += 1
    return ExpressionMatrix([f"g{i}" for i in range(genes)], samples(n), values)


def reads(genes: int, n: int) -> ExpressionMatrix:
    chance = np.random.default_rng(SEED)
    mean = np.repeat(10 ** chance.uniform(0.5, 3.5, size=(genes, 1)), n, axis=1)
    mean[: genes // 20, n // 2 :] *= 4
    size = 1 / (0.1 + 1 / mean)
    values = chance.negative_binomial(size, size / (size + mean))
    return ExpressionMatrix([f"g{i}" for i in range(genes)], samples(n), values, COUNTS)


def columns(matrix: ExpressionMatrix) -> dict[str, Numbers]:
    return dict(zip(matrix.samples, matrix.values.T, strict=True))


def bench_moderated_t(tmp_path: Path) -> None:
    matrix = log_values(20_000, 60)
    model = factorial({"group": [s[0] for s in matrix.samples]}, {"group": ["n", "t"]})

    def own() -> Numbers:
        table = top_table(moderate(fit_linear_models(matrix, model), trend=True), "groupt")
        return np.concatenate((table.t, table.log_odds))

    r = in_r.measured(
        tmp_path,
        ["limma"],
        columns(matrix),
        GROUP + "topTable(eBayes(lmFit(as.matrix(x), model.matrix(~g)), trend = TRUE), coef = 2, number = Inf, "
        "sort.by = 'none')",
        "c(found$t, found$B)",
        rounds=3,
    )
    ours = measured(own, 5)
    _tell("limma with trend, 20000 genes, 60 samples", ours, {"R limma": r})
    _require(ours, r, QUICKER)


def bench_moderated_t_without_trend() -> None:
    """InMoose takes minutes for the trend of so many genes."""
    matrix = log_values(20_000, 60)
    group = [s[0] for s in matrix.samples]
    frame, design = matrix.table, dmatrix("~g", {"g": group})
    model = factorial({"group": group}, {"group": ["n", "t"]})

    def own() -> Numbers:
        table = top_table(moderate(fit_linear_models(matrix, model)), "groupt")
        return np.concatenate((table.t, table.log_odds))

    def in_inmoose() -> Numbers:
        fit = eBayes(lmFit(frame, design))
        return np.concatenate([table.iloc[:, 1].to_numpy(dtype=np.float64) for table in (fit.t, fit.lods)])

    _tell("limma, 20000 genes, 60 samples", measured(own, 5), {"InMoose": measured(in_inmoose, 3)})


def bench_batches(tmp_path: Path) -> None:
    """ComBat as TIMER needs it. InMoose divides variances by n where sva, and so we, divide by n - 1."""
    matrix = log_values(10_000, 60)
    frame, batches = matrix.table, [s[0] for s in matrix.samples]
    frame.iloc[:, 30:] = 1.3 * frame.iloc[:, 30:] + 1

    def own() -> Numbers:
        values: Numbers = combat(frame, batches).to_numpy().ravel()
        return values

    def in_inmoose() -> Numbers:
        values: Numbers = np.asarray(pycombat_norm(frame, batches), dtype=np.float64).ravel()
        return values

    r = in_r.measured(
        tmp_path,
        ["sva"],
        dict(zip(matrix.samples, frame.to_numpy().T, strict=True)),
        "ComBat(as.matrix(x), rep(c('n', 't'), each = ncol(x) / 2))",
        "t(found)",
        rounds=1,
    )
    ours = measured(own, 3)
    _tell("ComBat, 10000 genes, 60 samples", ours, {"InMoose": measured(in_inmoose, 1), "R sva": r})
    _require(ours, r, QUICKER)


def bench_differential_counts(tmp_path: Path) -> None:
    matrix = reads(1_000, 20)
    model = factorial({"group": [s[0] for s in matrix.samples]}, {"group": ["n", "t"]})
    frame = pd.DataFrame(matrix.values.T.astype(int), index=matrix.samples, columns=matrix.genes)
    groups = pd.DataFrame({"group": [s[0] for s in matrix.samples]}, index=matrix.samples)

    def own() -> Numbers:
        table = differential_counts(fit_differential_counts(matrix, model), {"groupt": 1})
        return np.concatenate((table.log_fold_change, table.adjusted_p))

    def in_pydeseq2() -> Numbers:
        inference = DefaultInference(n_cpus=1)
        data = DeseqDataSet(counts=frame, metadata=groups, design="~group", quiet=True, inference=inference)
        data.deseq2()
        tested = DeseqStats(data, contrast=["group", "t", "n"], quiet=True, inference=inference)
        tested.summary()
        return np.concatenate([tested.results_df[name].to_numpy() for name in ("log2FoldChange", "padj")])

    r = in_r.measured(
        tmp_path,
        ["DESeq2"],
        columns(matrix),
        GROUP + "results(DESeq(DESeqDataSetFromMatrix(as.matrix(x), data.frame(g = g), ~g), quiet = TRUE))",
        "c(found$log2FoldChange, found$padj)",
        rounds=1,
    )
    ours = measured(own, 3)
    _tell("DESeq2, 1000 genes, 20 samples", ours, {"PyDESeq2": measured(in_pydeseq2, 1), "R DESeq2": r})
    _require(ours, r, QUICKER)


def bench_scores_of_sets() -> None:
    matrix = log_values(5_000, 60)
    chance = np.random.default_rng(SEED)
    sets = {f"s{i}": [matrix.genes[j] for j in chance.choice(5_000, 50, replace=False)] for i in range(50)}
    frame = pd.DataFrame(matrix.values, index=matrix.genes, columns=matrix.samples)

    def in_order(found: pd.DataFrame, name: str) -> Numbers:
        table = found.pivot(index="Term", columns="Name", values=name)
        values: Numbers = table.loc[list(sets), list(matrix.samples)].to_numpy(dtype=np.float64).ravel()
        return values

    def theirs_gsva() -> Numbers:
        return in_order(gseapy.gsva(frame, sets, min_size=1, max_size=500, threads=1, outdir=None).res2d, "ES")

    def theirs_ssgsea() -> Numbers:
        options = {"sample_norm_method": "rank", "min_size": 1, "max_size": 500, "threads": 1, "outdir": None}
        return in_order(gseapy.ssgsea(frame, sets, no_plot=True, **options).res2d, "ES")

    def own_gsva() -> Numbers:
        return gsva(matrix, sets).values.ravel()

    def own_ssgsea() -> Numbers:
        return ssgsea(matrix, sets, normalise=False).values.ravel()

    works = {"GSVA": (own_gsva, theirs_gsva), "ssGSEA": (own_ssgsea, theirs_ssgsea)}
    for name, (own, theirs) in works.items():
        _tell(f"{name}, 5000 genes, 60 samples, 50 sets", measured(own, 3), {"gseapy": measured(theirs, 1)})
