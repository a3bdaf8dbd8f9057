"""From the rows of a Cq export to the wells of a run."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from labs.formats.cfx.cells import content_kind, content_of, cq_of, number_of, position_of
from labs.formats.cfx.columns import columns_of, find_header, left_out, plain
from labs.formats.errors import FormatError
from labs.formats.plate import (
    PlateRun,
    Replicates,
    Well,
    amplified_controls,
    replicate_groups,
    spread_out,
)
from labs.formats.tables import Row, Sheet, read_sheets

MAX_WELLS = 384 * 6
_IN_NAME = re.compile(r"(?<![0-9])([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])")
_INSTRUMENT = re.compile(r"CFX(?:96|384|Opus)?(?:[ _-]?Touch)?|(?<=_)Connect", re.IGNORECASE)
# What lines above the header say about the run.
_RUN_STARTED = ("run started", "date", "run date")
_PROTOCOL = ("protocol file name", "protocol")
_INSTRUMENTS = ("base serial number", "instrument", "cycler")
_SOFTWARE = ("cfx maestro version", "cfx manager version", "software", "version")


@dataclass(frozen=True)
class CfxFile:
    run: PlateRun
    columns_left_out: tuple[str, ...]

    @property
    def groups(self) -> list[Replicates]:
        return replicate_groups(self.run.wells)

    def summary(self) -> dict[str, Any]:
        """The file in numbers, ready for JSON."""
        wells, groups = self.run.wells, self.groups
        return {
            "runs": 1,
            "rows": len(wells),
            "wells": len({well.position for well in wells}),
            "fluors": sorted({well.fluor for well in wells if well.fluor}),
            "targets": dict(sorted(Counter(well.target for well in wells).items())),
            "contents": dict(sorted(Counter(content_kind(well.content_as_written) for well in wells).items())),
            "samples": len({well.sample for well in wells if well.sample}),
            "cq_missing": sum(not well.is_detected for well in wells),
            "groups": [group.as_dict() for group in groups],
            "flags": {
                "replicate_sd_above_0_5": [
                    {
                        "target": group.target,
                        "content": group.content,
                        "sample": group.sample,
                        "sd": group.sd,
                        "wells": group.positions,
                    }
                    for group in spread_out(groups)
                ],
                "ntc_amplified": [
                    {
                        "well": well.position,
                        "target": well.target,
                        "content": well.content_as_written,
                        "cq": well.cq,
                    }
                    for well in amplified_controls(wells)
                ],
            },
        }


def looks_like_cfx(sheets: tuple[Sheet, ...]) -> bool:
    return any(find_header(sheet) is not None for sheet in sheets)


def read_cfx(data: bytes, name: str = "") -> CfxFile:
    """The run of an export. `name` is the name of the file, which often says the day and the instrument.

    FormatError for bytes that are no Cq export, and for the first cell that cannot be what its column says.
    """
    return cfx_of_sheets(read_sheets(data), name)


def cfx_of_sheets(sheets: tuple[Sheet, ...], name: str = "") -> CfxFile:
    found = [(sheet, number) for sheet in sheets if (number := find_header(sheet)) is not None]
    if not found:
        raise FormatError("No row names the columns Well and Cq: this is no table of Cq results.")
    if len(found) > 1:
        raise FormatError("Two sheets hold Cq results: save one of them in a file of its own.")
    sheet, number = found[0]
    header = sheet.rows[number]
    columns = columns_of(header, number + 1)
    wells = _wells(sheet.rows, number, columns)
    if not wells:
        raise FormatError("There is no well below the header.", row=number + 1)
    if len(wells) > MAX_WELLS:
        raise FormatError(f"There are more than {MAX_WELLS} rows: this is no single plate.")
    _refuse_doubles(wells, header, columns)
    run = _run(name, sheet.rows[:number], wells)
    return CfxFile(run, tuple(left_out(header)))


def _wells(rows: tuple[Row, ...], header: int, columns: dict[str, int]) -> tuple[Well, ...]:
    names = rows[header]
    return tuple(
        _well(row, number, names, columns)
        for number, row in enumerate(rows[header + 1 :], start=header + 2)
        if any(row)
    )


def _well(row: Row, number: int, names: Row, columns: dict[str, int]) -> Well:
    def cell(field: str) -> str:
        place = columns.get(field)
        return row[place] if place is not None and place < len(row) else ""

    def head(field: str) -> str:
        return names[columns[field]] if field in columns else field

    if len(row) > len(names) and any(row[len(names) :]):
        raise FormatError("The row has more cells than the header: is a decimal comma a separator?", row=number)
    # A Cq export of a damaged file ends in the middle of a row: its last numbers are not to be believed.
    if columns["cq"] >= len(row):
        raise FormatError("The row ends before the Cq: the file is cut off.", row=number)
    written = cell("content")
    cq = cq_of(cell("cq"), number, head("cq"))
    # Of a well without Cq the program writes a mean and an SD of 0, which are no statistics.
    mean, sd = (number_of(cell(name), number, head(name)) for name in ("cq_mean", "cq_sd"))
    return Well(
        row=number,
        position=position_of(cell("well"), number, head("well")),
        target=cell("target"),
        cq=cq,
        fluor=cell("fluor"),
        content=content_of(written),
        content_as_written=written,
        sample=cell("sample"),
        biological_set=cell("biological_set"),
        note=cell("note"),
        cq_mean=None if cq is None else mean,
        cq_sd=None if cq is None else sd,
    )


def _refuse_doubles(wells: tuple[Well, ...], header: Row, columns: dict[str, int]) -> None:
    seen: dict[tuple[str, str, str], int] = {}
    for well in wells:
        key = (well.position, well.fluor, well.target)
        if key in seen:
            raise FormatError(
                f"This well, fluorophore and target is in row {seen[key]} already.",
                row=well.row,
                column=header[columns["well"]],
                value=well.position,
            )
        seen[key] = well.row


def _run(name: str, above: tuple[Row, ...], wells: tuple[Well, ...]) -> PlateRun:
    said = _said(above)
    instrument = _INSTRUMENT.search(name)
    return PlateRun(
        name=name,
        wells=wells,
        instrument=_first(said, _INSTRUMENTS) or (instrument[0] if instrument else ""),
        software=_first(said, _SOFTWARE),
        protocol=_first(said, _PROTOCOL),
        run_on=_day(_first(said, _RUN_STARTED)) or _day(name),
    )


def _said(above: tuple[Row, ...]) -> dict[str, str]:
    pairs = ([cell for cell in row if cell] for row in above)
    return {plain(pair[0]).rstrip(":"): pair[1] for pair in pairs if len(pair) > 1}


def _first(said: dict[str, str], names: tuple[str, ...]) -> str:
    return next((said[name] for name in names if said.get(name)), "")


def _day(text: str) -> date | None:
    """Only a day written year first: 03/04/2025 is two days."""
    found = _IN_NAME.search(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
