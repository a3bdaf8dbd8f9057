"""Figures of the kinds that build a model: drawn without a complaint, without colours, with their numbers."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from analysis.kinds.registry import KINDS
from tests.analysis.charts.drawing import colours, texts
from tests.analysis.tables.command import analyse
from tests.analysis.tables.prognostic import FOLLOW_UP, GENES, patients

Capture = pytest.CaptureFixture[str]
WISHES = {
    "screen": ("--all",),
    "lasso": ("--covariates", ",".join(["age", *GENES])),
    "nomogram": ("--covariates", "age,factor(stage),g0", "--times", "6,18", "--time-unit", "months"),
    "calibration": ("--covariates", "age,g0", "--horizon", "12", "--resamples", "10"),
}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("screen", {"g0", "g1", "Hazard ratio per SD (log scale)"}),
        ("lasso", {"best", "within 1 SE", "in the best model", "g0", "Above the plot: covariates in the model"}),
        ("nomogram", {"Points", "stage", "Total points", "Survival", "18 months", "0.5", "−2"}),
        ("calibration", {"Observed survival at 12"}),
    ],
)
def test_every_figure_is_drawn(tmp_path: Path, capfd: Capture, kind: str, said: set[str]) -> None:
    output = analyse(kind, patients(tmp_path), *FOLLOW_UP, *WISHES[kind])
    drawn: set[str] = set()
    for figure in KINDS[kind].figures(output):
        drawn |= set(texts(figure.spec, capfd))
        assert list(colours(figure.spec)) == []
        assert str(output["n"]) in figure.spec["description"]
    assert said <= drawn


def test_labels_of_a_nomogram_do_not_lie_on_one_another(tmp_path: Path) -> None:
    output = analyse("nomogram", patients(tmp_path), *FOLLOW_UP, *WISHES["nomogram"])
    spec = KINDS["nomogram"].figures(output)[0].spec
    for names, width in ((("labels",), 210), (("labels", "beside-labels"), spec["width"])):
        places: dict[str, list[Any]] = {}
        for layer in spec["layer"]:
            if layer["name"] in names:
                for row in layer["data"]["values"]:
                    places.setdefault(row["axis"], []).append((row["at"] * width, len(row["label"])))
        for row in places.values():
            ordered = sorted(row)
            assert all(b[0] - a[0] > 6 * (a[1] + b[1]) / 2 for a, b in pairwise(ordered))
