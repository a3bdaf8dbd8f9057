"""An R script that reads the rows of a result and prints its numbers, one a line: place in the result, tab, value."""

from collections.abc import Sequence

_HEAD = """\
# {title}
# Reproduces the numbers of this result from its rows. Run: Rscript {name}.R [{name}.csv]
{needs}{libraries}arguments <- commandArgs(trailingOnly = TRUE)
self <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
file <- if (length(arguments)) arguments[1] else file.path(if (length(self)) dirname(self) else ".", "{name}.csv")
rows <- read.csv(file, check.names = FALSE, fileEncoding = "UTF-8-BOM", stringsAsFactors = FALSE)
put <- function(place, value) cat(sprintf("%s\\t%.12g\\n", place, as.numeric(value)), sep = "")
"""

# The same rows as text: read.csv takes a column of nothing but T and F for yes and no.
TEXTS = 'texts <- read.csv(file, check.names = FALSE, fileEncoding = "UTF-8-BOM", colClasses = "character")'


def script(title: str, body: str, *, name: str, libraries: Sequence[str] = ("survival",)) -> str:
    """`body` is R that works on `rows` and calls put("place/in/result", value); `name` is that of both files."""
    loaded = "".join(f"suppressPackageStartupMessages(library({library}))\n" for library in libraries)
    # What every R has with survival needs no word.
    needs = "" if tuple(libraries) == ("survival",) else f"# Needs the packages {', '.join(libraries)}.\n"
    one_line = " ".join(title.split())
    return _HEAD.format(title=one_line, name=name, needs=needs, libraries=loaded) + "\n" + body.strip() + "\n"


def column(name: str) -> str:
    """`rows[["name"]]`, whatever the name holds."""
    return f"rows[[{text(name)}]]"


def texts_of(name: str) -> str:
    """`texts[["name"]]`, in a script that has run TEXTS."""
    return f"texts[[{text(name)}]]"


def text(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def vector(values: Sequence[float | str]) -> str:
    return "c(" + ", ".join(text(value) if isinstance(value, str) else repr(float(value)) for value in values) + ")"
