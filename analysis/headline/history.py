"""How one claim of an analysis moved over its results, as a chart and as a table."""

from dataclasses import dataclass
from typing import Any

from analysis.charts import headline_history
from analysis.charts.headline_history import Point
from analysis.engine.models import Analysis, Result


@dataclass(frozen=True)
class History:
    label: str
    points: list[Point]
    # the value of no effect, by which the verdict is judged
    threshold: float | None
    spec: dict[str, Any]


def history_of(analysis: Analysis, name: str = "") -> History | None:
    """Of the claim of that name, else of the first estimate with an interval; one point is no history."""
    results = list(analysis.results.order_by("look").only("look", "headline", "created_at", "threshold"))
    claims = results[-1].claims if results else []
    named = [claim for claim in claims if (claim["name"] == name if name else claim["low"] is not None)]
    if len(results) < 2 or not named:
        return None
    name, label = named[0]["name"], named[0]["label"]
    points = [point for result in results if (point := _point(result, name))]
    if not points:
        return None
    is_ratio = name.startswith("hr_")
    judged_at = results[-1].threshold if name.endswith("_p") else None
    threshold = 1.0 if is_ratio else 0.5 if name.startswith("auc_") else judged_at
    spec = headline_history.chart(points, label=label, threshold=threshold, log=is_ratio)
    return History(label, points, threshold, spec)


def _point(result: Result, name: str) -> Point | None:
    claim = next((claim for claim in result.claims if claim["name"] == name), None)
    if claim is None or claim["value"] is None:
        return None
    return {
        "run_id": str(result.look),
        "as_of": f"{result.created_at:%Y-%m-%d %H:%M}",
        "estimate": claim["value"],
        "low": claim["low"],
        "high": claim["high"],
    }
