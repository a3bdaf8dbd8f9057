import tomllib
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

CATALOGUE = Path(__file__).with_name("catalogue.toml")


@dataclass(frozen=True)
class Source:
    """Without `url` it cannot be fetched: `why`, and `where` to get it. `largest` is in MB."""

    name: str
    title: str
    licence: str
    used_for: str
    url: str = ""
    file: str = ""
    sha256: str = ""
    md5: str = ""
    largest: int = 2000
    where: str = ""
    why: str = ""
    licensed: bool = False

    def as_dict(self) -> dict[str, str | int | bool]:
        return {name: value for name, value in asdict(self).items() if value != ""}


@cache
def sources() -> dict[str, Source]:
    entries = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    return {name: Source(name=name, **entry) for name, entry in entries.items()}
