"""The one error of every reader of files."""

from dataclasses import dataclass


@dataclass
class FormatError(ValueError):
    """A file that is not read, or a place in it that cannot be.

    `rule` is a sentence. `row` counts from 1 as a spreadsheet does (header included), `column` is the header as
    written, `value` the cell; 0 and "" where the whole file is meant. `file` is filled in by who knows its name.
    """

    rule: str
    row: int = 0
    column: str = ""
    value: str = ""
    file: str = ""

    def __str__(self) -> str:
        places = [self.file] if self.file else []
        places += [f"row {self.row}"] if self.row else []
        places += [f"column {self.column}"] if self.column else []
        places += [f"“{_short(self.value)}”"] if self.value else []
        return f"{', '.join(places)}: {self.rule}" if places else self.rule

    def as_dict(self) -> dict[str, str | int]:
        return {"row": self.row, "column": self.column, "value": _short(self.value), "rule": self.rule}


def _short(value: str) -> str:
    return value if len(value) <= 60 else value[:59] + "…"
