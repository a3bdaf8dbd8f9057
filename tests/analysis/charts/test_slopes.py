import json
from typing import Any

import pytest

from analysis.charts import slopes
from tests.analysis.charts.drawing import colours, texts

Capture = pytest.CaptureFixture[str]


def method(scale: str, *values: tuple[float, float]) -> dict[str, Any]:
    ways = ["higher" if tumour > normal else "lower" if tumour < normal else "equal" for tumour, normal in values]
    pairs = [
        {"patient": f"RES-{number:03d}", "tumour": tumour, "normal": normal, "direction": way}
        for number, ((tumour, normal), way) in enumerate(zip(values, ways, strict=True))
    ]
    counts = {f"n_{way}": ways.count(way) for way in ("higher", "lower", "equal")}
    return {"label": "qPCR", "unit": "fold", "scale": scale, "pairs": pairs, "n": len(pairs)} | counts


def test_folds_stand_on_an_axis_of_doublings(capfd: Capture) -> None:
    drawn = texts(slopes.chart(method("log2", (3.4, 1), (0.4, 1)), "FAP"), capfd)
    assert "qPCR, fold, log scale" in drawn
    assert [tick in drawn for tick in ("0.25", "0.5", "1", "2", "4")] == [True] * 5
    assert {"higher in tumour", "lower in tumour", "Adjacent normal", "Tumour"} <= set(drawn)


def test_scores_stand_on_a_plain_axis_from_nought(capfd: Capture) -> None:
    drawn = texts(slopes.chart(method("difference", (9, 2), (3, 3)), "FAP"), capfd)
    assert "qPCR, fold" in drawn
    assert "0" in drawn
    assert "equal" in drawn


def test_a_value_of_nought_has_no_place_on_a_logarithmic_axis(capfd: Capture) -> None:
    spec = slopes.chart(method("log2", (2, 0), (4, 1)), "FAP")
    assert len(spec["data"]["values"]) == 2
    assert "Tumour" in texts(spec, capfd)
    assert texts(slopes.chart(method("log2", (2, 0)), "FAP"), capfd)


def test_the_picture_says_its_counts_and_names_nobody() -> None:
    spec = slopes.chart(method("log2", (3.4, 1), (0.4, 1), (1, 1)), "FAP")
    assert spec["description"] == (
        "FAP by qPCR in 3 pairs of tumour and adjacent normal tissue: "
        "higher in the tumour in 1, lower in 1, equal in 1."
    )
    assert "RES-" not in json.dumps(spec)
    assert list(colours(spec)) == []
