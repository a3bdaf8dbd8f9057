"""Western blots and measurements of QuPath."""

from pathlib import Path
from typing import Any

from tests.interop.comparison import PATHOLOGY, RELATIVE, Comparison
from tests.interop.reading import read_message

UNCOMPARED = {"kind", "note"}
# Of these the entry says in words what `would_store` and `why_not` say.
NOTHING_STORED = "outcome"


def compare(path: Path, entry: dict[str, Any], comparison: Comparison) -> None:
    """Every key of the entry against the summary: counts and texts exactly, numbers within the tolerance."""
    said = read_message(path)
    comparison.equal("kind", said["kind"], entry["kind"])
    for key, expected in entry.items():
        if key in UNCOMPARED:
            continue
        if key == NOTHING_STORED:
            comparison.equal("would store", said["would_store"], {})
            comparison.equal("says why not", bool(said["why_not"]), True)
        elif key.endswith("_below"):
            comparison.below(key, said["summary"].get(key.removesuffix("_below")), expected)
        elif key in said["summary"]:
            _within(key, said["summary"][key], expected, comparison)
        else:
            comparison.unknown(key)


def _within(place: str, found: Any, expected: Any, comparison: Comparison) -> None:
    if isinstance(expected, dict):
        for name, value in expected.items():
            _within(f"{place}, {name}", found.get(name) if isinstance(found, dict) else None, value, comparison)
    elif isinstance(expected, list) and expected and isinstance(expected[0], dict):
        comparison.equal(f"number of {place}", len(found), len(expected))
        for number, (one, wanted) in enumerate(zip(found, expected, strict=False)):
            _within(f"{place} {number}", one, wanted, comparison)
    elif isinstance(expected, float):
        is_pathology = place.startswith(("checks", "values, "))
        comparison.close(place, found, expected, absolute=PATHOLOGY if is_pathology else 0.0, relative=RELATIVE)
    else:
        comparison.equal(place, found, expected)


KINDS = dict.fromkeys(
    ("blot_lane_band", "blot_ratio_table", "blot_setup_template", "qupath_tsv", "region_table"), compare
)
