"""Somatic mutations and copy number."""

from collections.abc import Mapping, Set
from typing import Any

import numpy as np
import pandas as pd

from analysis.discovery.method import COPIES, Given, Method, Outcome, Role
from analysis.discovery.methods.tables import GENE, SAMPLE, counted, listed, named
from analysis.discovery.parameters import Parameter
from analysis.discovery.sources import GISTIC, MUTATIONS, PLACES, SEGMENTS, Source
from analysis.omics.copy_calls import call_shares, gene_calls, sample_cutoffs
from analysis.omics.copy_profiles import copy_profiles
from analysis.omics.errors import OmicsInputError
from analysis.omics.gene_copies import arm_copies, gene_copies
from analysis.omics.gistic import gistic_summary, read_gene_calls, read_lesions, read_peak_genes
from analysis.omics.maf import Mutations
from analysis.omics.maf_summary import mutational_burden, shares_mutated, summary
from analysis.omics.onco_matrix import onco_matrix
from analysis.omics.titv import transitions_transversions

NO_ARMS = "Without arms there are no high-level calls: a gain or a loss is of any size."
ARMS = "High-level calls rest on medians of the arms themselves, which stand for GISTIC's broad reconstruction."
MOST_NAMED = 6
# Tables of copy number, genes x samples.
VALUES, CALLS = "values", "calls"


def _mutation_summary(given: Given) -> Outcome:
    cohort: Mutations = given.one("mutations")
    found = summary(cohort)
    shares = shares_mutated(cohort)
    genes = named(found.by_gene, GENE)
    genes["share"] = shares.reindex(found.by_gene.index).to_numpy()
    burden = mutational_burden(cohort, capture_megabases=given.parameters["capture_megabases"])
    titv = transitions_transversions(cohort)
    asked = [gene for gene in given.parameters["genes"] if gene in shares.index]
    chosen = asked or list(shares.index[:MOST_NAMED])
    ti = float(titv.ti_tv["Ti"].mean())
    headline = [
        f"{counted(found.samples, 'sample')}, {len(cohort.non_silent)} non-silent and {found.silent} silent variants "
        f"in {counted(found.genes, 'gene')}.",
        "Mutated: " + ", ".join(f"{gene} {100 * shares[gene]:.1f} %" for gene in chosen) + ".",
        f"Median burden {burden['per_megabase'].median():.3g} per megabase; transitions {ti:.1f} % of substitutions.",
    ]
    if given.parameters["genes"]:
        hit = cohort.non_silent["Hugo_Symbol"].isin(given.parameters["genes"])
        altered = int(cohort.non_silent["Tumor_Sample_Barcode"][hit].nunique())
        headline.append(
            f"Of {counted(len(given.parameters['genes']), 'gene')} asked for {len(asked)} are mutated, in {altered} of "
            f"{found.samples} samples ({100 * altered / found.samples:.2f} %)."
        )
    notes = (f"{counted(cohort.repeated, 'repeated row')} left out.",) if cohort.repeated else ()
    return Outcome(
        genes,
        headline,
        {
            "samples": found.samples,
            "genes": found.genes,
            "non_silent": len(cohort.non_silent),
            "silent": found.silent,
            "shares": {gene: float(shares[gene]) for gene in chosen},
        },
        warnings=notes,
        extra={
            "classes": named(found.classes, "class"),
            "samples": named(found.by_sample, SAMPLE),
            "types": named(found.types_by_sample, SAMPLE),
            "burden": named(burden, SAMPLE),
            "titv": named(titv.counts.join(titv.ti_tv), SAMPLE),
        },
    )


def _waterfall(given: Given) -> Outcome:
    cohort: Mutations = given.one("mutations")
    genes = list(dict.fromkeys(_genes(given)))
    found = onco_matrix(cohort, genes=genes or None, top=given.parameters["top"])
    shown = len(found.hits)
    said = f"{shown} of {counted(len(genes), 'gene')} are mutated" if genes else f"The {shown} most mutated genes"
    return Outcome(
        named(found.hits, GENE),
        (f"{said}: {found.altered} of {found.samples} samples altered ({100 * found.share_altered:.2f} %).",),
        {"genes": list(found.hits.index), "altered": found.altered, "samples": found.samples},
        extra={"burden": named(mutational_burden(cohort).loc[list(found.hits.columns)], SAMPLE)},
    )


def _genes(given: Given) -> list[str]:
    """Genes by name, and those of the lists of earlier steps."""
    found = list(given.parameters["genes"])
    for one in given.all("lists"):
        found += one.outcome.lists[one.part]
    return found


