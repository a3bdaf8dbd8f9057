"""What R takes for the same work, measured inside R, and the numbers it gets."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.bench.stopwatch import Measured

# CPU seconds, as in stopwatch.py; a short call is repeated until the clock of R, which counts milliseconds, can see it.
_SCRIPT = """
suppressMessages({{{loaded}}})
x <- read.csv("{data}")
best <- Inf
for (round in 1:{rounds}) {{
  calls <- 0; spent <- 0
  while (spent < 0.05) {{
    spent <- spent + sum(system.time(found <- {{{call}}})[c("user.self", "sys.self")])
    calls <- calls + 1
  }}
  best <- min(best, spent / calls)
}}
cat(format(best, digits = 15), "\\n")
cat(format(as.numeric({numbers}), digits = 17), sep = "\\n")
"""


def installed(*packages: str) -> bool:
    """Whether R is here with these packages."""
    program = shutil.which("Rscript")
    if program is None:
        return False
    asked = "".join(f'stopifnot(requireNamespace("{package}", quietly = TRUE));' for package in packages)
    return subprocess.run([program, "-e", asked], capture_output=True, check=False).returncode == 0


def measured(
    folder: Path, packages: Sequence[str], columns: dict[str, NDArray[np.float64]], call: str, numbers: str, rounds: int
) -> Measured | None:
    """The quickest of some rounds of ``call`` on a table ``x``, with ``numbers`` of what it ``found``, if R is here."""
    program = shutil.which("Rscript")
    if program is None or not installed(*packages):
        print(f"   R with {', '.join(packages)} is not installed, so it is not compared")
        return None
    table, script = folder / "rows.csv", folder / "bench.R"
    rows = np.column_stack(list(columns.values()))
    np.savetxt(table, rows, delimiter=",", header=",".join(columns), comments="", fmt="%.17g")
    loaded = "; ".join(f"library({package})" for package in packages)
    script.write_text(_SCRIPT.format(loaded=loaded, data=table, rounds=rounds, call=call, numbers=numbers), "utf-8")
    told = subprocess.run([program, str(script)], capture_output=True, text=True, check=True).stdout.split()
    return Measured(float(told[0]), np.array([float(value) for value in told[1:]]))
