"""One R process for all scripts of a run: starting R and its packages takes longer than most of them."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.absent import absent

# Each script in an environment of its own, with the arguments that Rscript would hand it.
_RUN = """
tryCatch({{
  scope <- new.env()
  scope$commandArgs <- function(trailingOnly = FALSE) if (trailingOnly) {csv} else "R"
  sink({out}); source({script}, local = scope); sink()
  cat("done\\n")
}}, error = function(e) {{ sink(); cat("error", conditionMessage(e), "\\n") }})
"""


class R:
    def __init__(self, program: str, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [program, "--vanilla", "--no-echo"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, script: Path) -> str:
        """What the script prints; a failure of the script fails the test in R's words."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        out = self._folder / "out.txt"
        paths = {"csv": script.with_suffix(".csv"), "out": out, "script": script}
        stdin.write(_RUN.format(**{name: f'"{path}"' for name, path in paths.items()}))
        stdin.flush()
        said = stdout.readline().strip()
        if said != "done":
            pytest.fail(f"{script.name}: {said or 'R ended'}")
        return out.read_text()

    def close(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()


@pytest.fixture(scope="session")
def r() -> Iterator[R]:
    program = shutil.which("R")
    if program is None:
        absent("no R: install the packages r-base-core and r-cran-survival")
    with tempfile.TemporaryDirectory() as folder:
        session = R(program, Path(folder))
        yield session
        session.close()
