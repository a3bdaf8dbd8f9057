"""Kind ``enrich``: over-representation, camera, rank tests and scores of gene set enrichment."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from analysis.omics.competitive import camera, gene_set_test
from analysis.omics.gsea import enrichment_score, positions_in, rank_genes
from analysis.omics.over_representation import hypergeometric_tail, q_values
from analysis.stats.multiplicity import benjamini_hochberg
from tests.parity.matrices import keys_at
from tests.parity.places import look_up, split
from tests.parity.recipes import Analysis, UnknownKeyError

KEYS = frozenset(
    {
        "inputs",
        "top",
        "method",
        "universe",
        "de",
        "n_universe",
        "n_de",
        "inter_gene_correlation",
        "alternative",
        "statistic_type",
        "ranks_only",
        "weight",
    }
)
SIZES = re.compile(r"size_(?P<smallest>\d+)_(?P<largest>\d+)$")


class _Inputs:
    """Ids with a statistic, and sets, as the document states them."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.genes = [str(gene) for gene in self.at("ids")]
        self.statistics = np.array(self.at("statistic"), dtype=np.float64)
        self.sets = {name: [str(gene) for gene in genes] for name, genes in self.at("sets").items()}

    def at(self, key: str) -> Any:
        return look_up(self.analysis.document, split(self.analysis.recipe["inputs"][key]))

    def given(self, key: str) -> Any:
        """A number that the recipe gives by its place in the document."""
        return look_up(self.analysis.document, split(self.analysis.recipe[key]))

    def top(self) -> list[str]:
        order = np.argsort(-np.abs(self.statistics), kind="stable")[: self.analysis.recipe["top"]]
        return [self.genes[i] for i in order]


def compute(analysis: Analysis) -> Any:
    """What one method gives for all sets."""
    method = analysis.recipe["method"]
    if method not in METHODS:
        raise UnknownKeyError(f"enrich does not know the method {method!r}.")
    return METHODS[method](_Inputs(analysis))


def _ora(inputs: _Inputs) -> dict[str, Any]:
    recipe = inputs.analysis.recipe
    listed, known = set(inputs.top()), set(inputs.genes)
    universe = len(known) if "universe" in recipe else int(inputs.given("n_universe"))
    drawn = len(listed) if "universe" in recipe else int(inputs.given("n_de"))
    size = np.array([len(known & set(genes)) for genes in inputs.sets.values()])
    overlap = np.array([len(listed & set(genes)) for genes in inputs.sets.values()])
    p = hypergeometric_tail(overlap, size, drawn, universe)
    names = list(inputs.sets)
    found: dict[str, Any] = {
        "N_universe": universe,
        "n_de": drawn,
        "sets": names,
        "set_size": size,
        "overlap": overlap,
        "p_hypergeometric": p,
        "p_fisher_greater": p,
        "padj_BH_all": benjamini_hochberg(p),
        "term": names,
        "N": size,
        "DE": overlap,
        "P": p,
    }
    for key in keys_at(inputs.analysis):
        if bounds := SIZES.match(key):
            kept = (size >= int(bounds["smallest"])) & (size <= int(bounds["largest"]))
            found[key] = {
                "sets": [name for name, keep in zip(names, kept.tolist(), strict=True) if keep],
                "padj_BH": benjamini_hochberg(p[kept]),
                "qvalue_lambda0.05_bootstrap": q_values(p[kept]),
            }
    return found


def _camera(inputs: _Inputs) -> dict[str, Any]:
    correlation = inputs.analysis.recipe["inter_gene_correlation"]
    found = camera(inputs.genes, inputs.statistics, inputs.sets, correlation=correlation)
    return {
        "sets": list(found.sets),
        "n": found.size,
        "direction": ["Up" if upwards else "Down" for upwards in found.upwards],
        "P": found.p,
        "FDR": found.adjusted_p,
    }


def _gene_set_test(inputs: _Inputs) -> Any:
    recipe = inputs.analysis.recipe
    if not recipe["ranks_only"]:
        raise UnknownKeyError("enrich knows gene set tests on ranks only.")
    return gene_set_test(inputs.genes, inputs.statistics, inputs.sets, alternative=recipe["alternative"])


def _scores(inputs: _Inputs) -> dict[str, float]:
    ranking, weight = rank_genes(inputs.genes, inputs.statistics), inputs.analysis.recipe["weight"]
    return {
        name: enrichment_score(ranking, positions_in(ranking, set(genes)), weight).score
        for name, genes in inputs.sets.items()
    }


METHODS: dict[str, Callable[[_Inputs], Any]] = {
    "top by |statistic|": lambda inputs: inputs.top(),
    "ora": _ora,
    "cameraPR": _camera,
    "geneSetTest": _gene_set_test,
    "gsea ES": _scores,
}
