"""The scoring table that goes with the form: its preview is computed from it, the stored score by the server."""

from typing import Any

from labs.ihc.scoring import ATTAINABLE, EXTENT_BINS, FIELDS


def protocol() -> dict[str, Any]:
    return {
        "extents": [{"extent": extent, "low": low, "high": high} for extent, (low, high) in EXTENT_BINS.items()],
        "intensities": [0, 1, 2, 3],
        "attainable": list(ATTAINABLE),
        "fields": FIELDS,
    }
