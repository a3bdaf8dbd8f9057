"""import.R and import.sps: the CSV files read with types, labels, levels and units."""

import re
from collections.abc import Iterator

from analysis.exports import columns as types
from analysis.exports.columns import OutColumn
from analysis.exports.datasets import Dataset

_R_HEAD = """\
# Reads the CSV files of this bundle: factors with their labels; "label" and "unit" of a column are attributes of it.
#   source("import.R", chdir = TRUE)        data <- read_export("path/of/the/bundle")
# Base R is enough.

read_table <- function(folder, file, columns) {
  path <- file.path(folder, "data", file)
  # As bytes marked as UTF-8, whatever the locale; the names replace a header that begins with a byte-order mark.
  raw <- read.csv(path, header = TRUE, colClasses = "character", na.strings = "", check.names = FALSE,
                  encoding = "UTF-8", stringsAsFactors = FALSE)
  stopifnot(ncol(raw) == length(columns))
  names(raw) <- names(columns)
  for (name in names(columns)) {
    column <- columns[[name]]
    values <- raw[[name]]
    if (!is.null(column$levels)) {
      values <- factor(values, levels = names(column$levels), labels = unname(column$levels))
    } else if (column$type %in% c("number", "integer")) {
      values <- as.numeric(values)
    } else if (column$type == "boolean") {
      values <- values == "True"
    } else if (column$type == "date") {
      values <- as.Date(values)
    } else if (column$type == "moment") {
      values <- as.POSIXct(sub("T", " ", substr(values, 1L, 19L)), tz = "UTC")
    }
    attr(values, "label") <- column$label
    if (nzchar(column$unit)) attr(values, "unit") <- column$unit
    raw[[name]] <- values
  }
  raw
}

read_export <- function(folder = ".") {
  list(
"""


def r_reader(datasets: list[Dataset]) -> str:
    tables = ",\n".join(_r_table(dataset) for dataset in datasets)
    return f"{_R_HEAD}{tables}\n  )\n}}\n"


def _r_table(dataset: Dataset) -> str:
    columns = ",\n".join(f"      {_r_text(column.name)} = {_r_column(column)}" for column in dataset.columns)
    name = _r_text(dataset.name)
    return f"    {name} = read_table(folder, {_r_text(dataset.name + '.csv')}, list(\n{columns}\n    ))"


def _r_column(column: OutColumn) -> str:
    parts = [f"type = {_r_text(column.type)}", f"label = {_r_text(column.label)}", f"unit = {_r_text(column.unit)}"]
    if column.levels:
        pairs = ", ".join(f"{_r_text(value)} = {_r_text(label)}" for value, label in _distinct(column))
        parts.append(f"levels = c({pairs})")
    return f"list({', '.join(parts)})"


def _distinct(column: OutColumn) -> Iterator[tuple[str, str]]:
    """Two levels of one label would become one level of a factor."""
    labels = list(column.levels.values())
    for value, label in column.levels.items():
        if value:
            yield value, label if labels.count(label) == 1 else f"{label} ({value})"


def _r_text(text: str) -> str:
    """ASCII, so that the file reads alike in every locale."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ").replace("\r", " ")
    return '"' + "".join(char if 31 < ord(char) < 127 else f"\\U{{{ord(char):x}}}" for char in escaped) + '"'


# Words that SPSS keeps for itself.
_RESERVED = {"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"}
_LONGEST_NAME, _LONGEST_LABEL, _LONGEST_TEXT = 64, 250, 1000


def spss_reader(datasets: list[Dataset]) -> str:
    return "\n".join(
        [
            "* Encoding: UTF-8.",
            "* Reads the CSV files of this bundle. Run it with the bundle as the working folder (CD '...').",
            *(line for dataset in datasets for line in _spss_table(dataset)),
            "",
        ]
    )


def _spss_table(dataset: Dataset) -> Iterator[str]:
    names = spss_names([column.name for column in dataset.columns])
    columns = list(zip(names, dataset.columns, strict=True))
    yield f"\n* {dataset.name}."
    yield f"GET DATA /TYPE=TXT /FILE='data/{dataset.name}.csv' /ENCODING='UTF8'"
    yield "  /ARRANGEMENT=DELIMITED /DELCASE=LINE /FIRSTCASE=2 /DELIMITERS=',' /QUALIFIER='\"'"
    yield "  /VARIABLES="
    for name, column in columns:
        yield f"    {name} {_spss_format(column)}"
    yield "  ."
    yield f"DATASET NAME {spss_names([dataset.name])[0]} WINDOW=FRONT."
    yield "VARIABLE LABELS"
    for name, column in columns:
        unit = f", {column.unit}" if column.unit else ""
        yield f"  {name} {_spss_text(column.label + unit)}"
    yield "  ."
    for name, column in columns:
        levels = _spss_levels(column)
        if levels:
            yield f"VALUE LABELS {name}"
            yield from (f"  {value} {_spss_text(label)}" for value, label in levels)
            yield "  ."
    yield "EXECUTE."


def _spss_format(column: OutColumn) -> str:
    return {
        types.INTEGER: "F12.0",
        types.NUMBER: "F16.6",
        types.DATE: "SDATE10",
        types.MOMENT: "A32",
        types.BOOLEAN: "A5",
    }.get(column.type, "A255")


def _spss_levels(column: OutColumn) -> list[tuple[str, str]]:
    if column.type == types.BOOLEAN:
        return [("'True'", "yes"), ("'False'", "no")]
    known = [(value, label) for value, label in column.levels.items() if value]
    if column.type == types.TEXT:
        return [(_spss_text(value), label) for value, label in known]
    return known


def _spss_text(text: str) -> str:
    return "'" + " ".join(text.split())[:_LONGEST_LABEL].replace("'", "''") + "'"


def spss_names(names: list[str]) -> list[str]:
    """Letters, digits and underscores, begun by a letter, at most 64 bytes, no word of SPSS, none twice."""
    taken: set[str] = set()
    found = []
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name).rstrip("_")[: _LONGEST_NAME - 4] or "v"
        if not plain[0].isalpha() or plain.upper() in _RESERVED:
            plain = f"v_{plain}"
        unique, number = plain, 2
        while unique.upper() in taken:
            unique, number = f"{plain}_{number}", number + 1
        taken.add(unique.upper())
        found.append(unique)
    return found
