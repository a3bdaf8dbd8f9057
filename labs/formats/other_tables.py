"""Tables of the bench that hold nothing to store: recognised, so that the answer can say what they are."""

from labs.formats.plate import plate_position
from labs.formats.reading import Reading
from labs.formats.source import Source
from labs.formats.tables import Row, Sheet

FIRST = 6
CURVES = "These are curves of fluorescence, not Cq results: export “Quantification Cq Results” instead."
RESULTS = "This is a table of another program's results: Cq are read from the instrument's file, not from here."
BOOK = "No sheet of this workbook holds Cq results (columns Well and Cq)."


def is_fluorescence_table(source: Source) -> bool:
    return not source.is_workbook and any(_curve_header(sheet) is not None for sheet in source.sheets)


def _curve_header(sheet: Sheet) -> int | None:
    """The row that begins with Cycle or Temperature and goes on with wells, or with numbered curves."""
    for number, row in enumerate(sheet.rows[:10]):
        cells = [cell for cell in row if cell]
        if len(cells) > 1 and _is_axis(cells[0]) and _numbers_below(sheet.rows[number + 1 :]):
            return number
        if len(cells) > 3 and sum(plate_position(cell) is not None for cell in cells[1:]) > len(cells) / 2:
            return number
    return None


def _is_axis(cell: str) -> bool:
    return cell.casefold().rstrip("s") in {"cycle", "cyc", "cycle number", "temperature", "temp", "tmp"}


def _numbers_below(rows: tuple[Row, ...]) -> bool:
    cells = [cell for row in rows[:5] for cell in row if cell]
    return len(cells) > 3 and sum(_is_number(cell) for cell in cells) > 0.8 * len(cells)


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def read_fluorescence_table(source: Source) -> Reading:
    sheet = next(sheet for sheet in source.sheets if _curve_header(sheet) is not None)
    number = _curve_header(sheet) or 0
    return Reading(_sizes(sheet, number), why_not=(CURVES,))


def is_reference_table(source: Source) -> bool:
    """Results of a PCR analysis: wells or samples with their target, and no Cq."""
    if source.is_workbook or not source.sheets or not source.sheets[0].rows:
        return False
    names = {cell.casefold() for cell in source.sheets[0].rows[0]}
    return {"well", "sample", "target"} <= names or {"target", "sample", "ncopy"} <= names


def read_reference_table(source: Source) -> Reading:
    return Reading(_sizes(source.sheets[0], 0), why_not=(RESULTS,))


def _sizes(sheet: Sheet, header: int) -> dict[str, object]:
    names = sheet.rows[header]
    return {
        "rows": sum(any(row) for row in sheet.rows[header + 1 :]),
        "columns": len(names),
        "first_columns": list(names[:FIRST]),
    }


def read_workbook(source: Source) -> Reading:
    sheets = [{"name": sheet.name, "rows": len(sheet.rows), "columns": sheet.columns} for sheet in source.sheets]
    return Reading({"sheets": sheets}, why_not=(BOOK,))
