"""Areas of two markers compared in the patients who have both."""

from itertools import combinations
from typing import Any

import numpy as np

from analysis.frames.frame import Frame
from analysis.kinds.roc_curves import MIN_PER_CLASS, Outcome
from analysis.stats.multiplicity import adjust
from analysis.stats.roc import Roc, delong_test, roc

TEST = "DeLong's test for two correlated ROC curves"


def compared_areas(frame: Frame, curves: dict[str, Roc | None], outcome: Outcome) -> list[dict[str, Any]]:
    """Every pair in the order of the markers, each curve in the direction that it has by itself."""
    found = [_compared(frame, curves, outcome, a, b) for a, b in combinations(curves, 2)]
    p = [np.nan if pair["p"] is None else pair["p"] for pair in found]
    return [pair | {"p_holm": corrected} for pair, corrected in zip(found, adjust(p, "holm"), strict=True)]


def _compared(frame: Frame, curves: dict[str, Roc | None], outcome: Outcome, a: str, b: str) -> dict[str, Any]:
    both = frame.complete(a, b)
    case = [outcome.is_case(row) for row in both.rows]
    described = {
        "a": frame.columns[a]["label"],
        "b": frame.columns[b]["label"],
        "between": [a, b],
        "n": len(case),
        "n_cases": sum(case),
        "n_controls": len(case) - sum(case),
        "test": TEST,
    }
    left, right = curves[a], curves[b]
    if left is None or right is None:
        return described | _refused("No test: one of the markers has no curve.")
    if min(sum(case), len(case) - sum(case)) < MIN_PER_CLASS:
        return described | _refused(f"No test: fewer than {MIN_PER_CLASS} cases or controls have both markers.")
    test = delong_test(
        roc(case, both.column(a), direction=left.direction),
        roc(case, both.column(b), direction=right.direction),
        paired=True,
    )
    return described | {
        "auc_a": test.auc_a,
        "auc_b": test.auc_b,
        "difference": test.auc_a - test.auc_b,
        "low": test.low,
        "high": test.high,
        "z": test.statistic,
        "p": test.p,
        "refused": "No test: the markers order everybody alike." if np.isnan(test.statistic) else None,
    }


def _refused(sentence: str) -> dict[str, Any]:
    names = ("auc_a", "auc_b", "difference", "low", "high", "z", "p")
    return dict.fromkeys(names) | {"refused": sentence}
