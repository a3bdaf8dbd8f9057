"""Lines of a text file, plain or compressed."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from analysis.omics.errors import OmicsInputError


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Each line with its number from 1, without blank lines and those that begin with ``#``.

    Unpacked by the ending: ``.gz``, and ``.zip`` with one file in it.
    """
    try:
        with _opened(path) as content:
            file = io.TextIOWrapper(content, encoding="utf-8-sig", errors="replace")
            for number, line in enumerate(file, start=1):
                if line.strip() and not line.startswith("#"):
                    yield number, line.rstrip("\r\n")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise OmicsInputError(f"{path.name} is not a whole gzip file.") from error
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        # RuntimeError: it asks for a password.
        raise OmicsInputError(f"{path.name} is not a whole zip file.") from error


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            if len(names) != 1:
                raise OmicsInputError(f"{path.name} holds {len(names)} files, and one is expected.")
            with archive.open(names[0]) as member:
                yield member
    else:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as content:
            yield content
