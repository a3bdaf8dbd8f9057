"""Cell types of samples: stacked shares, boxes by group, and a correlation of many."""

from typing import Any

import pytest

from analysis.charts import correlation_matrix
from analysis.charts.omics import cell_boxes, cell_shares
from analysis.charts.points import points
from tests.analysis.charts.drawing import colours, texts

Capture = pytest.CaptureFixture[str]


def estimated(shares: list[list[float]], groups: list[str] | None = None) -> dict[str, Any]:
    types = [f"type {i}" for i in range(len(shares[0]))]
    return {"types": types, "shares": shares, "groups": groups, "method": "EPIC"}


def test_shares_are_sorted_by_the_commonest_type_within_their_group(capfd: Capture) -> None:
    given = estimated([[0.1, 0.7], [0.2, 0.3], [0.1, 0.9], [0.0, 0.4]], ["High", "Low", "High", "Low"])
    spec = cell_shares.chart(given)
    _, rows = points(spec)
    steps = [row for row in rows if row["layer"] == "shares"]
    assert [row["share"] for row in steps if row["type"] == "type 1"] == [0.9, 0.7, 0.4, 0.3, 0.3]
    assert [row["to"] for row in steps if row["type"] == "type 0"] == [1.0, 0.8, 0.4, 0.5, 0.5]
    assert {"High: 2", "Low: 2", "type 0", "EPIC, 4 samples", "sorted by type 1"} <= set(texts(spec, capfd))
    assert spec["description"].endswith("Mean shares: type 1 57 %, type 0 10 %.")
    assert list(colours(spec)) == []


def test_more_types_than_colours_are_added_up(capfd: Capture) -> None:
    spec = cell_shares.chart(estimated([[0.01 * (22 - i) for i in range(22)]] * 2))
    drawn = texts(spec, capfd)
    assert {"type 0", "type 11", "10 others"} <= set(drawn)
    assert "type 12" not in drawn
    _, rows = points(spec)
    others = [row["share"] for row in rows if row["layer"] == "shares" and row["type"] == "10 others"]
    assert others[0] == pytest.approx(0.01 * sum(range(1, 11)))


def test_one_sample_is_drawn_and_more_than_500_are_refused(capfd: Capture) -> None:
    assert "EPIC, 1 sample" in texts(cell_shares.chart(estimated([[0.4, 0.5]])), capfd)
    with pytest.raises(ValueError, match="500 samples at most, not 501"):
        cell_shares.chart(estimated([[1.0]] * 501))


def group(name: str, values: list[float]) -> dict[str, Any]:
    if not values:
        return {"name": name, "n": 0, "values": []}
    ordered = sorted(values)
    quarter = len(values) // 4
    middle = {"q1": ordered[quarter], "median": ordered[len(values) // 2], "q3": ordered[-quarter - 1]}
    return {"name": name, "n": len(values), "values": values, "min": ordered[0], "max": ordered[-1]} | middle


def row(label: str, high: list[float], low: list[float], p: float | None, q: float | None) -> dict[str, Any]:
    test = "Wilcoxon rank-sum test" if p is not None else None
    groups = [group("High", high), group("Low", low)]
    return {"label": label, "unit": "share of cells", "test": test, "p": p, "q": q, "groups": groups}


def test_boxes_of_cell_types_say_q_and_which_differ(capfd: Capture) -> None:
    rows = [
        row("CD8", [0.1, 0.2, 0.3, 0.4, 5.0], [0.1, 0.2, 0.3, 0.4], 0.001, 0.004),
        row("T cells CD4 memory resting", [0.1, 0.2], [0.1], 0.6, 0.8),
        row("Empty", [], [], None, None),
        row("Untested", [0.3], [], None, None),
    ]
    spec = cell_boxes.chart({"names": ["High", "Low"], "rows": rows})
    drawn = texts(spec, capfd)
    assert {"CD8", "T cells CD4 memory", "resting", "q = 0.004", "q = 0.80", "no test", "High: 5", "Low: 4"} <= set(
        drawn
    )
    assert {"Wilcoxon rank-sum test; bold: q < 0.05", "Estimate, share of cells"} <= set(drawn)
    assert "Empty" not in drawn
    _, found = points(spec)
    assert [(r["type"], r["q"]) for r in found if r["layer"] == "differing"] == [("CD8", 0.004)]
    assert [r["value"] for r in found if r["layer"] == "outliers"] == [5.0]
    assert list(colours(spec)) == []


def test_names_with_quotation_marks_are_drawn_as_they_are(capfd: Capture) -> None:
    name = """5' "end" cells"""
    rows = [row(name, [0.1, 0.2], [0.3], 0.5, None)]
    drawn = texts(cell_boxes.chart({"names": ["High", "Low"], "rows": rows}), capfd)
    assert {name, "p = 0.50", "Wilcoxon rank-sum test; bold: p < 0.05"} <= set(drawn)


def test_a_correlation_of_many_columns_marks_what_is_found_and_writes_no_numbers(capfd: Capture) -> None:
    names = [f"cell type {i}" for i in range(14)]
    pairs = [
        {"a_label": a, "b_label": b, "r": 0.99 if (i, j) == (2, 1) else 0.01, "n": 30, "test": "Spearman's rho"}
        | {"p": 0.001 if (i, j) == (2, 1) else 0.5, "q": None}
        for i, a in enumerate(names)
        for j, b in enumerate(names[:i])
    ]
    result = {"columns": [{"label": name} for name in names], "pairs": pairs, "adjust": "none"}
    spec = correlation_matrix.chart(result, 0.05)
    drawn = texts(spec, capfd)
    assert "dot: p < 0.05" in drawn
    assert "0.99" not in drawn
    start = "Spearman's rho of 14 columns, the 20 strongest: cell type 2 and cell type 1 0.99 (n 30)"
    assert spec["description"].startswith(start)
