"""clusterProfiler, DOSE and fgsea: over-representation tables, enrichment scores and leading edges of the originals."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from analysis.omics.gmt import GeneSets, read_gmt
from analysis.omics.gsea import (
    EnrichmentScore,
    Ranking,
    enrichment_score,
    gene_set_enrichment,
    positions_in,
    rank_genes,
    running_sum,
)
from analysis.omics.over_representation import OverRepresentation, over_represented
from analysis.stats.arrays import IntArray
from tests.parity.omics.cases import NONE, prefixes, vectors
from tests.parity.omics.named_rows import records, text_of

Count = Callable[[int], None]


@pytest.fixture(scope="module")
def pathways() -> GeneSets:
    return read_gmt(text_of(next(vectors("enrichment", "pathways").glob("wikipathways*.gmt.gz"))))


@pytest.fixture(scope="module")
def ranking() -> Ranking:
    rows = records(vectors("enrichment", "ranking") / "geneList.tsv.gz")[1:]
    return rank_genes([gene for gene, _ in rows], [float(value) for _, value in rows])


def cases(start: str, ending: str) -> list[str]:
    return [case for case in prefixes("enrichment", ending) if case.startswith(start)] or [NONE]


def gene_list(folder: Path, case: str) -> list[str]:
    """The list of a case; of one with other sets, the list that the rest of its name says."""
    named = (f"{case}_genes.txt", f"ora_{case.rsplit('_', 1)[-1]}_genes.txt")
    return text_of(next(folder / name for name in named if (folder / name).exists())).split()


def of_case(folder: Path, case: str, pathways: GeneSets, ranking: Ranking) -> tuple[OverRepresentation, GeneSets]:
    """What the words in the name of a case say: GO sets with their background, a universe of the ranked genes."""
    genes, words = gene_list(folder, case), case.split("_")
    universe = set(ranking.genes) if "universe" in words else None
    if "goMF" not in words:
        return over_represented(genes, pathways.genes, universe=universe), pathways
    sets = read_gmt(text_of(folder / "go_mf_sets.gmt.gz"))
    annotated = set(text_of(folder / "go_mf_background.txt.gz").split())
    return over_represented(genes, sets.genes, annotated=annotated, universe=universe), sets


@pytest.mark.parametrize("case", cases("ora_", ".tsv"))
def test_over_representation_is_that_of_cluster_profiler(
    case: str, compared: Count, pathways: GeneSets, ranking: Ranking
) -> None:
    folder = vectors("enrichment", case)
    header, *rows = records(folder / f"{case}.tsv")
    found, sets = of_case(folder, case, pathways, ranking)
    place = {name: i for i, name in enumerate(found.sets)}
    assert sorted(place) == sorted(row[0] for row in rows)
    computed = {"pvalue": found.p, "p.adjust": found.adjusted_p, "qvalue": found.q}
    for row in (dict(zip(header, row, strict=True)) for row in rows):
        i = place[row["ID"]]
        told = {
            "Description": sets.titles[row["ID"]],
            "GeneRatio": f"{found.overlap[i]}/{found.listed}",
            "BgRatio": f"{found.size[i]}/{found.universe}",
            "geneID": "/".join(found.genes[i]),
            "Count": str(found.overlap[i]),
        }
        assert {key: row[key] for key in told} == told
        for name, values in computed.items():
            assert values[i] == pytest.approx(float(row[name]), rel=1e-10, abs=1e-14, nan_ok=True), (row["ID"], name)
    assert (np.diff(found.p) >= 0).all()
    compared(len(rows) * len(header))


@pytest.mark.parametrize("case", cases("gsea_es_", ".tsv.gz"))
def test_scores_and_leading_edges_are_those_of_dose(
    case: str, compared: Count, pathways: GeneSets, ranking: Ranking
) -> None:
    folder = vectors("enrichment", case)
    rows = records(folder / f"{case}.tsv.gz")[1:]
    exponent = float(case.rsplit("exp", 1)[-1])
    for name, size, score, rank, edge, core in rows:
        places = positions_in(ranking, set(pathways.genes[name]))
        found = enrichment_score(ranking, places, exponent)
        assert found.score == pytest.approx(float(score), abs=1e-12), name
        assert [str(len(places)), str(found.rank), percentages(found), "/".join(found.leading_edge)] == [
            size,
            rank,
            edge,
            core,
        ]
    compared(5 * len(rows))


def percentages(found: EnrichmentScore) -> str:
    shares = {"tags": found.tags, "list": found.length, "signal": found.signal}
    return ", ".join(f"{name}={round(100 * share)}%" for name, share in shares.items())


class Fgsea:
    """Statistics and the places of sets among them, counted from 1."""

    def __init__(self) -> None:
        self.folder = vectors("enrichment", "fgsea") / "fgsea_cpp"
        statistics = np.array(text_of(self.folder / "stats.tsv").split()[1:], dtype=np.float64)
        self.ranking = Ranking(tuple(f"g{i}" for i in range(len(statistics))), statistics)


def test_scores_are_those_of_fgsea(compared: Count) -> None:
    fgsea = Fgsea()
    sets = [np.array(row, dtype=np.int64) - 1 for row in records(fgsea.folder / "pathways.tsv")]
    rows = records(fgsea.folder / "ref_calcGseaStatBatchCpp.tsv")[1:]
    for index, _, size, score in rows:
        places = sets[int(index)]
        assert len(places) == int(size)
        assert enrichment_score(fgsea.ranking, places).score == pytest.approx(float(score), abs=1e-12)
    compared(2 * len(rows))


def test_scores_of_growing_sets_are_those_of_fgsea(compared: Count) -> None:
    fgsea = Fgsea()
    places = np.array(text_of(fgsea.folder / "cumulative_selectedStats.tsv").split(), dtype=np.int64) - 1
    rows = records(fgsea.folder / "ref_calcGseaStatCumulative.tsv")[1:]
    for kind, index, value in rows:
        part = places[: int(index) + 1]
        curve = running_sum(fgsea.ranking, part)
        found = {"std": enrichment_score(fgsea.ranking, part).score, "pos": curve.max(), "neg": curve.min()}
        assert found[kind] == pytest.approx(float(value), abs=1e-12), (kind, index)
    compared(len(rows))


# Of each set of pathways.tsv: how many of 1000 random sets have the sign of its score, the sum of their scores, and how
# many are as extreme (fgsea's calcGseaStatCumulativeBatch, weight 1, seed 42).
OF_RANDOM_SETS = [
    (928, 330.291560, 777),
    (928, 330.291560, 219),
    (941, 328.201568, 513),
    (941, 324.150371, 687),
    (947, 321.937267, 113),
    (953, 319.365168, 85),
    (953, 319.337379, 479),
    (47, -8.882296, 1),
    (960, 318.964206, 259),
    (964, 317.233750, 333),
    (964, 314.906892, 221),
    (31, -5.612704, 2),
    (979, 312.953387, 74),
    (987, 310.976361, 21),
    (990, 307.997742, 199),
    (995, 303.640565, 237),
    (998, 296.553689, 0),
    (999, 292.091623, 958),
    (1000, 282.813711, 121),
    (1000, 265.058858, 2),
]


def test_normalised_scores_and_p_values_are_those_of_random_sets_in_fgsea(compared: Count) -> None:
    fgsea = Fgsea()
    sets = {
        str(index): [fgsea.ranking.genes[int(place) - 1] for place in row]
        for index, row in enumerate(records(fgsea.folder / "pathways.tsv"))
    }
    found = gene_set_enrichment(fgsea.ranking, sets, seed=42)
    assert len(found.sets) == len(OF_RANDOM_SETS)
    for index, (same_sign, total, extreme) in enumerate(OF_RANDOM_SETS):
        row = found.sets.index(str(index))
        assert found.normalized[row] == pytest.approx(found.scores[row].score * same_sign / abs(total), rel=0.03), index
        if extreme:
            p = (extreme + 1) / (same_sign + 1)
            assert np.log10(found.p[row]) == pytest.approx(np.log10(p), abs=0.3), index
        else:
            assert found.p[row] < 1 / (same_sign + 1)
    compared(2 * len(OF_RANDOM_SETS))


# Weights 1 to 3000, size and score of a set, and its p by fgsea's fgseaMultilevelCpp (sample 101, seed 42).
MULTILEVEL = [(25, -0.4, 0.13062874604525526), (25, -0.6, 4.5421308174593853e-05), (100, -0.4, 0.00098614393651546835)]


def test_p_values_by_splitting_are_those_of_fgsea(compared: Count) -> None:
    """Random sets have nearly always a score below 0 here, so that p given the sign is p."""
    ranking = Ranking(tuple(f"g{i}" for i in range(3000)), -np.arange(1.0, 3001.0))
    sets = {f"{size} {score}": set_with_score(ranking, size, score) for size, score, _ in MULTILEVEL}
    sets["far below"] = set_with_score(ranking, 100, -0.6)
    found = gene_set_enrichment(ranking, sets, seed=42)
    p = dict(zip(found.sets, found.p.tolist(), strict=True))
    for size, score, wanted in MULTILEVEL:
        assert np.log10(p[f"{size} {score}"]) == pytest.approx(np.log10(wanted), abs=0.3), (size, score)
    # fgsea says 7e-16: below this it is not looked any closer.
    assert p["far below"] <= 1e-10
    compared(len(p))


def set_with_score(ranking: Ranking, size: int, wanted: float) -> list[str]:
    """Genes at even distances up to the last one, from where on they have the score."""
    n = len(ranking.genes)

    def from_(start: int) -> IntArray:
        return np.linspace(start, n - 1, size).round().astype(np.int64)

    best = min(range(n // 3, n - size), key=lambda start: abs(enrichment_score(ranking, from_(start)).score - wanted))
    assert enrichment_score(ranking, from_(best)).score == pytest.approx(wanted, abs=0.001)
    return [ranking.genes[place] for place in from_(best)]


def test_p_values_of_the_largest_scores_are_small(compared: Count, pathways: GeneSets, ranking: Ranking) -> None:
    # Retinoblastoma, DNA replication and cell cycle are up in these tumours whatever the random sets.
    names = ("WP2446", "WP466", "WP179", "WP23", "WP437")
    found = gene_set_enrichment(ranking, {name: pathways.genes[name] for name in names}, seed=1)
    assert set(found.sets[:3]) == {"WP2446", "WP466", "WP179"}
    assert (found.p[:3] < 1e-6).all()
    assert (found.normalized[:3] > 2).all()
    compared(6)
