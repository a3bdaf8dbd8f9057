"""The scoring table that goes with the form: its preview is computed from it, the stored score by the server."""

from collections.abc import Mapping
from typing import Any

from labs.ihc.scoring import ATTAINABLE, EXTENT_BINS, FIELDS


def protocol(bins: Mapping[int, tuple[int, int]] = EXTENT_BINS) -> dict[str, Any]:
    return {
        "extents": [{"extent": extent, "low": low, "high": high} for extent, (low, high) in bins.items()],
        "intensities": [0, 1, 2, 3],
        "attainable": list(ATTAINABLE),
        "fields": FIELDS,
    }
