"""From what a frame says of a data set to the files that it lies in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.datasets.binary import read_expression
from analysis.datasets.models import Dataset
from analysis.discovery.errors import DiscoveryError
from analysis.discovery.loading import load
from analysis.discovery.sources import EXPRESSION, Source, file_hash


def source_of(name: str, told: Mapping[str, Any]) -> Source:
    """The block of data with the paths of this machine. Any data set of this content will do, retired or not."""
    same = list(Dataset.objects.filter(fingerprint=told["fingerprint"]).order_by("pk"))
    if not same:
        raise DiscoveryError(f"The data set {name} is not stored here any more.")
    stored = next((one for one in same if all(path.is_file() for path in _paths(one))), same[0])
    files = {key: tuple(stored.path(key, place) for place in range(len(many))) for key, many in stored.files.items()}
    hashes = {
        str(path): one["sha256"]
        for key, paths in files.items()
        for path, one in zip(paths, stored.files[key], strict=True)
    }
    return Source(name, told["kind"], files, told["settings"], hashes)


def _paths(stored: Dataset) -> list[Path]:
    return [stored.path(one["key"], one["place"]) for one in stored.listed_files()]


def load_stored(source: Source) -> Any:
    """DiscoveryError where a file is not what was stored."""
    for path, was in source.hashes.items():
        if not Path(path).is_file():
            raise DiscoveryError(f"{source.place}: {Path(path).name} is not stored here any more.")
        if file_hash(Path(path)) != was:
            raise DiscoveryError(f"{source.place}: {Path(path).name} is not the file that was stored.")
    if source.kind == EXPRESSION:
        folder = source.must("file").parent.parent
        if found := read_expression(folder, source.name):
            return found
    return load(source)
