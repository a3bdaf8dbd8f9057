"""QuPath measurement tables: by image, annotation, TMA core, or object.

Which columns there are is up to the user of QuPath: they are read by name. A blank cell is missing, never 0. A density
is only believed where the area is in µm²; `px` says that the image was not calibrated.
"""

from dataclasses import dataclass, field
from math import fsum
from typing import Any

from labs.formats.errors import FormatError
from labs.formats.numbers import is_number, number_or_none
from labs.formats.reading import Reading
from labs.formats.source import Source
from labs.formats.tables import Row

AREA = "Area µm^2"
TEXTS = ("Image", "Object ID", "Object type", "Name", "Class", "Classification", "Parent", "ROI", "TMA core", "Case ID",
         "Missing")  # fmt: skip
COUNTS = ("Num Detections", "Num Negative", "Num Positive", "Num 1+", "Num 2+", "Num 3+")
NUMBERS = (*COUNTS, "Positive %", "Num Positive per mm^2", "H-score", "Allred score", "Allred intensity",
           "Allred proportion", AREA, "Area px^2", "Perimeter µm", "Perimeter px", "Centroid X µm", "Centroid Y µm",
           "Centroid X px", "Centroid Y px")  # fmt: skip
KNOWN = {name.casefold(): name for name in (*TEXTS, *NUMBERS)}
MAX_ROWS = 500_000
H_SCORE = 300.0
# QuPath rounds to two decimals; a sum of rounded shares may be off by a little more.
PERCENT_AGREES, DENSITY_AGREES = 0.011, 0.011
LISTED = 20


@dataclass(frozen=True)
class Measurement:
    """One row. `values` are the known numbers that are there, `other` those of columns QuPath was told to add."""

    row: int
    image: str
    name: str = ""
    object_id: str = ""
    object_type: str = ""
    classification: str = ""
    is_missing: bool = False
    values: dict[str, float] = field(default_factory=dict)
    other: dict[str, float] = field(default_factory=dict)

    def get(self, name: str) -> float | None:
        return self.values.get(name)

    @property
    def positive(self) -> float | None:
        """Counted, or the difference where the table leaves positives out."""
        counted, negative, found = self.get("Num Positive"), self.get("Num Negative"), self.get("Num Detections")
        if counted is None and negative is not None and found is not None:
            return found - negative
        return counted

    @property
    def positive_percent(self) -> float | None:
        """100 · positive / (positive + negative); None where nothing was counted."""
        positive, negative = self.positive, self.get("Num Negative")
        if positive is None or negative is None or positive + negative <= 0:
            return None
        return 100 * positive / (positive + negative)

    @property
    def density(self) -> float | None:
        """Positive cells per mm²; None without an area in µm²."""
        positive, area = self.positive, self.get(AREA)
        return positive / (area / 1e6) if positive is not None and area else None

    @property
    def checks(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.positive is None:
            return found
        if self.get("Num Positive") is None:
            found["positive_from_difference"] = self.positive
        exported = self.get("Positive %")
        found |= {"positive_percent": self.positive_percent, "exported_positive_percent": exported}
        if exported is not None:
            # QuPath writes 0 or nothing where nothing was counted.
            ours = self.positive_percent or 0.0
            found["percent_consistent"] = abs(ours - exported) <= PERCENT_AGREES
        per_mm2 = self.get("Num Positive per mm^2")
        if self.density is not None:
            found |= {"positive_per_mm2": self.density, "exported_positive_per_mm2": per_mm2}
            if per_mm2 is not None:
                found["density_consistent"] = abs(self.density - per_mm2) <= DENSITY_AGREES + 1e-4 * abs(per_mm2)
        detections, negative = self.get("Num Detections"), self.get("Num Negative")
        if None not in (detections, negative) and "Num Positive" in self.values:
            found["detections_equal_pos_plus_neg"] = detections == self.positive + (negative or 0)
        return found

    @property
    def problems(self) -> tuple[str, ...]:
        """Why the numbers of the row contradict each other."""
        sentences = {
            "percent_consistent": "the percentage is not that of its counts",
            "density_consistent": "the density is not that of its count and area",
            "detections_equal_pos_plus_neg": "positive and negative cells are not all detections",
        }
        checks = self.checks
        return tuple(sentence for name, sentence in sentences.items() if checks.get(name) is False)


@dataclass(frozen=True)
class QuPathTable:
    """`level` is image, annotation, tma, detection or object."""

    level: str
    columns: tuple[str, ...]
    recognised: tuple[str, ...]
    rows: tuple[Measurement, ...]
    blank_cells: int
    values: dict[str, dict[str, float]]

    @property
    def is_density_allowed(self) -> bool:
        return AREA in {_known(name) for name in self.columns}

    @property
    def images(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.image for row in self.rows))


def _known(header: str) -> str:
    """The name as this module writes it; the micro sign, the Greek letter and a mangled one are the same."""
    text = " ".join(header.replace("\u03bc", "µ").replace("Âµ", "µ").replace("²", "^2").split())
    text = text.replace("um^2", "µm^2") if text.endswith(" um^2") else text
    return KNOWN.get(text.casefold(), "")


def is_qupath(source: Source) -> bool:
    sheets = source.sheets
    if not sheets or not sheets[0].rows:
        return False
    names = {_known(cell) for cell in sheets[0].rows[0]} - {""}
    return "Image" in names and len(names) > 2


