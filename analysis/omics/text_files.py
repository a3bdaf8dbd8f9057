"""Lines of a text file, plain or compressed."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from analysis.omics.errors import OmicsInputError


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Each line with its number from 1, without blank lines and those that begin with ``#``; gzip by ``.gz``."""
    open_text = gzip.open if path.suffix == ".gz" else open
    with open_text(path, "rt", encoding="utf-8-sig", errors="replace") as file:
        try:
            for number, line in enumerate(file, start=1):
                if line.strip() and not line.startswith("#"):
                    yield number, line.rstrip("\r\n")
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise OmicsInputError(f"{path.name} is not a whole gzip file.") from error
