import json
from itertools import pairwise

import pytest

from analysis.charts import kaplan_meier
from tests.analysis.charts import results
from tests.analysis.charts.drawing import colours, texts

Capture = pytest.CaptureFixture[str]


def test_the_risk_table_stands_in_the_picture(capfd: Capture) -> None:
    drawn = texts(kaplan_meier.chart(results.survival()), capfd)
    assert drawn.count("713") == drawn.count("402") == drawn.count("11") == 2
    assert drawn.count("208 / 103") == 2


def test_every_tick_has_a_column_of_the_risk_table(capfd: Capture) -> None:
    spec = kaplan_meier.chart(results.survival())
    curves, table = spec["vconcat"]
    lines = next(layer for layer in curves["layer"] if layer["name"] == "curves")
    assert lines["encoding"]["x"]["axis"]["values"] == table["encoding"]["x"]["axis"]["values"] == [0, 24, 48]
    assert lines["encoding"]["x"]["scale"] == table["encoding"]["x"]["scale"]
    assert [row["tick"] for row in table["data"]["values"]] == [0, 1, 2, 0, 1, 2]


def test_the_picture_says_hazard_ratio_test_and_medians(capfd: Capture) -> None:
    drawn = texts(kaplan_meier.chart(results.survival()), capfd)
    joined = " ".join(drawn)
    assert "High against Low: HR 1.61 (95 % CI 1.15–2.24)" in joined
    assert "p = 0.0048" in joined
    assert "median 38.5 (12.0–not reached) months" in joined


def test_an_exploratory_cutoff_says_so_in_the_picture(capfd: Capture) -> None:
    cutoff = {"value": 20.71, "operator": ">", "method": "median", "status": "exploratory"}
    drawn = texts(kaplan_meier.chart(results.survival(cutoff=cutoff, label="CXCL17", unit="cells/mm²")), capfd)
    assert "High: CXCL17 > 20.71 cells/mm²" in drawn
    assert "Cutoff: median, exploratory" in drawn


def test_a_hazard_ratio_without_bound_is_drawn_as_infinite() -> None:
    ratio = {"hr": "Inf", "low": 1.2, "high": "Inf", "p": 0.01, "reference": "Low", "compared": "High"}
    assert "High against Low: HR ∞ (95 % CI 1.20–∞)" in kaplan_meier.headline(results.survival(hr=ratio))


def test_a_refused_test_shows_the_reason_and_no_p(capfd: Capture) -> None:
    reason = "No test is shown: the group Low has 4 events, fewer than 5."
    drawn = " ".join(texts(kaplan_meier.chart(results.survival(refused=reason, hr=None, logrank=None)), capfd))
    assert reason in drawn
    assert "p =" not in drawn


def test_a_refused_test_hides_a_p_that_was_stored_all_the_same() -> None:
    assert "p =" not in " ".join(kaplan_meier.headline(results.survival(refused="Fewer than 10 patients.")))


def test_a_median_that_is_not_reached_is_said_and_gets_no_line(capfd: Capture) -> None:
    never = results.group("Low", [12, 24], [0.9, 0.9], median=None, median_low=None)
    spec = kaplan_meier.chart(results.survival(never, hr=None))
    assert "median not reached" in texts(spec, capfd)
    assert not any(layer["name"].startswith("median") for layer in spec["vconcat"][0]["layer"])


def test_one_group_without_events_can_be_drawn(capfd: Capture) -> None:
    flat = results.group("All", [12, 24], [1.0, 1.0], median=None, events=0)
    flat["curve"] |= {"n_event": [0, 0], "n_censor": [1, 1], "low": [None, None], "high": [None, None]}
    drawn = texts(kaplan_meier.chart(results.survival(flat, hr=None, logrank=None)), capfd)
    assert "All: n 2, events 0" in drawn


def test_a_curve_begins_at_one_at_time_zero() -> None:
    spec = kaplan_meier.chart(results.survival())
    rows = next(layer for layer in spec["vconcat"][0]["layer"] if layer["name"] == "curves")["data"]["values"]
    first = {row["group"]: row for row in reversed(rows)}
    assert {(row["time"], row["survival"]) for row in first.values()} == {(0, 1)}


@pytest.mark.parametrize(
    "name", ['He said "low"', "BCLC B or C with a name that goes on and on for sixty characters", "外泌体", "a'b\\c"]
)
def test_any_name_of_a_group_can_be_drawn(name: str, capfd: Capture) -> None:
    drawn = texts(kaplan_meier.chart(results.survival(results.group(name, [6, 19], [0.5, 0.2]))), capfd)
    assert f"{name}: n 2, events 1" in drawn or (name in drawn and "n 2, events 1" in drawn)


def test_labels_of_curves_that_end_together_are_moved_apart() -> None:
    ends = [results.group(name, [6, 60], [0.5, 0.5]) for name in "ABC"]
    spec = kaplan_meier.chart(results.survival(*ends))
    labels = next(layer for layer in spec["vconcat"][0]["layer"] if layer["name"] == "direct-labels")
    heights = sorted(row["survival"] for row in labels["data"]["values"])
    assert min(high - low for low, high in pairwise(heights)) > 0.04


def test_curves_that_fall_to_zero_keep_their_order_in_the_labels() -> None:
    ends = [results.group("Low", [30, 60], [0.8, 0.0]), results.group("High", [30, 60], [0.3, 0.0])]
    spec = kaplan_meier.chart(results.survival(*ends))
    labels = next(layer for layer in spec["vconcat"][0]["layer"] if layer["name"] == "direct-labels")
    height = {row["group"]: row["survival"] for row in labels["data"]["values"]}
    assert height["Low"] > height["High"]


def test_a_stored_specification_is_json_without_colours() -> None:
    spec = kaplan_meier.chart(results.survival())
    assert json.loads(json.dumps(spec)) == spec
    assert list(colours(spec)) == []


def test_the_description_reads_as_sentences() -> None:
    text = kaplan_meier.chart(results.survival())["description"]
    assert text.startswith(
        "Kaplan–Meier curves of Progression-free survival. High: 4 patients, 3 events, median 19.0 months"
    )