def read_qupath(source: Source) -> QuPathTable:
    rows = source.sheets[0].rows if source.sheets else ()
    if not is_qupath(source):
        raise FormatError("The first row does not name Image and the columns of a QuPath export.")
    header = rows[0]
    if len(rows) - 1 > MAX_ROWS:
        raise FormatError(f"There are more than {MAX_ROWS} rows: export annotations instead of cells.")
    names = _names(header)
    _refuse_twice(header)
    found = tuple(_measurement(row, number, header, names) for number, row in enumerate(rows[1:], start=2) if any(row))
    if not found:
        raise FormatError("There is no row below the header.", row=1)
    numeric = _numeric_columns(rows[1:], header, names)
    return QuPathTable(
        level=_level(set(names.values()), found),
        columns=header,
        recognised=tuple(header[place] for place in names),
        rows=found,
        blank_cells=sum(_at(row, place) == "" for row in rows[1:] if any(row) for place in range(len(header))),
        values=numeric,
    )


def _names(header: Row) -> dict[int, str]:
    return {place: name for place, cell in enumerate(header) if (name := _known(cell))}


def _refuse_twice(header: Row) -> None:
    seen: set[str] = set()
    for cell in header:
        name = _known(cell) or cell
        if name and name in seen:
            raise FormatError("The column is there twice.", row=1, column=cell)
        seen.add(name)


def _at(row: Row, place: int) -> str:
    return row[place].strip() if place < len(row) else ""


def _measurement(row: Row, number: int, header: Row, names: dict[int, str]) -> Measurement:
    if len(row) > len(header) and any(row[len(header) :]):
        raise FormatError("The row has more cells than the header.", row=number)
    texts = {name: _at(row, place) for place, name in names.items() if name in TEXTS}
    if not texts.get("Image"):
        raise FormatError("The row names no image.", row=number, column="Image")
    values: dict[str, float] = {}
    for place, name in names.items():
        if name in NUMBERS and (value := number_or_none(_at(row, place), number, header[place])) is not None:
            _refuse_impossible(name, value, number, header[place])
            values[name] = value
    other = {
        header[place]: value
        for place in range(len(header))
        if place not in names and is_number(_at(row, place)) and (value := number_or_none(_at(row, place))) is not None
    }
    return Measurement(
        row=number,
        image=texts["Image"],
        name=texts.get("Name", ""),
        object_id=texts.get("Object ID", ""),
        object_type=texts.get("Object type", ""),
        classification=texts.get("Class") or texts.get("Classification", ""),
        is_missing=texts.get("Missing", "").casefold() in {"true", "yes", "1"},
        values=values,
        other=other,
    )


def _refuse_impossible(name: str, value: float, row: int, column: str) -> None:
    rule = ""
    if name in COUNTS and (value < 0 or not value.is_integer()):
        rule = "A count is a whole number from 0."
    elif name == "Positive %" and not 0 <= value <= 100:
        rule = "A percentage lies between 0 and 100."
    elif name == "H-score" and not 0 <= value <= H_SCORE:
        rule = "An H-score lies between 0 and 300."
    elif name.startswith(("Area", "Perimeter", "Num Positive per")) and value < 0:
        rule = "This is not negative."
    if rule:
        raise FormatError(rule, row=row, column=column, value=f"{value:g}")


def _level(names: set[str], rows: tuple[Measurement, ...]) -> str:
    if "Missing" in names:
        return "tma"
    types = {row.object_type.casefold() for row in rows if row.object_type}
    if types and all("annotation" in name for name in types):
        return "annotation"
    if names & set(COUNTS):
        return "annotation" if names & {"ROI", "Name", "Class", "Classification", "Parent"} else "image"
    if "Object ID" in names:
        return "object"
    return "detection" if names & {"ROI", "Class", "Classification", "Name"} else "image"


def _numeric_columns(rows: tuple[Row, ...], header: Row, names: dict[int, str]) -> dict[str, dict[str, float]]:
    found = {}
    for place, cell in enumerate(header):
        if names.get(place, "") in TEXTS:
            continue
        cells = [_at(row, place) for row in rows if any(row)]
        numbers = [value for text in cells if is_number(text) and (value := number_or_none(text)) is not None]
        blank = sum(text == "" for text in cells)
        if numbers and len(numbers) + blank == len(cells):
            total = fsum(numbers)
            found[cell] = {"n": len(numbers), "blank": blank, "mean": total / len(numbers), "sum": total}
    return found


def read_qupath_table(source: Source) -> Reading:
    """`document` is a QuPathTable. Rows of cells have no place on a stain: export annotations or images."""
    table = read_qupath(source)
    has_counts = any(row.positive is not None or "H-score" in row.values for row in table.rows)
    stored = {"measurements": len(table.rows)} if has_counts else None
    why_not = () if has_counts else ("No row counts positive cells: export annotations, cores or images, not cells.",)
    warnings = [f"Row {row.row}: {'; '.join(row.problems)}." for row in table.rows if row.problems]
    if has_counts and not table.is_density_allowed:
        warnings.append("There is no area in µm²: no density is computed.")
    names: dict[str, int] = {}
    for row in table.rows:
        names[row.name] = names.get(row.name, 0) + 1
    summary = {
        "rows": len(table.rows),
        "columns": len(table.columns),
        "images": len(table.images),
        "level": table.level,
        "recognised": list(table.recognised),
        "other_columns": len(table.columns) - len(table.recognised),
        "density_allowed": table.is_density_allowed,
        "checks": [row.checks for row in table.rows[:LISTED] if row.checks],
        "values": table.values,
        "blank_cells": table.blank_cells,
        "first_object": table.rows[0].object_id,
        "names": names,
    }
    return Reading(summary, table, stored, why_not, tuple(warnings[:LISTED]))
