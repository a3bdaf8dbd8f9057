"""Which reader a file is for: rows of (name, sniff, read), the first whose sniff says yes.

A sniff looks and never raises; its reader raises FormatError and nothing else. To add a format is to add a row, the
particular before the general; another package adds one by entry point (docs/developer/extending.md).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from labs.formats.densitometry.readers import (
    is_band_table,
    is_ratio_table,
    is_setup_template,
    read_band_table,
    read_ratio_table,
    read_setup_template,
)
from labs.formats.errors import FormatError
from labs.formats.other_tables import (
    is_fluorescence_table,
    is_reference_table,
    read_fluorescence_table,
    read_reference_table,
    read_workbook,
)
from labs.formats.outside import FORMATS as OUTSIDE
from labs.formats.outside import added
from labs.formats.pcr_runs import is_cfx_cq, is_rdml, read_cfx_cq, read_rdml_runs
from labs.formats.qupath import is_qupath, read_qupath_table
from labs.formats.reading import Reading
from labs.formats.regions import is_region_table, read_region_table
from labs.formats.source import Source

logger = logging.getLogger(__name__)
MAX_BYTES = 50 * 1024 * 1024
# What a sentence has room for: reasons of as many runs, names of as many columns.
REASONS, NAMED = 3, 8


class Format(NamedTuple):
    name: str
    sniff: Callable[[Source], bool]
    read: Callable[[Source], Reading]


FORMATS: tuple[Format, ...] = (
    Format("rdml", is_rdml, read_rdml_runs),
    Format("cfx_cq_csv", is_cfx_cq, read_cfx_cq),
    Format("qupath_tsv", is_qupath, read_qupath_table),
    Format("region_table", is_region_table, read_region_table),
    Format("blot_ratio_table", is_ratio_table, read_ratio_table),
    Format("blot_lane_band", is_band_table, read_band_table),
    Format("blot_setup_template", is_setup_template, read_setup_template),
    Format("fluorescence_table", is_fluorescence_table, read_fluorescence_table),
    Format("reference_table", is_reference_table, read_reference_table),
    Format("workbook", lambda source: source.is_workbook and bool(source.sheets), read_workbook),
)


@dataclass(frozen=True)
class Recognised:
    """`reading` is None when the file cannot be read: `error` says why. `kind` is "" for a file of no known kind."""

    kind: str
    reading: Reading | None = None
    error: FormatError | None = None
    source: Source = field(default=Source("", b""), repr=False, compare=False)

    def refusal(self, rule: str, *takes: str) -> FormatError:
        """Why a service that takes these kinds stores nothing of it: `rule` where the file itself gives no reason.

        A file of another kind of which nothing is stored anywhere says besides what it is.
        """
        if self.error is not None:
            return self.error
        why = self.reading.why_not if self.reading is not None else ()
        if len(why) > REASONS:
            why = (*why[:REASONS], f"And {len(why) - REASONS} more like this.")
        if self.kind not in takes:
            why = (rule, *(why if self.reading is None or self.reading.document is None else ()))
        row, column = _header(self.source)
        return FormatError(" ".join(why) or rule, row=row, column=column, file=self.source.name)


def recognise(name: str, data: bytes) -> Recognised:
    """What the file is and what it holds. Raises nothing for any bytes."""
    if len(data) > MAX_BYTES:
        return Recognised("", error=FormatError(f"The file is larger than {MAX_BYTES // 1024 // 1024} MB.", file=name))
    if not data:
        return Recognised("", error=FormatError("The file is empty.", file=name))
    source = Source(name, data)
    for format_ in (*_outside(), *FORMATS):
        if _fits(format_, source):
            try:
                return Recognised(format_.name, format_.read(source), source=source)
            except FormatError as error:
                return Recognised(format_.name, error=replace(error, file=name), source=source)
            except Exception as error:
                if format_ in FORMATS:
                    raise
                logger.error("the format %s failed to read a file: %s", format_.name, type(error).__name__)
                rule = f"The format {format_.name} cannot read it."
                return Recognised(format_.name, error=FormatError(rule, file=name), source=source)
    return Recognised("", error=_unknown(source), source=source)


def _outside() -> list[Format]:
    """Before ours: whoever installed them meant them, and they are more particular."""
    return [each for each in added(OUTSIDE) if isinstance(each, Format)]


def _fits(format_: Format, source: Source) -> bool:
    try:
        return format_.sniff(source)
    except Exception as error:
        logger.error("the format %s failed to look at a file: %s", format_.name, type(error).__name__)
        return False


def _unknown(source: Source) -> FormatError:
    row, column = _header(source)
    return FormatError("This is no instrument file that can be read here.", row=row, column=column, file=source.name)


def _header(source: Source) -> tuple[int, str]:
    """Row and names of the columns of a table: the reader sees at once which were looked at. (0, "") for no table."""
    rows = (
        (number, [cell for cell in row if cell])
        for sheet in source.sheets
        for number, row in enumerate(sheet.rows, start=1)
        if any(row)
    )
    number, names = next(rows, (0, []))
    return (number, ", ".join(names[:NAMED])) if len(names) > 1 else (0, "")
