import tomllib
from pathlib import Path
from typing import Any

from labs.markers.models import Antibody, Marker
from labs.markers.services import antibody_set, marker_set
from registry.log.actors import Actor
from registry.log.recording import recording

CATALOGUE = Path(__file__).with_name("catalogue.toml")


def load_catalogue(*, by: Actor) -> list[Marker]:
    """Adds the shipped markers that are missing, with their antibodies; those that exist stay as they are."""
    entries: dict[str, Any] = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["marker"]
    present = set(Marker.objects.values_list("code", flat=True))
    with recording(by, "shipped catalogue"):
        return [_load(code, entry, by) for code, entry in entries.items() if code not in present]


def _load(code: str, entry: dict[str, Any], by: Actor) -> Marker:
    marker = marker_set(code=code, name=entry["name"], scale=entry["scale"], by=by)
    for method in Antibody.Method.values:
        if method in entry:
            antibody_set(marker=marker, method=method, by=by, **entry[method])
    return marker
