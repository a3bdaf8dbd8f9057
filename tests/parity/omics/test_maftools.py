"""Mutations against maftools, run in R on its own cohorts."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.omics.maf import Mutations, read_maf
from analysis.omics.maf_summary import mutational_burden, summary
from analysis.omics.onco_matrix import onco_matrix, waterfall_order
from analysis.omics.titv import transitions_transversions
from tests.parity.omics.cases import NONE, prefixes, vectors
from tests.parity.omics.reading import close, matrix, names


def of(ending: str) -> pytest.MarkDecorator:
    """The cohorts that have a table of this name."""
    return pytest.mark.parametrize("name", prefixes("maftools", ending))


def cohort(name: str) -> tuple[Path, Mutations]:
    folder = vectors("maftools", name)
    (path,) = (path for path in folder.glob("*.maf*") if path.name.lower().split(".maf")[0].endswith(name.lower()))
    return folder, read_maf(path)


@of("_gene_summary.tsv")
def test_the_table_by_gene(name: str, compared: Callable[[int], None]) -> None:
    folder, mutations = cohort(name)
    found = summary(mutations).by_gene
    expected = matrix(folder / f"{name}_gene_summary.tsv").drop(columns="AlteredSamples", errors="ignore")
    counts = [expected["total"].tolist(), expected["MutatedSamples"].tolist()]
    assert [found["total"].tolist(), found["MutatedSamples"].tolist()] == counts
    compared(close(found, expected))


@of("_sample_summary.tsv")
def test_the_classes_by_sample(name: str, compared: Callable[[int], None]) -> None:
    folder, mutations = cohort(name)
    expected = matrix(folder / f"{name}_sample_summary.tsv")
    found = summary(mutations).by_sample
    assert len(found) == len(expected)
    compared(close(found, expected))


@of("_vtype_summary.tsv")
def test_the_types_by_sample(name: str, compared: Callable[[int], None]) -> None:
    folder, mutations = cohort(name)
    expected = matrix(folder / f"{name}_vtype_summary.tsv")
    found = summary(mutations).types_by_sample
    assert len(found) == len(expected)
    compared(close(found, expected))


@of("_tmb.tsv")
def test_the_summary(name: str, compared: Callable[[int], None]) -> None:
    folder, mutations = cohort(name)
    found = summary(mutations)
    table = pd.read_csv(folder / f"{name}_summary.tsv", sep="\t", dtype=str, keep_default_na=False).set_index("ID")
    told = {
        "NCBI_Build": ";".join(found.builds) or "NA",
        "Center": ";".join(found.centers) or "NA",
        "Samples": str(found.samples),
        "nGenes": str(found.genes),
    }
    for key in told.keys() & set(table.index):
        assert {*re.split("[;,]", told[key])} == {*re.split("[;,]", table.loc[key, "summary"] or "NA")}
        compared(1)
    classes = table[table["Mean"] != ""].rename(columns={"summary": "total", "Mean": "mean", "Median": "median"})
    assert set(classes.index) == set(found.classes.index)
    # Means are printed with three decimals.
    compared(close(found.classes, classes.astype(float), atol=5.01e-4))


@of("_tmb.tsv")
def test_the_burden(name: str, compared: Callable[[int], None]) -> None:
    folder, mutations = cohort(name)
    expected = matrix(folder / f"{name}_tmb.tsv")
    found = mutational_burden(mutations).set_axis(expected.columns, axis=1)
    assert (found["total"] > 0).sum() == len(expected)
    compared(close(found, expected, rtol=1e-12))


@pytest.mark.parametrize("silent", ["FALSE", "TRUE"])
@pytest.mark.parametrize("table", ["raw", "frac", "titv"])
def test_transitions_and_transversions(table: str, silent: str, compared: Callable[[int], None]) -> None:
    ending = f"_titv_{table}_syn{silent}.tsv"
    for name in prefixes("maftools", ending):
        folder, mutations = cohort(name)
        found = transitions_transversions(mutations, use_silent=silent == "TRUE")
        expected = matrix(folder / f"{name}{ending}")
        computed = {"raw": found.counts, "frac": found.percentages, "titv": found.ti_tv}[table]
        assert len(computed) == len(expected)
        compared(close(computed, expected, rtol=1e-12))


@pytest.mark.parametrize("case", [name for name in prefixes("maftools", ".tsv") if "_oncomatrix_top" in name] or [NONE])
def test_the_waterfall(case: str, compared: Callable[[int], None]) -> None:
    name, _, top = case.replace("oncomatrix_", "").rpartition("_")
    folder, mutations = cohort(name)
    path = folder / f"{case}.tsv"
    expected = pd.read_csv(path, sep="\t", index_col=0, dtype=str, keep_default_na=False)
    found = onco_matrix(mutations, top=int(top.removeprefix("top")))
    assert found.hits.index.tolist() == names(folder / f"{name}_waterfall_genes_{top}.txt")
    assert set(expected.index) == set(found.hits.index)
    expected = expected.loc[found.hits.index]
    assert found.hits[expected.columns].equals(expected)
    compared(expected.size)

    # maftools' codes are numbers of its own for the classes: one code a class, and 0 for none.
    codes = matrix(folder / f"{name}_oncomatrix_num_{top}.tsv").loc[found.hits.index, expected.columns]
    pairs = {*zip(expected.to_numpy().ravel(), codes.to_numpy().ravel(), strict=True)}
    assert len(pairs) == len({hit for hit, _ in pairs}) == len({code for _, code in pairs})
    assert np.array_equal(codes.to_numpy() > 0, (expected != "").to_numpy())
    compared(codes.size)

    # Samples hit in the same genes stand in any order: the pattern of hits is what is sorted.
    order = names(folder / f"{name}_waterfall_order_{top}.txt")
    assert np.array_equal(found.hits != "", found.hits[order] != "")
    assert waterfall_order(found.hits != "").tolist() == list(range(len(order)))
    compared(expected.size)
