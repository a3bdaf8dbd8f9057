"""One pass over a drop folder, by as many processes as there are: what has stopped growing is taken, stored, put away.

A crash at any moment leaves a file that is found again, and what was stored of it is then a duplicate.
"""

import logging
import time
from collections.abc import Callable, MutableMapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import Error
from django.utils import timezone
from django.utils.translation import gettext as _

from labs.connectors.folder import places
from labs.connectors.folder.places import Claimed, Look
from labs.connectors.folder.sorting import Sorted, sort_file
from labs.inbox.models import Port

logger = logging.getLogger("labs.connectors.folder")
Claim = Callable[[], AbstractContextManager[Claimed | None]]


@dataclass
class Sweeper:
    """`settle` seconds a file must have been left alone. `stopping` is asked between two files."""

    folder: Path
    settle: float = 5.0
    port: str = Port.PRODUCTION
    stopping: Callable[[], bool] = lambda: False
    archived: int = 0
    refused: int = 0
    _seen: MutableMapping[Path, tuple[Look, float]] = field(default_factory=dict)

    def sweep(self) -> int:
        """How many files were put away. OSError where the folder cannot be worked in."""
        places.prepare(self.folder, timezone.localdate())
        done = 0
        for path in [path for path in places.abandoned(self.folder) if self._is_ready(path)]:
            done += not self.stopping() and self._take(places.taken_over(path))
        ready = [path for path in places.dropped(self.folder) if self._is_ready(path)]
        for path in ready:
            done += not self.stopping() and self._take(places.claimed(path, self.folder))
        return done

    def _is_ready(self, path: Path) -> bool:
        """By our own clock where the file was seen before: the clock of a file server may be another."""
        look = places.look_at(path)
        if look is None:
            return False
        now = time.monotonic()
        before = self._seen.get(path)
        if before is None or before[0] != look:
            self._seen = {known: seen for known, seen in self._seen.items() if known.exists()} | {path: (look, now)}
            return time.time() - look.modified / 1e9 >= self.settle
        return now - before[1] >= self.settle

    def _take(self, claim: AbstractContextManager[Claimed | None]) -> bool:
        with claim as claimed:
            if claimed is None:
                return False
            before = places.look_at(claimed.path)
            try:
                found = sort_file(name=claimed.legible_name, data=claimed.path.read_bytes(), port=self.port)
            except (Error, OSError) as error:
                # Nothing says that it is the file's fault.
                logger.error("a file could not be stored and stays: %s", type(error).__name__)
                return False
            except Exception as error:
                # A fault of ours must not keep the files behind it waiting for ever. No traceback: it may quote.
                logger.error("a file could not be read: %s", type(error).__name__)
                why_not = _("A fault of this program (%(error)s): tell whoever runs it, and drop the file again later.")
                found = Sorted(why_not=why_not % {"error": type(error).__name__})
            if places.look_at(claimed.path) != before:
                # Somebody was still writing: read again as a whole, when it rests.
                return False
            self._put_away(claimed, found)
            return True

    def _put_away(self, claimed: Claimed, found: Sorted) -> None:
        # Never a name in the log, nor a reason, which may quote: whoever named the file may have named a patient.
        if found.why_not:
            places.refuse(claimed, self.folder, found.why_not)
            self.refused += 1
            logger.warning("a file went to the error folder; the reason is beside it")
        else:
            places.archive(claimed, self.folder, timezone.localdate())
            self.archived += 1
            logger.info("a file was archived: %s", found.what)
