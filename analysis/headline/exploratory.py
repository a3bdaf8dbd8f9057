"""Whether an output rests on a cutoff that was chosen from the same data."""

from typing import Any


def is_exploratory(output: dict[str, Any]) -> bool:
    if "status" in output:
        return bool(output["status"] == "exploratory")
    cutoff = output.get("cutoff")
    # A number alone is the cutoff of a registered model: it was there before.
    if isinstance(cutoff, dict):
        return bool(cutoff["status"] == "exploratory")
    points = [point for marker in output.get("markers", []) for point in marker.get("points", [])]
    return any(point["status"] == "exploratory" for point in points)
