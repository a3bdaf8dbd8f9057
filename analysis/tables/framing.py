"""A table as the frame that a kind computes on: one row per row of the file, with what was asked for."""

from argparse import ArgumentParser, Namespace
from typing import Any

from analysis.frames.frame import Frame
from analysis.tables.table import Table, TableError

# What `follow_up` calls its columns in a frame.
FOLLOW_UP = frozenset({"time", "event", "entry", "competing"})
YES, NO = frozenset({"1", "1.0", "true", "yes"}), frozenset({"0", "0.0", "false", "no"})


class Framing:
    """Collects columns of a table; `frame()` gives them as a Frame whose patients are the rows of the file."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._columns: dict[str, list[Any]] = {}
        self._described: dict[str, dict[str, Any]] = {}
        self.constants: dict[str, Any] = {}
        self.notes: list[str] = []

    def numbers(self, *names: str) -> None:
        for name in names:
            self._add(name, self.table.numeric(name))

    def texts(self, *names: str) -> None:
        for name in names:
            self._add(name, self.table.texts(name))

    def either(self, *names: str) -> None:
        """Numbers where the whole column is numbers, else text."""
        for name in names:
            self._add(name, self.table.numeric(name) if self.table.is_numeric(name) else self.table.texts(name))

    def flag(self, name: str, column: str, value: str | None) -> None:
        """Under that name, whether the column has the value, or without one says 1 or yes."""
        self._columns[name] = events(self.table, column, value)
        self._described[name] = {"label": column, "unit": ""}

    def follow_up(self, options: Namespace) -> None:
        """Time and event as the options name them. TableError names column and row."""
        if not options.time or not options.event:
            raise TableError("Name the columns of follow-up: --time COLUMN and --event COLUMN.")
        self._columns["time"] = self._times(options.time)
        if getattr(options, "start", None):
            self._columns["entry"] = self._times(options.start)
            self._described["entry"] = {"label": options.start}
            self._check_entry(options)
        self._columns["event"] = events(self.table, options.event, options.event_value)
        self._described |= {
            "time": {"label": options.time, "unit": options.time_unit},
            "event": {"label": options.event},
        }
        self.constants["time_unit"] = options.time_unit

    def competing(self, options: Namespace) -> None:
        """Time, event and competing event; every other value of the event's column is censored."""
        options.event_value = "1" if options.event_value is None else options.event_value
        self.follow_up(options)
        others = events(self.table, options.event, options.competing)
        both = any(event and other for event, other in zip(self._columns["event"], others, strict=True))
        if both:
            raise TableError(f"--competing {options.competing!r} is the event itself.")
        self._columns["competing"] = others
        ends = zip(self.table.texts(options.event), self._columns["event"], others, strict=True)
        censored = sorted({cell for cell, event, other in ends if cell is not None and not event and not other})
        if len(censored) > 1:
            self.notes.append(f"{options.event}: all of {', '.join(censored)} count as censored.")

    def frame(self) -> Frame:
        width = len(str(max(self.table.numbers, default=0)))
        rows = [
            {"patient": f"row {number:0{width}d}"} | {name: values[i] for name, values in self._columns.items()}
            for i, number in enumerate(self.table.numbers)
        ]
        return Frame(rows, columns=self._described, constants=self.constants, notes=self.notes)

    def _times(self, column: str) -> list[float | None]:
        times = self.table.numeric(column)
        for number, time in zip(self.table.numbers, times, strict=True):
            if time is not None and time < 0:
                raise TableError(f"Column {column}, row {number}: a time of {time:g} is below zero.")
        return times

    def _check_entry(self, options: Namespace) -> None:
        pairs = zip(self.table.numbers, self._columns["entry"], self._columns["time"], strict=True)
        for number, start, end in pairs:
            if start is not None and end is not None and start >= end:
                raise TableError(
                    f"Column {options.start}, row {number}: the start {start:g} is not before the end {end:g}."
                )

    def _add(self, name: str, values: list[Any]) -> None:
        # The frame has one column of each name: a marker called "event" must not become the follow-up.
        if name in FOLLOW_UP and name in self._columns:
            raise TableError(f"Column {name} has the name that follow-up has in the analysis: rename it in the table.")
        self._columns[name] = values
        self._described[name] = {"label": name, "unit": ""}


def events(table: Table, column: str, value: str | None) -> list[bool | None]:
    """True where follow-up ended with the event: where the column has that value, else where it says 1 or yes."""
    cells = table.texts(column)
    if value is not None:
        wanted = _plain(value)
        if not table.is_part and wanted not in {_plain(cell) for cell in cells if cell is not None}:
            raise TableError(f"Column {column} never has the value {value!r}.")
        return [None if cell is None else _plain(cell) == wanted for cell in cells]
    found: list[bool | None] = []
    for number, cell in zip(table.numbers, cells, strict=True):
        if cell is not None and cell.lower() not in YES | NO:
            raise TableError(
                f"Column {column}, row {number}: {cell!r} is neither 0 nor 1; say which value is the event."
            )
        found.append(None if cell is None else cell.lower() in YES)
    return found


def _plain(cell: str) -> str:
    """2, 2.0 and 2.00 are one value; codes of many digits stay apart."""
    try:
        return repr(float(cell))
    except ValueError:
        return cell


def follow_up_options(parser: ArgumentParser, *, start: bool = False) -> None:
    parser.add_argument("--time", metavar="COLUMN", help="follow-up time, in one unit")
    parser.add_argument(
        "--event", metavar="COLUMN", help="1 where follow-up ended with the event, 0 where it was censored"
    )
    parser.add_argument("--event-value", metavar="VALUE", help="the value of that column which is the event")
    parser.add_argument("--time-unit", metavar="UNIT", default="", help="for figures, such as months")
    if start:
        parser.add_argument("--start", metavar="COLUMN", help="start of the interval at risk (delayed entry)")


def landmark_option(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--landmark", type=float, metavar="T", help="count time from T, for whoever is still at risk then"
    )


def listed(text: str) -> list[str]:
    """`a, b,c` as names; commas in brackets belong to a name."""
    names, depth, name = [], 0, ""
    for mark in text:
        depth += (mark == "(") - (mark == ")")
        if mark == "," and depth == 0:
            names.append(name.strip())
            name = ""
        else:
            name += mark
    names.append(name.strip())
    if not all(names):
        raise TableError(f"{text!r} names an empty column.")
    repeated = [name for name in names if names.count(name) > 1]
    if repeated:
        raise TableError(f"{repeated[0]!r} is named twice.")
    return names


def numbers_listed(text: str, what: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise TableError(f"--{what} {text!r}: write numbers with commas between them.") from None
