from itertools import pairwise

import pytest

from analysis.charts import roc
from tests.analysis.charts import results
from tests.analysis.charts.drawing import colours, texts

Capture = pytest.CaptureFixture[str]


def test_the_picture_says_area_interval_direction_and_cutoff(capfd: Capture) -> None:
    drawn = texts(roc.chart(results.roc()), capfd)
    assert "AUC 0.71 (95 % CI 0.58–0.84)" in drawn
    assert "IL-6: higher = non-response" in drawn
    assert "48.56 pg/mL" in drawn
    assert "Youden's cutoff" in drawn


def test_a_marker_that_is_lower_in_cases_says_so(capfd: Capture) -> None:
    assert "PNI: lower = non-response" in texts(roc.chart(results.roc(results.marker("PNI", direction=">"))), capfd)


def test_a_curve_runs_from_corner_to_corner_and_never_back() -> None:
    spec = roc.chart(results.roc())
    rows = next(layer for layer in spec["layer"] if layer["name"] == "curves")["data"]["values"]
    path = [(row["false_positive"], row["sensitivity"]) for row in rows]
    assert path[0] == (0, 0)
    assert path[-1] == (1, 1)
    assert path == sorted(path)


def test_the_warning_of_a_cutoff_reaches_the_reader() -> None:
    spec = roc.chart(results.roc())
    rows = next(layer for layer in spec["layer"] if layer["name"] == "operating-points")["data"]["values"]
    assert rows[0]["warning"] == "The cutoff lies outside both group means."


def test_several_markers_and_none_with_points_can_be_drawn(capfd: Capture) -> None:
    markers = [results.marker(label, points=[]) for label in ("IL-6", "CD8+ T cells", "PNI")]
    assert len([text for text in texts(roc.chart(results.roc(*markers)), capfd) if text.startswith("AUC")]) == 3


def test_a_stored_specification_has_no_colours() -> None:
    assert list(colours(roc.chart(results.roc()))) == []


def test_a_cutoff_that_no_value_reaches_is_drawn_as_infinite(capfd: Capture) -> None:
    nowhere = {"kind": "youden", "threshold": "Inf", "sensitivity": 0.0, "specificity": 1.0, "ppv": None, "npv": 0.6}
    assert "∞ pg/mL" in texts(roc.chart(results.roc(results.marker(points=[nowhere]))), capfd)


def test_a_cutoff_that_is_best_and_published_is_named_once_and_marked_twice() -> None:
    best = results.marker()["points"][0]
    spec = roc.chart(results.roc(results.marker(points=[best, best | {"kind": "published"}])))
    rows = {layer["name"]: layer["data"]["values"] for layer in spec["layer"]}
    assert len(rows["operating-points"]) == 2
    assert len(rows["direct-labels"]) == 1


def test_cutoffs_of_several_markers_are_named_and_do_not_lie_on_each_other() -> None:
    spec = roc.chart(results.roc(results.marker("IL-6"), results.marker("CD8"), results.marker("PNI")))
    rows = next(layer for layer in spec["layer"] if layer["name"] == "direct-labels")["data"]["values"]
    heights = sorted(row["height"] for row in rows)
    assert [row["text"].split(":")[0] for row in rows] == ["IL-6", "CD8", "PNI"]
    assert all(above - below > 0.03 for below, above in pairwise(heights))
