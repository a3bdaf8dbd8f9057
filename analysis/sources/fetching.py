import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from analysis.sources.checksums import Expected, Hashes, hashes_of, record, recorded
from analysis.sources.transfer import BrokenOff, Limits, Refused, forget, transfer

# Seconds before each further try.
PAUSES: tuple[float, ...] = (2.0, 8.0, 30.0)


@dataclass(frozen=True)
class Fetched:
    """`was_there` is a file that had the right checksum already; `is_first` one whose hash nobody knew before."""

    path: Path
    hashes: Hashes
    was_there: bool = False
    is_first: bool = False


def fetch(
    url: str,
    path: Path,
    limits: Limits,
    *,
    expected: Expected,
    accept_new: bool = False,
    progress: Callable[[int, int], None],
) -> Fetched:
    """Nothing stands under `path` that is not whole and checked. Refused and OSError say why in a sentence."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path.parent):
        return _fetch(url, path, limits, expected, accept_new, progress)


def _fetch(
    url: str,
    path: Path,
    limits: Limits,
    expected: Expected,
    accept_new: bool,
    progress: Callable[[int, int], None],
) -> Fetched:
    if expected.is_fixed and path.exists():
        present = hashes_of(path)
        if not expected.difference(present):
            record(path, present.sha256)
            return Fetched(path, present, was_there=True)
    part = path.with_name(path.name + ".part")
    _transfer_with_patience(url, part, limits, expected.is_fixed, progress)
    found = hashes_of(part)
    if difference := expected.difference(found):
        # Bytes that are wrong must not be continued from.
        forget(part)
        raise Refused(f"The download is not the file that is expected: {difference}.")
    before = recorded(path) or (hashes_of(path).sha256 if path.exists() else "")
    if before and before != found.sha256 and not expected.is_fixed and not accept_new:
        forget(part)
        raise Refused(
            f"The server has another file than the first download: its SHA-256 is {found.sha256}, not {before}. "
            "--accept-new takes it."
        )
    with part.open("rb") as whole:
        os.fsync(whole.fileno())
    part.replace(path)
    record(path, found.sha256)
    forget(part)
    return Fetched(path, found, is_first=not before and not expected.is_fixed)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two downloads must not write into one `.part`."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Refused("Another download into this folder is running.") from None
    finally:
        os.close(held)


def _transfer_with_patience(
    url: str, part: Path, limits: Limits, is_checked: bool, progress: Callable[[int, int], None]
) -> None:
    for pause in (*PAUSES, None):
        try:
            transfer(url, part, limits, is_checked=is_checked, progress=progress)
            return
        except BrokenOff as error:
            if pause is None:
                held = f" {part.name} is kept: the next try goes on from there." if part.exists() else ""
                raise Refused(f"{error}{held}") from None
            time.sleep(pause)
