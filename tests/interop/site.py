"""The receiving site of the samples: its profile and mappings, and what those extend."""

import json
from pathlib import Path

from tests.shared_folders import folder


def site_options() -> list[str]:
    """As `read_message` takes them."""
    root = folder("INTEROP")
    return ["--profile", str(_beside(root, "PROFILE.json")), "--mappings", *map(str, mappings_of(root))]


def mappings_of(root: Path) -> list[Path]:
    """The file of the folder, and before it the one that it extends."""
    found = [_beside(root, "MAPPINGS.json")]
    while extended := json.loads(found[0].read_text("utf-8")).get("extends"):
        places = (found[0].parent / extended, folder("DATA") / extended, folder("DATA") / "interop" / "MAPPINGS.json")
        found.insert(0, next(place for place in places if place.is_file()))
    return found


def _beside(root: Path, name: str) -> Path:
    """A second set of samples has the profile of the first."""
    return root / name if (root / name).is_file() else folder("DATA") / "interop" / name
