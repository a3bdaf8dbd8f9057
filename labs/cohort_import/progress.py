"""A progress bar for a person at a terminal; nothing is drawn into a file or a pipe."""

from dataclasses import dataclass, field
from time import monotonic
from typing import TextIO

_WIDTH, _SECONDS_BETWEEN = 30, 0.1


@dataclass
class Bar:
    stream: TextIO
    started: float = field(default_factory=monotonic)
    drawn: float = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = monotonic()
        if not self.stream.isatty() or (done < total and now - self.drawn < _SECONDS_BETWEEN):
            return
        self.drawn = now
        filled = _WIDTH * done // total
        pace = done / max(now - self.started, 1e-9)
        line = (
            f"\r{'█' * filled}{'░' * (_WIDTH - filled)} {100 * done // total:3d} %  {done}/{total}  {pace:.0f} rows/s"
        )
        self.stream.write(line + ("\n" if done == total else ""))
        self.stream.flush()
