"""Pictures of groups: shares of levels, standardised differences, boxes beside paired values."""

from typing import Any

import pytest

from analysis.charts import balance, boxes, shares
from tests.analysis.charts.drawing import colours, texts

Capture = pytest.CaptureFixture[str]


def level(name: str, *counts: int, **changes: Any) -> dict[str, Any]:
    groups = [{"name": f"group {i}", "count": count, "share": count / 40} for i, count in enumerate(counts, start=1)]
    tests = {
        "test": "chi-square test with Yates' correction",
        "p": 0.0776,
        "chi2": {"p": 0.0428},
        "chi2_yates": {"p": 0.0776},
        "fisher": {"p": 0.0641},
    }
    return {"label": "Child–Pugh", "level": name, "groups": groups, "refused": None} | tests | changes


def counted(**changes: Any) -> dict[str, Any]:
    return {"names": ["group 1", "group 2"], "rows": [level("A", 27, 13, **changes), level("B", 10, 14, **changes)]}


def test_shares_say_their_counts_and_every_test_the_chosen_one_first(capfd: Capture) -> None:
    spec = shares.chart(counted())
    drawn = texts(spec, capfd)
    assert {"27", "13", "10", "14", "A", "B", "group 1", "group 2", "Share of the group"} <= set(drawn)
    assert drawn.index("chi-square test with Yates' correction: p = 0.078") < drawn.index("chi-square test: p = 0.043")
    assert "Fisher's exact test: p = 0.064" in drawn
    assert list(colours(spec)) == []
    assert spec["description"].startswith("Child–Pugh by group. group 1: A 27, B 10; group 2: A 13, B 14.")


def test_shares_without_a_test_say_why(capfd: Capture) -> None:
    drawn = texts(shares.chart(counted(p=None, test=None, refused="No test: too few.")), capfd)
    assert "No test: too few." in drawn
    assert not any(text.startswith("chi-square") for text in drawn)


def test_differences_stand_in_order_of_their_size(capfd: Capture) -> None:
    rows = [{"label": name, "smd": smd, "p": p} for name, smd, p in (("age", 0.05, 0.7), ("AFP", 0.6, None))]
    rows.append({"label": "apart", "smd": "Inf", "p": 0.001})
    spec = balance.chart({"rows": rows, "names": ["CR", "PR", "PD"], "group_label": "response"})
    drawn = texts(spec, capfd)
    assert drawn.index("AFP") < drawn.index("age")
    assert "apart" not in drawn
    assert "response: CR against PR against PD" in drawn
    assert "Standardised mean difference (mean of the pairs)" in drawn
    assert list(colours(spec)) == []


def test_pairs_are_joined_by_lines_and_long_names_are_wrapped(capfd: Capture) -> None:
    values = {"before the first dose": [1.0, 2.0, 3.0, 9.0], "after": [2.0, 2.5, 1.0, 4.0]}
    groups = [
        {"name": name, "n": 4, "q1": 1.5, "median": 2.0, "q3": 3.5, "min": 1.0, "max": 9.0, "values": found}
        for name, found in values.items()
    ]
    row = {
        "label": "IL-6",
        "unit": "pg/mL",
        "test": "Wilcoxon signed-rank test",
        "p": 0.25,
        "q": 0.25,
        "groups": groups,
    }
    result = {"rows": [row], "names": list(values), "group_label": "visit", "paired": "id", "from_summary": False}
    spec = boxes.chart(result)
    drawn = texts(spec, capfd)
    assert {"before the", "first dose", "IL-6, pg/mL", "Wilcoxon signed-rank test: p = 0.25"} <= set(drawn)
    lines = next(layer for layer in spec["concat"][0]["layer"] if layer["name"].endswith("pairs"))
    assert len(lines["data"]["values"]) == 8
    assert list(colours(spec)) == []
