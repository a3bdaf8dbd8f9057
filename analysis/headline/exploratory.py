"""Whether an output rests on a cutoff that was chosen from the same data, or looks for what nobody named before."""

from typing import Any

from django.utils.translation import gettext as _


def is_exploratory(output: dict[str, Any]) -> bool:
    return bool(output.get("exploratory")) or _has_own_cutoff(output)


def mark_of(output: dict[str, Any]) -> str:
    """What is burned into figures and stands above numbers; blank where nothing is exploratory."""
    if output.get("exploratory"):
        return _("Exploratory")
    return _("Exploratory cutoff") if _has_own_cutoff(output) else ""


def _has_own_cutoff(output: dict[str, Any]) -> bool:
    if "status" in output:
        return bool(output["status"] == "exploratory")
    cutoff = output.get("cutoff")
    # A number alone is the cutoff of a registered model: it was there before.
    if isinstance(cutoff, dict):
        return bool(cutoff["status"] == "exploratory")
    points = [point for marker in output.get("markers", []) for point in marker.get("points", [])]
    return any(point["status"] == "exploratory" for point in points)
