import pytest

from analysis.charts import headline_history
from analysis.charts.headline_history import Point
from tests.analysis.charts.drawing import colours, texts

Capture = pytest.CaptureFixture[str]


def _points(*estimates: float) -> list[Point]:
    return [
        Point(
            run_id=f"R-{number}",
            as_of=f"2026-11-{number:02} 09:14",
            estimate=estimate,
            low=estimate - 0.4,
            high=estimate + 0.5,
        )
        for number, estimate in enumerate(estimates, start=1)
    ]


def test_each_result_is_a_point_in_order(capfd: Capture) -> None:
    spec = headline_history.chart(_points(1.92, 1.71), label="HR, High against Low", threshold=1, log=True)
    estimates = next(layer for layer in spec["layer"] if layer["name"] == "estimates")["data"]["values"]
    assert [(row["look"], row["estimate"]) for row in estimates] == [(1, 1.92), (2, 1.71)]
    assert "HR, High against Low" in texts(spec, capfd)
    assert spec["description"] == (
        "HR, High against Low over 2 results: 1.92 at 2026-11-01 09:14, 1.71 at 2026-11-02 09:14."
    )


def test_the_threshold_lies_inside_the_picture() -> None:
    spec = headline_history.chart(_points(1.9, 2.0), label="HR", threshold=1, log=True)
    low, high = next(layer for layer in spec["layer"] if layer["name"] == "intervals")["encoding"]["y"]["scale"][
        "domain"
    ]
    assert low < 1 < high


def test_an_estimate_without_interval_keeps_its_point(capfd: Capture) -> None:
    points = _points(0.7, 0.71)
    points[0]["low"] = None
    spec = headline_history.chart(points, label="AUC", threshold=0.5)
    layers = {layer["name"]: layer["data"]["values"] for layer in spec["layer"]}
    assert len(layers["intervals"]) == 1
    assert len(layers["estimates"]) == 2
    assert "AUC" in texts(spec, capfd)


@pytest.mark.parametrize("log", [True, False])
def test_no_result_yet_is_an_empty_picture_that_says_so(log: bool, capfd: Capture) -> None:
    spec = headline_history.chart([], label="HR", log=log)
    assert "HR" in texts(spec, capfd)
    assert spec["description"] == "HR: no result yet."


def test_a_stored_specification_has_no_colours() -> None:
    assert list(colours(headline_history.chart(_points(1.2), label="HR", threshold=1))) == []
