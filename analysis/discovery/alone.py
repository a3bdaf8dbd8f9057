"""One run at a time in a folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis.discovery.errors import DiscoveryError


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder that is there; DiscoveryError where another run holds it.

    The folder itself is locked, not a file in it: the lock ends with the process, however it ends, and leaves nothing.
    """
    held = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DiscoveryError(
                f"--out {folder}: another run is writing there. Wait for its end, or name another folder."
            ) from error
        yield
    finally:
        os.close(held)
