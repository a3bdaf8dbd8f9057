"""Figures by method: one entry a figure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.charts import boxes, correlation_matrix
from analysis.charts.render import Stamp, svg
from analysis.discovery.keeping import Shelf
from analysis.discovery.method import Outcome
from analysis.discovery.methods.groups import ALPHA
from analysis.discovery.methods.tables import GROUP
from analysis.discovery.plan import Plan
from analysis.discovery.report import Told

Spec = dict[str, Any]
MOST_CORRELATED = 20
MARKS = ("Exploratory",)


@dataclass(frozen=True)
class Figure:
    """A drawing of an outcome; None where there is nothing to draw."""

    name: str
    spec: Callable[[Outcome, Mapping[str, Any]], Spec | None]


def draw(told: Told, outcome: Outcome, plan: Plan, shelf: Shelf) -> list[str]:
    """Writes the figures of the step that are not there yet, and names all of them."""
    step = told.step
    names = []
    for figure in FIGURES.get(step.method.code, ()):
        name = f"figures/{step.name}-{figure.name}.svg"
        stamp = Stamp(
            f"{plan.path.name}, step {step.name}", step.fingerprint, " ".join(outcome.headline), MARKS, title=step.name
        )
        if told.state == "computed" or not (shelf.folder / name).is_file():
            spec = figure.spec(outcome, step.parameters)
            if spec is None:
                continue
            shelf.write(name, svg(spec, stamp))
        names.append(name)
    return names


def _boxes(outcome: Outcome, _asked: Mapping[str, Any]) -> Spec | None:
    values = outcome.extra["values"]
    names = sorted(values[GROUP].unique())
    rows = []
    for row in outcome.table.to_dict("records"):
        groups = [_group(name, values.loc[values[GROUP] == name, row["value"]].dropna()) for name in names]
        p, q = (None if np.isnan(row[name]) else row[name] for name in ("p", "q"))
        refused = "" if p is not None else "No test"
        rows.append({"label": row["value"], "unit": "", "test": "Mann–Whitney", "p": p, "q": q, "refused": refused,
                     "groups": groups})  # fmt: skip
    result = {"names": names, "rows": rows, "group_label": "", "from_summary": False, "paired": False}
    return boxes.chart(result) if any(group["n"] for row in rows for group in row["groups"]) else None


def _group(name: str, column: Any) -> dict[str, Any]:
    values = column.to_numpy(dtype=np.float64)
    if not len(values):
        return {"name": name, "n": 0, "values": []}
    q1, median, q3 = np.quantile(values, [0.25, 0.5, 0.75]).tolist()
    return {"name": name, "n": len(values), "values": values.tolist(), "q1": q1, "median": median, "q3": q3,
            "min": float(values.min()), "max": float(values.max())}  # fmt: skip


def _correlations(outcome: Outcome, _asked: Mapping[str, Any]) -> Spec | None:
    labels = outcome.summary["values"][:MOST_CORRELATED]
    kept = outcome.table[outcome.table["a"].isin(labels) & outcome.table["b"].isin(labels)]
    if len(labels) < 3:
        return None
    pairs = [
        {"a_label": row["a"], "b_label": row["b"], "n": row["n"], "test": "Spearman"}
        | {key: None if np.isnan(row[name]) else row[name] for key, name in (("r", "rho"), ("p", "p"), ("q", "q"))}
        for row in kept.to_dict("records")
    ]
    return correlation_matrix.chart(
        {"columns": [{"label": name} for name in labels], "pairs": pairs, "adjust": "BH"}, ALPHA
    )


FIGURES: Mapping[str, tuple[Figure, ...]] = {
    "compare_groups": (Figure("boxes", _boxes),),
    "correlate": (Figure("matrix", _correlations),),
}
