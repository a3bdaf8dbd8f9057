"""The receiving site of the samples, by the files that EXPECTED.json names."""

import json
from pathlib import Path

from labs.formats.messages.site import Site
from labs.formats.messages.site_files import site_of
from tests.shared_folders import folder


def profile_and_mappings() -> tuple[Path, list[Path]]:
    root = folder("INTEROP")
    named = json.loads((root / "EXPECTED.json").read_text("utf-8"))
    mappings = named["mappings"] if isinstance(named["mappings"], list) else [named["mappings"]]
    found = [root / name for name in mappings]
    extended = json.loads(found[0].read_text("utf-8")).get("extends")
    if extended:
        places = (found[0].parent / extended, folder("DATA") / "interop" / Path(extended).name)
        found.insert(0, next(place for place in places if place.is_file()))
    return root / named["profile"], found


def site_options() -> list[str]:
    """As `read_message` takes them."""
    profile, mappings = profile_and_mappings()
    return ["--profile", str(profile), "--mappings", *map(str, mappings)]


def site_at(port: str) -> Site:
    profile, mappings = profile_and_mappings()
    return site_of(_read(profile), [_read(path) for path in mappings], port)


def _read(path: Path) -> object:
    return json.loads(path.read_text("utf-8"))
