"""Venn diagrams and UpSet plots."""

from typing import Any

import pytest

from analysis.charts.omics import upset, venn
from analysis.charts.points import points
from tests.analysis.charts.drawing import colours, texts

Capture = pytest.CaptureFixture[str]
COUNTS = {"111": 312, "011": 88, "101": 45, "001": 290, "110": 610, "010": 402, "100": 1187}


def sets(names: list[str], counts: dict[str, int]) -> dict[str, Any]:
    regions = [{"inside": [digit == "1" for digit in inside], "count": count} for inside, count in counts.items()]
    return {"names": names, "regions": regions}


THREE = sets(["TCGA-LIHC", "ICGC LIRI-JP", "GSE14520"], COUNTS)


def test_a_venn_diagram_has_every_count_and_the_size_of_each_set(capfd: Capture) -> None:
    spec = venn.chart(THREE)
    drawn = texts(spec, capfd)
    assert {"312", "88", "45", "290", "610", "402", "1,187"} <= set(drawn)
    assert {"TCGA-LIHC", "n 2,154", "n 1,412", "n 735", "2,934 genes; areas are not to scale"} <= set(drawn)
    assert "TCGA-LIHC and ICGC LIRI-JP: 610" in spec["description"]
    assert spec["width"] == spec["height"]
    assert list(colours(spec)) == []


def test_every_count_lies_inside_its_circles_and_outside_the_others() -> None:
    for result in (THREE, sets(["A", "B"], {"10": 1, "11": 2, "01": 3})):
        n = len(result["names"])
        for inside, (x, y) in venn._COUNTS.items():
            if len(inside) == n:
                near = [((x - cx) ** 2 + (y - cy) ** 2) ** 0.5 for cx, cy in venn._CENTRES[n]]
                assert tuple(distance < venn.RADIUS for distance in near) == inside


def test_two_sets_without_a_common_gene_show_a_zero(capfd: Capture) -> None:
    drawn = texts(venn.chart(sets(["DESeq2 on raw counts of the tumours", "limma"], {"10": 5})), capfd)
    assert drawn.count("0") == 2
    assert {"DESeq2 on raw", "limma", "n 5", "n 0"} <= set(drawn)


@pytest.mark.parametrize(
    "result",
    [
        sets(["A"], {"1": 3}),
        sets(list("ABCD"), {"1111": 3}),
        sets(["A", "B"], {"100": 3}),
        sets(["A", "B"], {"00": 3}),
    ],
)
def test_a_venn_diagram_of_other_sets_is_refused(result: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"Venn diagram shows two or three|is not one region"):
        venn.chart(result)


def test_overlaps_go_from_the_largest_on_and_ties_in_the_order_of_the_sets(capfd: Capture) -> None:
    spec = upset.chart(sets(["A", "B", "C"], {"011": 7, "001": 9, "100": 7, "010": 7, "111": 20, "101": 0}))
    _, rows = points(spec)
    bars = [(row["region"], row["count"]) for row in rows if row["layer"] == "overlaps"]
    assert bars == [("A and B and C", 20), ("C only", 9), ("A only", 7), ("B only", 7), ("B and C", 7)]
    assert {"20", "9", "7", "n 36", "n 27", "n 34", "50 genes in 3 sets"} <= set(texts(spec, capfd))
    assert list(colours(spec)) == []


def test_a_dot_stands_for_each_set_of_an_overlap_and_a_line_joins_the_outermost() -> None:
    _, rows = points(upset.chart(THREE))
    filled = [(row["place"], row["set"]) for row in rows if row["layer"] == "inside"]
    assert [name for place, name in filled if place == 3] == ["TCGA-LIHC", "ICGC LIRI-JP", "GSE14520"]
    links = {row["place"]: (row["first"], row["last"]) for row in rows if row["layer"] == "links"}
    assert links[6] == ("TCGA-LIHC", "GSE14520")


def test_the_smallest_of_very_many_overlaps_are_said_to_be_left_out(capfd: Capture) -> None:
    counts = {f"{number:05b}": number for number in range(1, 32)}
    spec = upset.chart(sets([f"a set with a long name, number {i}" for i in range(5)], counts))
    assert "6 smaller overlaps with 21 genes are not drawn" in texts(spec, capfd)


def test_one_overlap_and_none_are_drawn(capfd: Capture) -> None:
    assert "1 gene in 3 sets" in texts(upset.chart(sets(list("ABC"), {"100": 1})), capfd)
    assert "0 genes in 3 sets" in texts(upset.chart(sets(list("ABC"), {})), capfd)