def _copy_number(given: Given) -> Outcome:
    gistic: Source | None = given.one("gistic")
    if gistic is not None:
        return _of_gistic(gistic)
    asked = given.parameters
    profiles = copy_profiles(given.one("segments"))
    copies = gene_copies(profiles, given.one("places"), collapse=asked["collapse"])
    arms = given.one("arms")
    cutoffs = pd.DataFrame({"Low": -np.inf, "High": np.inf}, index=copies.values.columns)
    if arms is not None:
        cutoffs = sample_cutoffs(arm_copies(profiles, arms), gain=asked["gain"], loss=asked["loss"])
    calls = gene_calls(copies.values, cutoffs, gain=asked["gain"], loss=asked["loss"])
    notes = [ARMS if arms is not None else NO_ARMS]
    if profiles.excluded:
        notes.append(f"Too many segments, left out: {listed(profiles.excluded)}.")
    if copies.not_covered:
        notes.append(f"No marker at {listed(copies.not_covered)}.")
    return _called(calls, notes, {VALUES: named(copies.values, GENE), CALLS: named(calls, GENE)})


def _of_gistic(source: Source) -> Outcome:
    calls_file, lesions_file = source.path("calls"), source.path("lesions")
    if calls_file is not None:
        calls = read_gene_calls(calls_file)
        return _called(calls, [], {CALLS: named(calls, GENE)})
    if lesions_file is None:
        raise OmicsInputError(f"{source.place} names neither calls nor lesions.")
    lesions = read_lesions(lesions_file)
    amplified, deleted = (
        read_peak_genes(path) if (path := source.path(key)) else [] for key in ("amplified", "deleted")
    )
    found = gistic_summary(lesions, amplified, deleted)
    table = named(lesions.peaks.assign(altered=(lesions.calls > 0).sum(axis=1)), "lesion")
    return Outcome(
        table,
        (
            f"{counted(found.samples, 'sample')}, {counted(found.cytobands, 'peak')} with "
            f"{counted(found.genes, 'gene')}: {found.amplified} times amplified, {found.deleted} times deleted.",
        ),
        {
            "samples": found.samples,
            "peaks": found.cytobands,
            "genes": found.genes,
            "amplified": found.amplified,
            "deleted": found.deleted,
        },
    )


def _called(calls: pd.DataFrame, notes: list[str], extra: dict[str, pd.DataFrame]) -> Outcome:
    shares = call_shares(calls)
    shares["altered"] = 1 - shares["neutral"]
    ordered = shares.sort_values("altered", ascending=False, kind="stable")
    altered = int((shares["altered"] > 0).sum())
    rows = [
        f"{gene} gained in {100 * (row['gain'] + row['amplification']):.1f} %, lost in "
        f"{100 * (row['loss'] + row['deep_deletion']):.1f} %"
        for gene, row in ordered.head(MOST_NAMED).iterrows()
    ]
    return Outcome(
        named(ordered, GENE),
        (
            f"{counted(calls.shape[1], 'sample')}; {altered} of {counted(len(calls), 'gene')} altered in some sample.",
            "Most altered: " + "; ".join(rows) + ".",
        ),
        {"samples": calls.shape[1], "genes": len(calls), "altered": altered},
        warnings=notes,
        extra=extra,
    )


def _lacks_copies(_asked: Mapping[str, Any], roles: Set[str]) -> str:
    if "gistic" in roles or {"segments", "places"} <= roles:
        return ""
    return "names segments with places of genes, or what GISTIC wrote (gistic)"


MUTATION_SUMMARY = Method(
    "mutation_summary",
    "Somatic mutations",
    "1",
    _mutation_summary,
    {"mutations": Role((MUTATIONS,))},
    {"capture_megabases": Parameter(float, 50.0, above=0), "genes": Parameter(str, [], listed=True)},
)
WATERFALL = Method(
    "waterfall",
    "Waterfall of mutations",
    "1",
    _waterfall,
    {"mutations": Role((MUTATIONS,)), "lists": Role(("differential", "genes"), False, several=True, part="list")},
    {"genes": Parameter(str, [], listed=True), "top": Parameter(int, 10, least=1)},
)
COPY_NUMBER = Method(
    "copy_number",
    "Copy number of genes",
    "2",
    _copy_number,
    {
        "segments": Role((SEGMENTS,), required=False),
        "places": Role((PLACES,), required=False),
        "arms": Role((PLACES,), required=False),
        "gistic": Role((GISTIC,), required=False),
    },
    {
        "collapse": Parameter(str, "mean", ("mean", "extreme")),
        "gain": Parameter(float, 0.1, above=0),
        "loss": Parameter(float, 0.1, above=0),
    },
    gives=COPIES,
    check=_lacks_copies,
)
