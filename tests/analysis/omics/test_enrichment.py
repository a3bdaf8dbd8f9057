"""Over-representation, enrichment scores, camera and rank tests: worked cases, rules, refusals."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from analysis.omics.competitive import camera, gene_set_test
from analysis.omics.errors import OmicsInputError
from analysis.omics.gsea import enrichment_score, gene_set_enrichment, positions_in, rank_genes, running_sum
from analysis.omics.over_representation import hypergeometric_tail, over_represented, q_values

FEW = settings(max_examples=20, deadline=None)
GENES = [f"g{i}" for i in range(100)]
SETS = {"first": GENES[:20], "spread": GENES[::5], "last": GENES[80:]}


@FEW
@given(st.integers(1, 30), st.integers(0, 30), st.integers(0, 30))
def test_the_tail_is_the_sum_of_binomials(universe: int, size: int, drawn: int) -> None:
    size, drawn = min(size, universe), min(drawn, universe)
    for overlap in range(min(size, drawn) + 1):
        ways = sum(
            comb(size, k) * comb(universe - size, drawn - k) for k in range(overlap, min(size, drawn) + 1) if k <= drawn
        )
        found = hypergeometric_tail([overlap], [size], drawn, universe)
        assert found == pytest.approx([ways / comb(universe, drawn)], rel=1e-12)


def test_a_list_of_one_set_is_over_represented_there() -> None:
    found = over_represented([*GENES[:8], GENES[99], GENES[99], "other"], SETS)
    assert found.sets == ("first", "spread", "last")
    assert (found.listed, found.universe) == (9, 52)
    assert found.overlap.tolist() == [8, 2, 1]
    assert found.genes[1:] == (("g0", "g5"), ("g99",))
    assert found.p[0] == pytest.approx(sum(comb(20, k) * comb(32, 9 - k) for k in (8, 9)) / comb(52, 9))
    assert found.rich_factor[0] == pytest.approx(8 / 20)
    assert found.fold_enrichment[0] == pytest.approx((8 / 9) / (20 / 52))
    assert found.z[0] > 3


def test_genes_are_counted_before_and_sets_after_the_universe_narrows() -> None:
    found = over_represented(GENES[:8], SETS, universe=set(GENES[4:40]), smallest=5)
    assert (found.listed, found.universe) == (8, 20)
    assert dict(zip(found.sets, found.size.tolist(), strict=True)) == {"first": 16, "spread": 7}
    assert dict(zip(found.sets, found.overlap.tolist(), strict=True)) == {"first": 4, "spread": 1}


def test_no_annotated_gene_gives_an_empty_table() -> None:
    found = over_represented(["a", "b"], SETS)
    assert (found.sets, found.listed, found.p.size) == ((), 0, 0)


def test_q_is_the_adjusted_p_times_the_share_of_sets_where_nothing_happens() -> None:
    p = np.array([0.001, 0.01, np.nan, 0.5, 0.9])
    assert q_values(p) == pytest.approx(0.5 / 0.95 * np.array([0.004, 0.02, np.nan, 2 / 3, 0.9]), nan_ok=True)


@pytest.mark.parametrize("p", [[0.2], [0.001, 0.002]])
def test_q_is_missing_where_too_little_is_known(p: list[float]) -> None:
    assert np.isnan(q_values(np.array(p))).all()


def test_a_running_sum_worked_by_hand() -> None:
    ranking = rank_genes(list("abcde"), [4, 2, 1, -1, -3])
    places = positions_in(ranking, {"a", "c"})
    assert running_sum(ranking, places) == pytest.approx([0.8, 0.8 - 1 / 3, 1 - 1 / 3, 1 / 3, 0])
    found = enrichment_score(ranking, places)
    assert (found.rank, found.leading_edge) == (1, ("a",))
    assert found.score == pytest.approx(0.8)
    assert (found.tags, found.length) == (0.5, 0.2)
    assert found.signal == pytest.approx(0.5 * 0.8 * 5 / 3)


def test_a_gene_that_comes_twice_keeps_its_larger_statistic() -> None:
    ranking = rank_genes(["a", "b", "a"], [1, 2, -3])
    assert ranking.genes == ("b", "a")
    assert ranking.statistics.tolist() == [2, -3]


@FEW
@given(st.sets(st.integers(0, 29), min_size=1, max_size=29), st.integers(0, 100))
def test_turning_the_list_round_turns_the_score_round(members: set[int], seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=30)
    names = {GENES[i] for i in members}
    forth, back = (rank_genes(GENES[:30], sign * values) for sign in (1, -1))
    scores = [enrichment_score(ranking, positions_in(ranking, names)).score for ranking in (forth, back)]
    assert scores[0] == pytest.approx(-scores[1]) or abs(scores[0]) == pytest.approx(abs(scores[1]))
    assert -1 <= scores[0] <= 1


def test_the_curve_reaches_the_score() -> None:
    ranking = rank_genes(GENES, np.linspace(3, -3, 100))
    places = positions_in(ranking, set(SETS["last"]))
    curve, found = running_sum(ranking, places), enrichment_score(ranking, places)
    assert found.score == pytest.approx(curve.min())
    assert found.rank == 100 - int(np.argmin(curve))
    assert curve[-1] == pytest.approx(0)


def test_sets_at_the_ends_of_the_list_are_enriched() -> None:
    ranking = rank_genes(GENES, np.linspace(3, -3, 100))
    found = gene_set_enrichment(ranking, SETS, seed=7)
    again = gene_set_enrichment(ranking, dict(reversed(SETS.items())), seed=7)
    by_name = dict(zip(found.sets, found.p.tolist(), strict=True))
    assert by_name["first"] < 1e-4
    assert by_name["last"] < 1e-4
    assert by_name["spread"] > 0.1
    assert {name: score.score for name, score in zip(found.sets, found.scores, strict=True)} == {
        name: score.score for name, score in zip(again.sets, again.scores, strict=True)
    }
    assert gene_set_enrichment(ranking, SETS, seed=7).p.tolist() == found.p.tolist()


def test_many_statistics_of_0_still_give_p_values() -> None:
    statistics = np.zeros(100)
    statistics[:15] = np.arange(15, 0, -1)
    found = gene_set_enrichment(rank_genes(GENES, statistics), SETS, seed=1)
    by_name = dict(zip(found.sets, found.p.tolist(), strict=True))
    assert by_name["first"] < 0.01 < by_name["spread"]
    assert np.isfinite(found.p).all()


def test_sets_of_another_size_are_not_tested() -> None:
    ranking = rank_genes(GENES, np.linspace(3, -3, 100))
    assert gene_set_enrichment(ranking, {"few": GENES[:9]}, seed=1).sets == ()


def test_camera_without_correlation_is_a_t_test() -> None:
    statistics = np.random.default_rng(2).normal(size=100)
    statistics[:20] += 1
    found = camera(GENES, statistics, SETS, correlation=0.0)
    assert found.upwards[0]
    assert found.p[0] == pytest.approx(ttest_ind(statistics[:20], statistics[20:]).pvalue)
    correlated = camera(GENES, statistics, SETS, correlation=0.05)
    assert correlated.p[0] > found.p[0]


def test_a_rank_test_has_the_directions_of_its_alternatives() -> None:
    statistics = np.arange(49.5, -50, -1)
    up, down, either, mixed = (
        gene_set_test(GENES, statistics, SETS, alternative=name) for name in ("up", "down", "either", "mixed")
    )
    assert up[0] < 1e-6 < 1 - 1e-6 < down[0]
    assert either[0] == pytest.approx(2 * up[0])
    assert mixed[[0, 2]] == pytest.approx(mixed[[2, 0]])
    assert mixed[0] < 1e-4


@pytest.mark.parametrize(
    ("genes", "values", "told"),
    [
        (["a", "b"], [1.0], "2 genes are ranked by 1 values"),
        (["a", "b"], [1.0, np.nan], "gene b is missing"),
        (["a", "b"], [np.inf, 1.0], "gene a is missing or infinite"),
        (["a", "a"], [1.0, 2.0], "two genes or more"),
        (["a", " "], [1.0, 2.0], "each with a name"),
    ],
)
def test_what_is_no_ranking_is_refused(genes: list[str], values: list[float], told: str) -> None:
    with pytest.raises(OmicsInputError, match=told):
        rank_genes(genes, values)


def test_a_set_of_all_genes_or_none_is_refused_by_name() -> None:
    ranking = rank_genes(GENES, np.linspace(3, -3, 100))
    with pytest.raises(OmicsInputError, match="The set all holds every"):
        gene_set_enrichment(ranking, {"all": GENES}, seed=1)
    with pytest.raises(OmicsInputError, match="The set none"):
        camera(GENES, ranking.statistics, {"none": ["x"]})
    with pytest.raises(OmicsInputError, match="some of its genes"):
        enrichment_score(ranking, np.array([], dtype=np.int64))


def test_an_empty_question_is_refused() -> None:
    ranking = rank_genes(GENES, np.linspace(3, -3, 100))
    with pytest.raises(OmicsInputError, match="list of genes is empty"):
        over_represented([], SETS)
    with pytest.raises(OmicsInputError, match="no set"):
        over_represented(GENES, {})
    with pytest.raises(OmicsInputError, match="universe"):
        over_represented(GENES, SETS, universe={"x"})
    with pytest.raises(OmicsInputError, match="no set"):
        gene_set_enrichment(ranking, {}, seed=1)
    with pytest.raises(OmicsInputError, match="larger than"):
        hypergeometric_tail([3], [2], 5, 10)
    with pytest.raises(OmicsInputError, match="alternative"):
        gene_set_test(GENES, ranking.statistics, SETS, alternative="less")
    with pytest.raises(OmicsInputError, match="correlation"):
        camera(GENES, ranking.statistics, SETS, correlation=1.0)
