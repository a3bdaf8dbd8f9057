"""What a file's bytes must hash to, and what its first download hashed to."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

SUFFIX = ".sha256"


@dataclass(frozen=True)
class Hashes:
    sha256: str
    md5: str


@dataclass(frozen=True)
class Expected:
    """Either may be empty."""

    sha256: str = ""
    md5: str = ""

    @property
    def is_fixed(self) -> bool:
        return bool(self.sha256 or self.md5)

    def difference(self, found: Hashes) -> str:
        """A sentence, or nothing where all that is expected is there."""
        for name, wanted, has in (("SHA-256", self.sha256, found.sha256), ("MD5", self.md5, found.md5)):
            if wanted and wanted.lower() != has:
                return f"its {name} is {has}, not {wanted.lower()}"
        return ""


def hashes_of(path: Path) -> Hashes:
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with path.open("rb") as content:
        while block := content.read(1 << 20):
            sha256.update(block)
            md5.update(block)
    return Hashes(sha256.hexdigest(), md5.hexdigest())


def recorded(path: Path) -> str:
    """The SHA-256 beside a file, as `sha256sum` writes it; empty where there is none."""
    try:
        words = path.with_name(path.name + SUFFIX).read_text(encoding="utf-8").split()
    except FileNotFoundError:
        return ""
    return words[0].lower() if words else ""


def record(path: Path, sha256: str) -> None:
    beside = path.with_name(path.name + SUFFIX)
    written = beside.with_name(beside.name + ".new")
    written.write_text(f"{sha256}  {path.name}\n", encoding="utf-8")
    written.replace(beside)
