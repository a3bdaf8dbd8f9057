"""ESTIMATE: how much stroma and immune infiltrate a tumour's expression shows, from the ranks of its genes alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.omics.errors import OmicsInputError
from analysis.omics.matrices import Provenance, expression, input_hash, one_row_a_gene
from analysis.stats.arrays import BoolArray, FloatArray
from analysis.stats.ranks import midranks

VERSION = "1"
EXPONENT = 0.25
RANK_SCALE = 10_000.0
# Yoshihara et al. 2013, from Affymetrix arrays of TCGA.
PURITY_INTERCEPT, PURITY_SLOPE = 0.6049872018, 0.0001467884


@dataclass(frozen=True)
class EstimateScores:
    """``scores`` has samples in rows and the columns stromal, immune, estimate, purity.

    The purity is NaN where the cosine is negative. It was fitted on Affymetrix arrays: of RNA sequencing show the
    scores only. ``rescued`` are the genes that stand for a missing symbol as its alias.
    """

    scores: pd.DataFrame
    rescued: Mapping[str, str]
    provenance: Provenance


def estimate(
    table: pd.DataFrame,
    *,
    common_genes: Sequence[str],
    stromal: Sequence[str],
    immune: Sequence[str],
    aliases: Mapping[str, Sequence[str]] | None = None,
) -> EstimateScores:
    """Scores of each sample.

    Parameters
    ----------
    table : DataFrame, genes x samples
        Expression on any scale that keeps the order of genes within a sample; symbols as in ``common_genes``.
    common_genes : sequence of str
        The genes that all platforms share; only these are ranked.
    stromal, immune : sequence of str
        The two signatures.
    aliases : mapping, optional
        Other symbols of the common genes. A missing one then takes the gene of the table that is its only alias there,
        if that gene is the alias of no other missing one.

    Raises
    ------
    OmicsInputError
        A value is not finite, a common gene has two rows, or no common gene is there.

    Notes
    -----
    Ranks r times 10000/N weigh hits by r^0.25; the score is the sum over all places of the running share of hits minus
    that of misses. Missing common genes move all scores. Without aliases as the original ESTIMATE, with them as
    tidyestimate, also in which of two equal values comes first. Yoshihara et al., Nat Commun 2013; 4: 2612.
    """
    common = sorted(set(common_genes))
    rescued = _rescued(table.index.astype(str), common, aliases or {})
    renamed = table.rename(index={gene: symbol for symbol, gene in rescued.items()})
    known = one_row_a_gene(renamed[renamed.index.isin(common)])
    if known.empty:
        raise OmicsInputError("The expression has none of the common genes: gene symbols are wanted.")
    # The order decides between equal values: the original's is alphabetical, tidyestimate's its input's, aliases last.
    used = expression(known.sort_index() if aliases is None else _aliases_last(known, rescued))
    scores = pd.DataFrame(index=used.columns)
    for name, signature in (("stromal", stromal), ("immune", immune)):
        scores[name] = _sums(used.to_numpy(), used.index.isin(signature))
    scores["estimate"] = scores["stromal"] + scores["immune"]
    purity = np.cos(PURITY_INTERCEPT + PURITY_SLOPE * scores["estimate"])
    scores["purity"] = purity.where(purity >= 0)
    return EstimateScores(
        scores,
        rescued,
        Provenance(
            "ESTIMATE",
            VERSION,
            genes_found=len(used),
            genes_expected=len(common),
            input_hash=input_hash(used),
            parameters={
                "stromal_genes": int(used.index.isin(stromal).sum()),
                "immune_genes": int(used.index.isin(immune).sum()),
                "rescued_by_alias": len(rescued),
            },
        ),
    )


def _sums(values: FloatArray, hit: BoolArray) -> FloatArray:
    """Sum over the places of each sample of (cumulative hits - cumulative misses); shape (samples,).

    What is added at a place counts from there to the end, so that a sum of sums is one sum.
    """
    n, hits = len(values), int(hit.sum())
    if not 0 < hits < n:
        return np.full(values.shape[1], np.nan)
    ranks = np.apply_along_axis(midranks, 0, values)
    weights = (RANK_SCALE * ranks / n) ** EXPONENT
    order = np.argsort(-values, axis=0, kind="stable")
    remaining = np.empty(values.shape)
    np.put_along_axis(remaining, order, np.arange(n, 0, -1.0)[:, None], axis=0)
    gained: FloatArray = (weights[hit] * remaining[hit]).sum(axis=0) / weights[hit].sum(axis=0)
    lost: FloatArray = remaining[~hit].sum(axis=0) / (n - hits)
    return gained - lost


def _aliases_last(known: pd.DataFrame, rescued: Mapping[str, str]) -> pd.DataFrame:
    alias = known.index.isin(list(rescued))
    return pd.concat([known[~alias], known[alias]])


def _rescued(present: pd.Index, common: Sequence[str], aliases: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The gene of the table that stands for each missing symbol."""
    there = set(present)
    candidates = {
        symbol: found
        for symbol in common
        if symbol not in there and (found := [alias for alias in set(aliases.get(symbol, ())) if alias in there])
    }
    claims = Counter(alias for found in candidates.values() for alias in found)
    return {symbol: found[0] for symbol, found in candidates.items() if len(found) == 1 and claims[found[0]] == 1}
