"""Figures of real cohorts, which the folder of data has to give back."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.stats.cox import cox
from analysis.stats.logrank import logrank
from analysis.stats.roc import roc
from analysis.stats.survival import kaplan_meier

Counter = Callable[[int], None]


def read(path: Path, *names: str) -> list[NDArray[np.float64]]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [np.array([float(row[name]) for row in rows]) for name in names]


def test_recurrence_after_resection_by_cxcl17(hepatica_data: Path, compared: Counter) -> None:
    path = hepatica_data / "hcc_cxcl17_ihc_asaur" / "hepatoCellular.csv"
    rfs, recurred, os, died, marker = read(path, "RFS", "Recurrence", "OS", "Death", "CXCL17T")
    high = marker > np.median(marker)
    assert (len(rfs), died.sum(), recurred.sum(), high.sum()) == (227, 97, 143, 113)
    assert kaplan_meier(rfs, recurred).median().value == 19
    for time, event, chi2, p, hr in ((rfs, recurred, 7.947, 0.0048, 1.61), (os, died, 5.092, 0.0240, 1.59)):
        test = logrank(time, event, high)
        assert (round(test.chi2, 3), round(test.p, 4)) == (chi2, p)
        assert round(float(cox(time, event, high, names=["high"]).hr[0]), 2) == hr
    compared(11)


@pytest.mark.parametrize(("marker", "direction", "auc"), [("Albumin", "<", 0.6064), ("NLR", ">", 0.5735)])
def test_response_to_immunotherapy_by_blood_values(
    hepatica_data: Path, compared: Counter, marker: str, direction: str, auc: float
) -> None:
    response, values = read(hepatica_data / "loris_icb_labs" / "Chowell_train.csv", "Response", marker)
    curve = roc(response, values, direction=direction)
    assert (curve.n_cases, curve.n_cases + curve.n_controls) == (282, 964)
    assert round(curve.auc, 4) == auc
    compared(3)
