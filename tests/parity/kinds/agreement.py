"""Kinds ``icc`` and ``kappa``: agreement of raters."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.stats.contingency import mcnemar
from analysis.stats.icc import icc
from analysis.stats.kappa import WEIGHTS, Kappa, agreement_weights, cohen_kappa, cross_table, pabak
from tests.parity.recipes import Analysis
from tests.parity.tables import as_labels, sorted_levels

KEYS = frozenset({"test", "raters", "levels"})


def compute(analysis: Analysis) -> dict[str, Any]:
    """What the recipe's ``test`` names."""
    raters = analysis.recipe["raters"]
    complete = analysis.complete(*raters)
    tests = {"icc": _icc, "kappa": _kappa}
    return tests[analysis.recipe["test"]](complete)


def _icc(analysis: Analysis) -> dict[str, Any]:
    found = icc(np.column_stack([analysis.column(rater) for rater in analysis.recipe["raters"]]))
    squares = found.mean_squares
    return {
        "n_subjects": found.n_subjects,
        "n_raters": found.n_raters,
        "mean_squares": {
            "MSR": squares.subjects,
            "MSC": squares.raters,
            "MSE": squares.error,
            "MSW": squares.within,
        },
        "psych_ICC": {
            form.name: {
                "ICC": form.value,
                "F": form.f,
                "df1": form.df1,
                "df2": form.df2,
                "p": form.p,
                "lower": form.low,
                "upper": form.high,
            }
            for form in found.forms
        },
        "hand_formula": {f"{name}_1": found[name].value for name in ("ICC1", "ICC2", "ICC3")},
        "cronbach_alpha": found["ICC3k"].value,
    }


def _kappa(analysis: Analysis) -> dict[str, Any]:
    a, b = (as_labels(analysis.column(rater)) for rater in analysis.recipe["raters"])
    levels = [str(level) for level in analysis.recipe.get("levels", sorted_levels(np.concatenate([a, b])))]
    places = list(range(len(levels)))
    said, other = ([levels.index(label) for label in column] for column in (a, b))
    table = cross_table(said, other, places)
    found = {weights: cohen_kappa(table, weights=weights) for weights in WEIGHTS}
    plain = found["unweighted"]
    return {
        "counts": table,
        "n": plain.n,
        "percent_agreement": plain.observed,
        "vcd": {name: {"kappa": one.value, "ase": one.se, "ci": [one.low, one.high]} for name, one in found.items()},
        "psych": {
            **{name: _psych(table, name, one) for name, one in found.items()},
            "default_weighted": found["quadratic"].value,
        },
        "epiR_fleiss_unweighted": _epi(table, plain),
    }


def _psych(table: NDArray[np.int64], weights: str, kappa: Kappa) -> dict[str, Any]:
    """psych::cohen.kappa takes the wrong margin in its weighted variance; the odd formula stays here."""
    p, w = table / table.sum(), agreement_weights(len(table), weights)
    row, column = p.sum(axis=1), p.sum(axis=0)
    variance = kappa.se**2
    if weights != "unweighted":
        spread = np.add.outer(w @ column, row * w.sum(axis=1))
        total = (p * (w * (1 - kappa.expected) - spread * (1 - kappa.observed)) ** 2).sum()
        centre = kappa.observed * kappa.expected - 2 * kappa.expected + kappa.observed
        variance = (total - centre**2) / (kappa.n * (1 - kappa.expected) ** 4)
    half = 1.959963984540054 * np.sqrt(variance)
    return {"kappa": kappa.value, "var": variance, "ci": [kappa.value - half, kappa.value + half]}


def _epi(table: NDArray[np.int64], kappa: Kappa) -> dict[str, Any]:
    adjusted = pabak(table)
    half = 1.959963984540054 * kappa.se_null
    found: dict[str, Any] = {
        "prop.agree": {"obs": [kappa.observed], "exp": [kappa.expected]},
        "pabak": {"est": [adjusted.value], "lower": [adjusted.low], "upper": [adjusted.high]},
        "kappa": {
            "est": [kappa.value],
            "se": [kappa.se_null],
            "lower": [kappa.value - half],
            "upper": [kappa.value + half],
        },
        "z": {"test.statistic": [kappa.z], "p.value": [kappa.p]},
    }
    if len(table) == 2:
        test = mcnemar(table, correct=False)
        found["mcnemar"] = {"test.statistic": [test.chi2], "df": [test.df], "p.value": [test.p]}
    return found
