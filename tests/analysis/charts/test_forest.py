from typing import Any

import pytest

from analysis.charts import forest
from tests.analysis.charts.drawing import colours, texts

Capture = pytest.CaptureFixture[str]


def term(label: str = "FAP", **changes: Any) -> dict[str, Any]:
    return {"term": label, "label": label, "unit": "", "hr": 1.61, "low": 1.15, "high": 2.24, "p": 0.005, **changes}


def result(*terms: dict[str, Any]) -> dict[str, Any]:
    return {"endpoint": "PFS", "n": 103, "events": 60, "terms": list(terms)}


def layers(spec: dict[str, Any]) -> dict[str, Any]:
    return {layer["name"]: layer for layer in spec["layer"]}


def test_the_numbers_stand_beside_the_plot(capfd: Capture) -> None:
    drawn = texts(forest.chart(result(term(), term("AFP", unit="ng/mL", p=0.00001))), capfd)
    assert "1.61 (1.15–2.24)" in drawn
    assert "0.005" in drawn
    assert "< 0.0001" in drawn
    assert "AFP, per ng/mL" in drawn
    assert "Hazard ratio for PFS (95 % CI, log scale)" in drawn


def test_a_ratio_near_one_keeps_a_digit_more(capfd: Capture) -> None:
    assert "1.012 (1.002–1.023)" in texts(forest.chart(result(term(hr=1.012, low=1.002, high=1.023))), capfd)


def test_an_interval_beyond_the_axis_ends_in_an_arrow(capfd: Capture) -> None:
    spec = forest.chart(result(term(), term("wide", hr=9.0, low=0.001, high=4000.0)))
    assert [len(layers(spec)[name]["data"]["values"]) for name in ("cut-low", "cut-high")] == [1, 1]
    assert "9.00 (0.001–4e+03)" in texts(spec, capfd)


def test_an_estimate_beyond_the_axis_is_not_drawn_at_its_edge() -> None:
    spec = forest.chart(result(term(hr=900.0, low=100.0, high="Inf")))
    assert layers(spec)["estimates"]["data"]["values"] == []
    [row] = spec["data"]["values"]
    assert row["from"] == row["to"]


def test_the_axis_always_holds_one() -> None:
    domain = layers(forest.chart(result(term(hr=4.0, low=3.0, high=6.0))))["intervals"]["encoding"]["x"]["scale"][
        "domain"
    ]
    assert domain[0] < 1 < domain[1]


def test_a_stored_specification_has_no_colours() -> None:
    assert list(colours(forest.chart(result(term(), term("wide", low=0.0, high=1e6))))) == []


def test_terms_of_one_label_have_a_line_each_and_long_labels_two(capfd: Capture) -> None:
    one, other = term(term="ihc:FAP@tumour"), term(term="ihc:FAP@margin")
    long = term("microvascular invasion: yes against no × Capsule: present against absent")
    drawn = texts(forest.chart(result(one, other, long)), capfd)
    assert {"FAP (ihc:FAP@tumour)", "FAP (ihc:FAP@margin)"} <= set(drawn)
    assert "microvascular invasion: yes against no ×" in drawn
    assert "Capsule: present against absent" in drawn


def test_the_numbers_stand_beside_the_plot_however_wide_a_page_draws_it() -> None:
    beside = [layer for layer in forest.chart(result(term()))["layer"] if layer["name"].startswith("beside-")]
    assert len(beside) == 4
    for layer in beside:
        assert layer["encoding"]["x"] == {"value": "width"}
        assert layer["mark"]["dx"] > 0
