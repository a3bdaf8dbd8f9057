"""Files of the catalogue that were carried into a folder."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from analysis.sources.catalogue import sources
from analysis.sources.checksums import Expected, hashes_of, recorded


class State(StrEnum):
    GOOD = "good"
    DIFFERENT = "different"
    UNKNOWN = "unknown"
    ABSENT = "absent"


@dataclass(frozen=True)
class Finding:
    name: str
    file: str
    state: State
    sha256: str = ""
    difference: str = ""

    def as_dict(self) -> dict[str, str]:
        return {"name": self.name, "file": self.file, "state": self.state, "sha256": self.sha256}


def findings(folder: Path) -> list[Finding]:
    """Each file against the catalogue and against what is recorded beside it. OSError where one cannot be read."""
    return [_finding(name, folder / source.file) for name, source in sources().items() if source.file]


def _finding(name: str, path: Path) -> Finding:
    if not path.is_file():
        return Finding(name, path.name, State.ABSENT)
    source, beside = sources()[name], recorded(path)
    found = hashes_of(path)
    fixed = Expected(source.sha256, source.md5)
    if difference := fixed.difference(found) or Expected(beside).difference(found):
        return Finding(name, path.name, State.DIFFERENT, found.sha256, difference)
    return Finding(name, path.name, State.GOOD if fixed.is_fixed or beside else State.UNKNOWN, found.sha256)
