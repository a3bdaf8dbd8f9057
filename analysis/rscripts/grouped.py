"""The start of an R script that compares groups: the rows as text, the group of each, and how a sample is described."""

from typing import Any

from analysis.rscripts.script import text, vector

# As text first: R would take a column of T and F for logical, and 1.0 for 1.
_CELLS = (
    'cells <- read.csv(file, check.names = FALSE, fileEncoding = "UTF-8-BOM", colClasses = "character", '
    'na.strings = "NA")'
)
_DESCRIBE = """\
describe <- function(place, x) {
  put(paste0(place, "n"), length(x))
  if (length(x) == 0) return(invisible())
  quartiles <- quantile(x, c(0.25, 0.5, 0.75), names = FALSE)
  put(paste0(place, "mean"), mean(x))
  put(paste0(place, "sd"), sd(x))
  put(paste0(place, c("q1", "median", "q3", "min", "max")), c(quartiles, range(x)))
}"""


def group_lines(output: dict[str, Any]) -> list[str]:
    """R that leaves `cells` (text), `group` (NA where a row has none) and `groups`, their names in order."""
    lines = [_CELLS, _DESCRIBE, f"groups <- {names(output['names'])}"]
    marks = f"cells[[{text(output['group'])}]]"
    if output["cutoff"]:
        cut = f"as.numeric({marks}) > {output['cutoff']['value']!r}"
        return [*lines, f"group <- ifelse({cut}, {text('high')}, {text('low')})"]
    levels = [output["levels"][name] for name in output["names"]]
    return [*lines, f"group <- groups[match({marks}, {names(levels)})]"]


def names(values: list[str]) -> str:
    return vector(values) if values else "character(0)"


def number_column(name: str) -> str:
    return f"as.numeric(cells[[{text(name)}]])"
