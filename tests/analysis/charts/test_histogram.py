import json

import pytest

from analysis.charts import histogram
from tests.analysis.charts.drawing import colours, texts

Capture = pytest.CaptureFixture[str]


def test_the_cutoff_is_named_with_its_unit(capfd: Capture) -> None:
    spec = histogram.chart([1.5, 20, 48.56, 90.2], label="IL-6", unit="pg/mL", cutoff=48.56, cutoff_label="published")
    drawn = texts(spec, capfd)
    assert "published: high > 48.56 pg/mL" in drawn
    assert "IL-6, pg/mL" in drawn


def test_the_score_at_the_cutoff_stands_on_the_low_side() -> None:
    spec = histogram.chart([0, 4, 4, 6], label="S100A11", unit="", cutoff=4)
    bars, line, _ = spec["layer"]
    assert [bar["patients"] for bar in bars["data"]["values"]] == [1, 2, 1]
    below = [bar["to"] < line["data"]["values"][0]["cutoff"] for bar in bars["data"]["values"]]
    assert below == [True, True, False]
    assert spec["description"].endswith("1 lie above the cutoff of 4.")


def test_every_patient_is_in_one_bar_and_the_missing_in_none() -> None:
    values = [0.1 * number**1.5 for number in range(200)] + [float("nan")]
    bars = histogram.chart(values, label="Density", unit="cells/mm²")["layer"][0]["data"]["values"]
    assert sum(bar["patients"] for bar in bars) == 200
    assert len(bars) <= histogram.MOST_BARS


def test_no_value_of_a_patient_is_in_the_specification() -> None:
    stored = json.dumps(histogram.chart([17.123, 18.456, 35.789, 60.001], label="IL-6", unit="pg/mL", cutoff=20))
    assert "18.456" not in stored
    assert "35.789" not in stored


@pytest.mark.parametrize("values", [[], [3.25], [2.5, 2.5, 2.5]])
def test_few_values_can_be_drawn(values: list[float], capfd: Capture) -> None:
    assert "Patients" in texts(histogram.chart(values, label="IL-6", unit="pg/mL", cutoff=2.5), capfd)


def test_a_stored_specification_has_no_colours() -> None:
    assert list(colours(histogram.chart([1, 2.5], label="IL-6", unit="pg/mL", cutoff=2))) == []
