"""Sets of genes: over-representation in a list, enrichment in a ranking, scores by sample."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.discovery import licences
from analysis.discovery.loading import Expression
from analysis.discovery.method import DIFFERENTIAL, GENES, SCORES, Earlier, Given, Method, Outcome, Role
from analysis.discovery.methods.differential import ALL
from analysis.discovery.methods.tables import SAMPLE, counted, listed, medians, named
from analysis.discovery.parameters import Parameter
from analysis.discovery.sources import EXPRESSION, IDENTIFIERS, SETS
from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import LOG2
from analysis.omics.gmt import GeneSets
from analysis.omics.gsea import Ranking, gene_set_enrichment, positions_in, rank_genes
from analysis.omics.over_representation import LARGEST_SET, SMALLEST_SET, over_represented
from analysis.omics.set_scores import SetScores, combined_z, gsva, plage, ssgsea

MOST_NAMED = 5
SIZES = {"smallest": Parameter(int, SMALLEST_SET, least=1), "largest": Parameter(int, LARGEST_SET, least=1)}
SCORERS: Mapping[str, Callable[..., SetScores]] = {"gsva": gsva, "ssgsea": ssgsea, "zscore": combined_z, "plage": plage}


def _translated(genes: Iterable[str], identifiers: Mapping[str, str] | None) -> list[str]:
    """In the identifiers of the sets; genes that the table does not know are left out."""
    if identifiers is None:
        return list(dict.fromkeys(genes))
    return list(dict.fromkeys(identifiers[gene] for gene in genes if gene in identifiers))


def _over_representation(given: Given) -> Outcome:
    asked = given.parameters
    sets: GeneSets = given.one("sets")
    identifiers = given.one("identifiers")
    one: Earlier = given.one("genes")
    chosen = one.outcome.lists[one.part]
    genes = _translated(chosen, identifiers)
    if not genes:
        raise OmicsInputError(f"The list {one.name}:{one.part} has no gene of the kind of the sets.")
    universe = set(_translated(one.outcome.lists.get(ALL, ()), identifiers)) if asked["universe"] else None
    found = over_represented(
        genes, sets.genes, universe=universe or None, smallest=asked["smallest"], largest=asked["largest"]
    )
    table = pd.DataFrame(
        {
            "set": found.sets,
            "title": [sets.titles[name] for name in found.sets],
            "overlap": found.overlap,
            "listed": found.listed,
            "size": found.size,
            "universe": found.universe,
            "fold_enrichment": found.fold_enrichment,
            "p": found.p,
            "adjusted_p": found.adjusted_p,
            "q": found.q,
            "genes": [" ".join(genes) for genes in found.genes],
        }
    )
    is_found = (table["p"] < asked["alpha"]) & (table["adjusted_p"] < asked["alpha"])
    is_found &= ~(table["q"] >= asked["most_q"])
    return _told(table, is_found, f"{found.listed} of {counted(len(chosen), 'gene')} are in a set", asked["alpha"])


def _told(table: pd.DataFrame, is_found: pd.Series, said: str, alpha: float) -> Outcome:
    titles = table["title"].where(table["title"] != "", table["set"])[is_found]
    first = f": {listed(list(titles), MOST_NAMED)}" if len(titles) else ""
    return Outcome(
        table.assign(found=is_found),
        (f"{said}; {counted(len(table), 'set')} tested.", f"Found at {alpha:g}: {counted(len(titles), 'set')}{first}."),
        {"tested": len(table), "found": len(titles)},
    )


def _gsea(given: Given) -> Outcome:
    asked = given.parameters
    sets: GeneSets = given.one("sets")
    identifiers = given.one("identifiers")
    ranked = given.one("ranking").outcome.table.dropna(subset=[asked["statistic"]])
    genes, values = list(ranked["gene"]), ranked[asked["statistic"]].to_numpy()
    if identifiers is not None:
        known = np.array([gene in identifiers for gene in genes])
        genes, values = [identifiers[gene] for gene in genes if gene in identifiers], values[known]
    ranking = rank_genes(genes, values)
    found = gene_set_enrichment(
        ranking, sets.genes, seed=given.seed, smallest=asked["smallest"], largest=asked["largest"]
    )
    table = pd.DataFrame(
        {
            "set": found.sets,
            "title": [sets.titles[name] for name in found.sets],
            "size": found.size,
            "score": [one.score for one in found.scores],
            "normalized": found.normalized,
            "p": found.p,
            "adjusted_p": found.adjusted_p,
            "q": found.q,
            "rank": [one.rank for one in found.scores],
            "leading_edge": [" ".join(one.leading_edge) for one in found.scores],
        }
    )
    is_found = (table["adjusted_p"] < asked["alpha"]) & ~(table["q"] >= asked["most_q"])
    said = f"{counted(len(ranking.genes), 'gene')} ranked by {asked['statistic']}"
    told = _told(table, is_found, said, asked["alpha"])
    ranked = pd.DataFrame({"gene": ranking.genes, "statistic": ranking.statistics})
    return replace(told, extra={"ranking": ranked, "hits": _hits(table, ranking, sets)})


def _hits(table: pd.DataFrame, ranking: Ranking, sets: GeneSets) -> pd.DataFrame:
    """Places of the genes of the first set on either side, from 0."""
    rows = []
    for side, own in (("up", table[table["score"] > 0]), ("down", table[table["score"] < 0])):
        for name in own["set"].head(1):
            places = positions_in(ranking, set(sets.genes[name]))
            rows += [{"side": side, "set": name, "place": place} for place in places.tolist()]
    return pd.DataFrame(rows, columns=["side", "set", "place"])


def _set_scores(given: Given) -> Outcome:
    asked = given.parameters
    expression: Expression = given.one("expression").within(asked["within"])
    sets: GeneSets = given.one("sets")
    chosen = {name: sets.genes[name] for name in asked["only"] if name in sets.genes} if asked["only"] else sets.genes
    lacking = [name for name in asked["only"] if name not in sets.genes]
    if lacking:
        raise OmicsInputError(f"The sets have none called {lacking[0]}.")
    found = SCORERS[asked["by"]](expression.logged() if asked["log"] else expression.matrix, chosen)
    table = pd.DataFrame(found.values.T, index=list(found.samples), columns=list(found.sets))
    sizes = pd.DataFrame({"set": found.sets, "genes_found": found.size, "genes": [len(chosen[n]) for n in found.sets]})
    return Outcome(
        named(table, SAMPLE),
        (
            f"{asked['by']} of {counted(len(found.sets), 'set')} in {counted(len(found.samples), 'sample')}.",
            f"Medians: {medians(table)}.",
        ),
        {"samples": len(found.samples), "sets": len(found.sets)},
        warnings=expression.notes,
        extra={"sets": sizes},
    )


OVER_REPRESENTATION = Method(
    "over_representation",
    "Over-representation",
    "1",
    _over_representation,
    {
        "genes": Role((DIFFERENTIAL, GENES), part="list"),
        "sets": Role((SETS,), required=False, needs=licences.SETS),
        "identifiers": Role((IDENTIFIERS,), required=False),
    },
    {
        **SIZES,
        "alpha": Parameter(float, 0.05, above=0, most=1),
        "most_q": Parameter(float, 0.05, above=0, most=1),
        "universe": Parameter(bool, True),
    },
)
GSEA = Method(
    "gsea",
    "Gene set enrichment (GSEA)",
    "1",
    _gsea,
    {
        "ranking": Role((DIFFERENTIAL,)),
        "sets": Role((SETS,), required=False, needs=licences.SETS),
        "identifiers": Role((IDENTIFIERS,), required=False),
    },
    {
        **SIZES,
        "statistic": Parameter(str, "log_fold_change", ("log_fold_change", "statistic")),
        "alpha": Parameter(float, 0.05, above=0, most=1),
        "most_q": Parameter(float, 0.25, above=0, most=1),
    },
    seeded=True,
)
SET_SCORES = Method(
    "set_scores",
    "Scores of sets of genes",
    "1",
    _set_scores,
    {
        "expression": Role((EXPRESSION,)),
        "sets": Role((SETS,), required=False, needs=licences.SETS),
    },
    {
        "by": Parameter(str, "gsva", tuple(SCORERS)),
        "within": Parameter(str, None),
        "log": Parameter(bool, False),
        "only": Parameter(str, [], listed=True),
    },
    gives=SCORES,
    units=lambda asked: (LOG2, "TPM", "FPKM", "counts") if asked["log"] or asked["by"] == "ssgsea" else (LOG2,),
    hint='log = true takes log2(x + 1); by = "ssgsea" takes any unit',
)
