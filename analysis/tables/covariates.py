"""`--covariates a,b,factor(c),factor(c,ref=V),a:b` against the columns of a table."""

import re
from dataclasses import dataclass, field
from typing import Any

from analysis.tables.framing import Framing, listed
from analysis.tables.table import Table, TableError

_FACTOR = re.compile(r"factor\(\s*(?P<column>.+?)\s*(,\s*ref\s*=\s*(?P<reference>.+?)\s*)?\)")


@dataclass
class Covariates:
    """What a model is asked for: columns, which of them are categories though they hold numbers, and products.

    `references` are the levels that others are compared with, where it is not the first.
    """

    names: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    interactions: list[list[str]] = field(default_factory=list)
    references: dict[str, str] = field(default_factory=dict)

    def columns(self) -> list[str]:
        return list(dict.fromkeys([*self.names, *(name for parts in self.interactions for name in parts)]))

    def parameters(self) -> dict[str, Any]:
        wished: dict[str, Any] = {
            "covariates": self.names,
            "categories": self.categories,
            "interactions": self.interactions,
            "references": self.references,
        }
        return {name: value for name, value in wished.items() if value}


def covariates(text: str, table: Table) -> Covariates:
    """TableError for a column that is not there, or is named twice or in two ways."""
    found, written = Covariates(), _Written(table)
    for item in listed(text):
        parts = written.parts(item)
        if len(set(parts)) < len(parts):
            raise TableError(f"--covariates {item!r}: a product with itself is none.")
        if len(parts) == 1:
            found.names.append(parts[0])
        elif any(set(parts) == set(other) for other in found.interactions):
            raise TableError(f"--covariates {item!r}: this product stands there twice.")
        else:
            found.interactions.append(parts)
    repeated = next((name for name in found.names if found.names.count(name) > 1), None)
    if repeated:
        raise TableError(f"--covariates: {repeated} is named twice.")
    found.categories, found.references = written.categories(), written.references
    return found


def add_covariates(framing: Framing, wished: Covariates) -> None:
    """Columns of numbers as numbers, all others as words."""
    framing.either(*wished.columns())


class _Written:
    """How each column was written: a column cannot be a number in one place and a category in another."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.is_factor: dict[str, bool] = {}
        self.references: dict[str, str] = {}

    def categories(self) -> list[str]:
        return [name for name, is_factor in self.is_factor.items() if is_factor]

    def parts(self, item: str) -> list[str]:
        """The columns that an item multiplies; one where it is a column by itself."""
        pieces = self._split(item)
        if pieces is None:
            raise self._unknown(item)
        for name, is_factor in pieces:
            if self.is_factor.setdefault(name, is_factor) != is_factor:
                raise TableError(f"--covariates: {name} is written as a number and as factor({name}).")
        return [name for name, _is_factor in pieces]

    def _split(self, item: str) -> list[tuple[str, bool]] | None:
        # The name of a column may hold a colon itself: the longest name that is a column comes first.
        if (whole := self._column(item)) is not None:
            return [whole]
        for at in sorted((place for place, mark in enumerate(item) if mark == ":"), reverse=True):
            first, rest = self._column(item[:at].strip()), self._split(item[at + 1 :].strip())
            if first is not None and rest is not None:
                return [first, *rest]
        return None

    def _unknown(self, item: str) -> TableError:
        strange = next(piece.strip() for piece in item.split(":") if self._column(piece.strip()) is None)
        match = _FACTOR.fullmatch(strange)
        name = match["column"] if match else strange
        return TableError(
            f"--covariates {item!r}: there is no column {name!r}; write columns, factor(column) for a category and a:b "
            f"for a product; the columns are {', '.join(self.table.header)}."
        )

    def _column(self, text: str) -> tuple[str, bool] | None:
        if text in self.table.header:
            return text, False
        match = _FACTOR.fullmatch(text)
        if match is None or match["column"] not in self.table.header:
            return None
        if match["reference"]:
            self._refer(match["column"], match["reference"])
        return match["column"], True

    def _refer(self, name: str, level: str) -> None:
        cells = {cell for cell in self.table.texts(name) if cell is not None}
        if self.table.is_numeric(name):
            cells = {f"{float(cell):.15g}" for cell in cells}
        if level not in cells:
            raise TableError(f"Column {name} never has the value {level!r} that is to be the reference.")
        if self.references.setdefault(name, level) != level:
            raise TableError(f"--covariates: {name} has two references, {self.references[name]} and {level}.")
