"""Copy-number calls and readers against GISTIC2's files and the rule of its source."""

import json
from collections.abc import Callable

import numpy as np
import pytest

from analysis.omics.copy_calls import AMPLIFICATION, DELETION, gene_calls, lesion_calls, sample_cutoffs
from analysis.omics.gistic import (
    gistic_summary,
    read_arm_values,
    read_gene_calls,
    read_gene_values,
    read_lesions,
    read_peak_genes,
    read_sample_cutoffs,
    read_scores,
)
from analysis.omics.segments import read_segments
from tests.parity.omics.cases import prefixes, vectors
from tests.parity.omics.reading import close


@pytest.mark.parametrize("case", prefixes("gistic", "_sample_cutoffs.tsv"))
def test_the_cutoffs_of_samples(case: str, compared: Callable[[int], None]) -> None:
    folder = vectors("gistic", case)
    found = sample_cutoffs(read_arm_values(folder / f"{case}_broad_values_by_arm.tsv"))
    compared(close(found, read_sample_cutoffs(folder / f"{case}_sample_cutoffs.tsv"), atol=1e-9))


@pytest.mark.parametrize("case", prefixes("gistic", "_all_thresholded.tsv"))
def test_the_calls_of_genes(case: str, compared: Callable[[int], None]) -> None:
    folder = vectors("gistic", case)
    cutoffs = sample_cutoffs(read_arm_values(folder / f"{case}_broad_values_by_arm.tsv"))
    found = gene_calls(read_gene_values(folder / f"{case}_all_data_by_genes.tsv"), cutoffs)
    compared(close(found, read_gene_calls(folder / f"{case}_all_thresholded.tsv")))


@pytest.mark.parametrize("case", prefixes("gistic", "expected_summary.json"))
def test_finished_output(case: str, compared: Callable[[int], None]) -> None:
    folder = vectors("gistic", case)
    expected = json.loads((folder / f"{case}expected_summary.json").read_text(encoding="utf-8"))
    (lesions_file,) = folder.glob(f"{case}all_lesions*")
    (amplified,) = folder.glob(f"{case}amp_genes*")
    (deleted,) = folder.glob(f"{case}del_genes*")
    lesions = read_lesions(lesions_file)
    found = gistic_summary(lesions, read_peak_genes(amplified), read_peak_genes(deleted))
    assert {
        "Samples": found.samples,
        "nGenes": found.genes,
        "cytoBands": found.cytobands,
        "Amp": found.amplified,
        "Del": found.deleted,
        "total": found.amplified + found.deleted,
    } == expected["readGistic_summary"]
    amplifications = lesions.peaks["type"] == "Amp"
    calls = 0
    for rows, thresholds in ((amplifications, AMPLIFICATION), (~amplifications, DELETION)):
        calls += close(lesion_calls(lesions.copy_change[rows], thresholds), lesions.calls[rows])
    assert calls == expected["n_calls"]
    compared(calls + 6)


@pytest.mark.parametrize("case", prefixes("gistic", "scores.gistic.gz"))
def test_scores_along_the_genome(case: str, compared: Callable[[int], None]) -> None:
    found = read_scores(vectors("gistic", case) / f"{case}scores.gistic.gz")
    assert set(found["type"]) == {"Amp", "Del"}
    assert (found["end"] >= found["start"]).all()
    assert found["frequency"].between(0, 1).all()
    lesions = read_lesions(next(vectors("gistic", case).glob(f"{case}all_lesions*")))
    for _, peak in lesions.peaks.iterrows():
        name, _, bases = peak["peak"].partition("(")[0].strip().removeprefix("chr").partition(":")
        start, end = map(int, bases.split("-"))
        own = found[(found["type"] == peak["type"]) & (found["chromosome"] == name)]
        inside = own[(own["start"] <= end) & (own["end"] >= start)]
        assert inside["minus_log10_q"].max() == pytest.approx(-np.log10(peak["q"]), abs=0.03)
    compared(len(lesions.peaks))


@pytest.mark.parametrize("case", prefixes("gistic", "_segments.tsv.gz"))
def test_segments_are_read(case: str, compared: Callable[[int], None]) -> None:
    found = read_segments(vectors("gistic", case) / f"{case}_segments.tsv.gz")
    # Of copy change, 2^(1 + log2 ratio) - 2, which GISTIC2 caps at log2 ratios of 1.5.
    assert found["log2_ratio"].between(-2, 2**2.5 - 2 + 1e-6).all()
    compared(len(found))
