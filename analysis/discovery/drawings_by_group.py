"""Mutations and copy number by group, in the shape that the figure of paired shares takes."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from analysis.charts import words
from analysis.charts.omics import paired_shares
from analysis.discovery.drawings import Asked, Spec
from analysis.discovery.method import Outcome
from analysis.discovery.methods.genome_by_group import ALPHA
from analysis.discovery.methods.tables import GENE

SIDES = ("case", "control")


def mutated_shares(outcome: Outcome, asked: Asked) -> Spec | None:
    if outcome.table.empty:
        return None
    rows = [
        {
            "label": row[GENE],
            "shares": [row[f"share_{asked[side]}"] for side in SIDES],
            "said": f"{_ratio(row)}, {_q(row['q'])}",
            "found": bool(row["q"] < ALPHA),
        }
        for row in outcome.table.to_dict("records")
    ]
    return paired_shares.chart({"what": "mutated", "alpha": ALPHA, "groups": _sizes(outcome, asked), "rows": rows})


def copy_shares(outcome: Outcome, asked: Asked) -> Spec | None:
    """Gains and losses of the genes that anybody has, those that differ most first."""
    rows = [
        {
            "label": f"{row[GENE]} {name}",
            "shares": [row[f"{name}_{asked[side]}"] for side in SIDES],
            "said": _q(row[f"q_{name}"]),
            "found": bool(row[f"q_{name}"] < ALPHA),
            "p": row[f"p_{name}"],
        }
        for row in outcome.table.to_dict("records")
        for name in ("gained", "lost")
        if not np.isnan(row[f"p_{name}"])
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: row["p"])
    what = "with a gain or a loss"
    return paired_shares.chart({"what": what, "alpha": ALPHA, "groups": _sizes(outcome, asked), "rows": rows})


def _sizes(outcome: Outcome, asked: Asked) -> list[dict[str, Any]]:
    return [{"name": asked[side], "n": outcome.summary["n"][asked[side]]} for side in SIDES]


def _ratio(row: Mapping[str, Any]) -> str:
    ratio, lower, upper = (_short(row[name]) for name in ("odds_ratio", "lower", "upper"))
    return f"OR {ratio} ({lower}–{upper})"


def _short(value: float) -> str:
    return "∞" if np.isinf(value) else f"{value:.2g}" if value < 10 else f"{value:.0f}"


def _q(value: float) -> str:
    return "no test" if np.isnan(value) else words.p_value(value).replace("p", "q", 1)
