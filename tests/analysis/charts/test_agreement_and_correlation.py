"""The pictures of kappa, correlations and decision curves: what is written in them, and that they hold no colours."""

from typing import Any

import pytest

from analysis.canonical import plain
from analysis.charts import bland_altman
from analysis.frames.frame import Frame
from analysis.kinds.agreement import AGREEMENT
from analysis.kinds.base import Kind
from analysis.kinds.correlate import CORRELATE
from analysis.kinds.decision import DECISION
from tests.analysis.charts.drawing import colours, texts

Capture = pytest.CaptureFixture[str]
NAMES = ["extra:A", "extra:B", "extra:C"]


def frame(n: int = 40) -> Frame:
    rows: list[dict[str, Any]] = [
        {"patient": f"P{i:02d}", "responder": i % 5 < 2}
        | {name: float((i * (j + 3)) % 7) for j, name in enumerate(NAMES)}
        for i in range(n)
    ]
    columns = {name: {"label": name.removeprefix("extra:"), "unit": "g/L"} for name in NAMES}
    return Frame(rows, columns=columns)


def spec(kind: Kind, **parameters: Any) -> dict[str, Any]:
    kind.check(parameters)
    output = plain(kind.compute(frame(), parameters))
    return kind.figures(output)[0].spec


def test_the_matrix_of_reads_names_raters_and_levels(capfd: Capture) -> None:
    drawn = spec(AGREEMENT, raters=NAMES)
    lines = texts(drawn, capfd)
    assert {"A and B, n 40", "A and C, n 40", "B and C, n 40"} <= set(lines)
    assert any(line.startswith("Kappa ") for line in lines)
    assert list(colours(drawn)) == []


def test_a_scatter_plot_says_its_coefficient_and_units(capfd: Capture) -> None:
    drawn = spec(CORRELATE, columns=NAMES[:2], method="pearson")
    lines = texts(drawn, capfd)
    assert {"A (g/L)", "B (g/L)"} <= set(lines)
    assert any(line.startswith("Pearson's r ") and "n = 40" in line for line in lines)
    assert list(colours(drawn)) == []


def test_a_heat_map_says_every_coefficient_twice(capfd: Capture) -> None:
    drawn = spec(CORRELATE, columns=NAMES)
    lines = texts(drawn, capfd)
    assert {"Spearman's rho", "bold: q < 0.05", "positive", "negative"} <= set(lines)
    assert sum("0." in line for line in lines) - 1 == 6
    assert list(colours(drawn)) == []


def test_decision_curves_have_the_two_that_need_no_model(capfd: Capture) -> None:
    drawn = spec(DECISION, models={"one": NAMES[:1], "all": NAMES}, positive="responder")
    lines = texts(drawn, capfd)
    assert {"one", "all", "Treat all", "Treat none", "Net benefit per patient"} <= set(lines)
    assert "Threshold: risk of response responder" in lines
    assert list(colours(drawn)) == []


def test_limits_of_agreement_are_drawn_from_a_stored_result(capfd: Capture) -> None:
    rows = [{"patient": f"P{i}", "extra:A": 10.1 + i, "extra:B": 12.2 + i + i % 3} for i in range(20)]
    given = Frame(rows, columns={name: {"label": name[-1], "unit": "g/L"} for name in NAMES[:2]})
    output = plain(AGREEMENT.compute(given, {"raters": NAMES[:2]}))
    drawn = bland_altman.chart_of(output["pairs"][0], "Reads", "g/L")
    assert "A less B, g/L" in texts(drawn, capfd)
    assert drawn["description"].startswith("Reads, A less B in 20 subjects: bias ")
