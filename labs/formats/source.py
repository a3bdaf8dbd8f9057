"""A file as it came, with its tables read once however many readers look at it."""

from dataclasses import dataclass
from functools import cached_property

from labs.formats.errors import FormatError
from labs.formats.tables import Sheet, is_workbook, read_sheets


@dataclass(frozen=True)
class Source:
    name: str
    data: bytes

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The tables of the file; none when it holds no table, so that a reader may look without catching anything."""
        try:
            return read_sheets(self.data)
        except FormatError:
            return ()

    @property
    def is_workbook(self) -> bool:
        return is_workbook(self.data)

    @property
    def stem(self) -> str:
        return self.name.rpartition("/")[2].rpartition(".")[0]
