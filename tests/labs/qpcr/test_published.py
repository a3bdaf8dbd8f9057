"""The published tables: Livak and Schmittgen 2001 (ct1 to ct3), Yuan 2006 (ct4). Tolerances are those of the print."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from labs.qpcr.ddct import delta, delta_of_pairs, fold_change, mean_of, standard_curve
from labs.qpcr.rules import Rules

LIVAK = Rules(calibrator_is_constant=True)
# Means and SD are printed with two decimals.
PRINTED = 0.005


@pytest.fixture
def tables(hepatica_data: Path) -> Callable[[str], dict[str, list[float]]]:
    def read(name: str) -> dict[str, list[float]]:
        with (hepatica_data / "qpcr_published_ddct" / name).open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return {column: [float(row[column]) for row in rows] for column in rows[0]}

    return read


Tables = Callable[[str], dict[str, list[float]]]


def test_wells_apart_give_the_published_fold_and_its_range(tables: Tables, compared: Callable[[int], None]) -> None:
    ct = tables("ct1.csv")
    brain = delta(mean_of(ct["c_myc"][:6]), [mean_of(ct["GAPDH"][:6])])
    kidney = delta(mean_of(ct["c_myc"][6:]), [mean_of(ct["GAPDH"][6:])])
    fold = fold_change(kidney, brain, LIVAK)
    assert fold.ddct == pytest.approx(-2.495, abs=1e-9)
    found = (fold.fold, fold.low_sd, fold.high_sd)
    assert found == pytest.approx((5.64, 5.28, 6.02), abs=PRINTED)
    compared(4)


def test_wells_shared_give_the_published_fold(tables: Tables, compared: Callable[[int], None]) -> None:
    ct = tables("ct2.csv")
    brain = delta_of_pairs(ct["c_myc"][:6], ct["GAPDH"][:6])
    kidney = delta_of_pairs(ct["c_myc"][6:], ct["GAPDH"][6:])
    fold = fold_change(kidney, brain, LIVAK)
    assert (fold.ddct, fold.fold) == pytest.approx((-2.530, 5.78), abs=PRINTED)
    compared(2)


def test_the_dilution_series_shows_equal_efficiencies(tables: Tables, compared: Callable[[int], None]) -> None:
    """Livak plots ΔCt over the dilution: a slope near 0 justifies a factor of 2 for both."""
    ct = tables("ct3_ave.csv")
    amounts = [1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01]
    curves = [standard_curve(amounts, ct[gene]) for gene in ("c_myc", "GAPDH")]
    assert curves[0].slope - curves[1].slope == pytest.approx(0.0471, abs=5e-4)
    assert all(1.9 < curve.efficiency < 2.0 and curve.r_squared > 0.99 for curve in curves)
    compared(1)


def test_treatment_against_control_gives_the_published_estimate(
    tables: Tables, compared: Callable[[int], None]
) -> None:
    ct = tables("ct4.csv")
    control = delta_of_pairs(ct["target"][:12], ct["ref"][:12])
    treated = delta_of_pairs(ct["target"][12:], ct["ref"][12:])
    assert fold_change(treated, control, Rules()).ddct == pytest.approx(-0.6848, abs=5e-5)
    compared(1)
