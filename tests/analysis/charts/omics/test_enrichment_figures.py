"""Enrichment of gene sets: bars, dots and the running score."""

from typing import Any

import pytest

from analysis.charts.omics import enrichment, gsea
from analysis.charts.points import points
from tests.analysis.charts.drawing import colours, texts

Capture = pytest.CaptureFixture[str]


def enriched(*rows: tuple[str, int, int, float]) -> dict[str, Any]:
    found = [{"term": term, "count": count, "size": size, "p_adjusted": p} for term, count, size, p in rows]
    return {"collection": "KEGG", "listed": 200, "rows": found}


THREE = enriched(("Cell cycle", 25, 121, 1e-10), ("HALLMARK_P53_PATHWAY", 4, 190, 0.0), ("Nothing", 1, 30, 0.9))


def test_bars_keep_the_order_given_and_say_how_many_of_each_set(capfd: Capture) -> None:
    spec = enrichment.bars(THREE)
    drawn = texts(spec, capfd)
    assert drawn.index("Cell cycle") < drawn.index("HALLMARK P53 PATHWAY") < drawn.index("Nothing")
    assert {"25 of 121", "4 of 190", "1 of 30", "−log10 adjusted p"} <= set(drawn)
    assert {"KEGG, 200 genes in the list", "2 of 3 sets have adjusted p < 0.05"} <= set(drawn)
    assert "Cell cycle: 25 of 121 genes, adjusted p < 0.0001" in spec["description"]
    assert list(colours(spec)) == []
    _, rows = points(spec)
    # A p of 0 is one power of ten beyond the smallest other.
    assert [row["height"] for row in rows if row["layer"] == "terms"] == pytest.approx([10, 11, 0.0458], abs=1e-4)


def test_dots_lie_at_the_gene_ratio(capfd: Capture) -> None:
    spec = enrichment.dots(THREE)
    assert {"Gene ratio (of 200 genes)", "Adjusted p", "Genes", "25", "0.05", "1e-11"} <= set(texts(spec, capfd))
    _, rows = points(spec)
    assert [row["ratio"] for row in rows if row["layer"] == "terms"] == [0.125, 0.02, 0.005]
    assert list(colours(spec)) == []


@pytest.mark.parametrize("draw", [enrichment.bars, enrichment.dots])
def test_no_set_and_a_set_with_p_1_are_drawn(draw: Any, capfd: Capture) -> None:
    assert "0 of 0 sets have adjusted p < 0.05" in texts(draw(enriched()), capfd)
    assert "Alone" in texts(draw(enriched(("Alone", 1, 9, 1.0))), capfd)


def test_more_sets_than_have_room_are_said_to_be_left_out(capfd: Capture) -> None:
    spec = enrichment.bars(enriched(*[(f"set {i}", 5, 50, 0.001) for i in range(23)]))
    drawn = texts(spec, capfd)
    assert {"set 19", "23 of 23 sets have adjusted p < 0.05; the first 20 are", "drawn"} <= set(drawn)
    assert "set 20" not in drawn


def ranked(hits: list[int], running: list[float], **changes: Any) -> dict[str, Any]:
    n = len(running)
    return {
        "term": "KEGG_CELL_CYCLE",
        "statistics": [n / 2 - place for place in range(n)],
        "statistic": "moderated t",
        "hits": hits,
        "running": running,
        "score": max(running, key=abs),
        "normalised": 1.8,
        "p": 0.0,
        "p_adjusted": 0.012,
        "ends": ["up in tumour", "up in normal"],
    } | changes


def test_a_running_score_has_its_corners_hits_and_peak(capfd: Capture) -> None:
    spec = gsea.chart(ranked([0, 1, 6], [0.4, 0.8, 0.6, 0.4, 0.2, 0.0, 0.2, 0.1, 0.0]))
    drawn = texts(spec, capfd)
    assert {"KEGG CELL CYCLE", "ES 0.80", "up in tumour", "up in normal", "moderated t"} <= set(drawn)
    assert "3 genes of 9. ES 0.80, NES 1.80, p < 0.0001, adjusted p" in drawn
    assert spec["description"].endswith("The running score is farthest from 0 at rank 2.")
    assert list(colours(spec)) == []
    _, rows = points(spec)
    corners = [(row["rank"], row["score"]) for row in rows if row["layer"] == "running-score"]
    assert corners == [(0, 0.0), (1, 0.4), (2, 0.8), (6, 0.0), (7, 0.2), (9, 0.0)]
    assert [row["rank"] for row in rows if row["layer"] == "hits"] == [1, 2, 7]


def test_a_negative_score_without_p_is_drawn_and_a_long_list_is_thinned_to_its_ends(capfd: Capture) -> None:
    n = 20_000
    running = [-(place + 1) / n for place in range(n - 1)] + [0.0]
    term = "HALLMARK_" + "A_VERY_LONG_NAME_" * 6
    spec = gsea.chart(ranked([n - 1], running, term=term, normalised=None, p=None, p_adjusted=None))
    assert {"ES −1.00", "1 gene of 20,000. ES −1.00"} <= set(texts(spec, capfd))
    _, rows = points(spec)
    places = [row["rank"] for row in rows if row["layer"] == "ranked-list"]
    assert (places[0], places[-1]) == (1, n)
    assert len(places) <= gsea.MOST_POINTS + 1
