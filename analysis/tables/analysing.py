"""One kind on one table: what `manage.py analyse` prints, draws and writes."""

from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.canonical import plain
from analysis.charts import render
from analysis.charts.render import Stamp
from analysis.frames.frame import Frame
from analysis.kinds.base import Output, TableKind
from analysis.rscripts.rows import rows_csv
from analysis.tables.conditions import kept
from analysis.tables.table import TableError, read_table

DRAW = {".svg": render.svg, ".png": render.png, ".pdf": render.pdf}


@dataclass(frozen=True)
class Analysed:
    kind: TableKind
    frame: Frame
    parameters: dict[str, Any]
    output: Output
    source: str
    sha256: str


def analyse(kind: TableKind, options: Namespace) -> Analysed:
    """TableError for a wish or a table that makes no sense."""
    table = kept(read_table(options.file), options.where) if options.file else None
    frame, parameters = kind.from_table(table, options)
    # The same digits as in the result and in the rows of the R script: a value at the cutoff is at it everywhere.
    frame = frame.canonical() if table else frame
    output = {"kind": kind.code, **kind.compute(frame, parameters)}
    source, digest = (table.name, table.sha256) if table else ("", "")
    return Analysed(kind, frame, parameters, plain(output), source, digest)


def draw(analysed: Analysed, path: Path, name: str = "") -> None:
    """The figure of that name, else the first of the kind; TableError where there is none to draw."""
    if path.suffix.lower() not in DRAW:
        raise TableError(f"--figure {path.name}: the name ends with one of {', '.join(DRAW)}.")
    figures = analysed.kind.figures(analysed.output)
    if not figures:
        raise TableError(f"--figure: there is nothing to draw. {analysed.output.get('refused') or ''}".rstrip())
    wanted = next((figure for figure in figures if name in ("", figure.name)), None)
    if wanted is None:
        raise TableError(f"--draw {name!r}: the figures are {', '.join(figure.name for figure in figures)}.")
    stamp = Stamp("of a file", analysed.sha256, _caption(analysed), ())
    _write(path, DRAW[path.suffix.lower()](wanted.spec, stamp))


def write_script(analysed: Analysed, path: Path) -> None:
    """OUT.R and, beside it, OUT.csv with the rows that it reads."""
    content = analysed.kind.r_script(analysed.frame, analysed.parameters, analysed.output, name=path.stem)
    _write(path, content.encode())
    _write(path.with_suffix(".csv"), rows_csv(analysed.frame).encode())


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise TableError(f"{path} cannot be written: {error.strerror}.") from error


def _caption(analysed: Analysed) -> str:
    output = analysed.output
    parts = [f"{analysed.source or 'Printed numbers'}: n = {output.get('n', 0)}"]
    if "events" in output:
        parts.append(f"events = {output['events']}")
    parts += [f"left out: {reason} ({n})" for reason, n in output.get("dropped", {}).items()]
    return "; ".join(parts) + "."
