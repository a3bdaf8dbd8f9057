"""A document of the reference folder as work to do: tables prepared, sub-recipes resolved, inputs at hand."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path as File
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.parity.expressions import ExpressionError, evaluate, truth
from tests.parity.places import Path, look_up, split
from tests.parity.tables import Column, Table, as_column, is_text, missing, read_table

COMMON_KEYS = frozenset({"rows", "columns", "constants", "analyses"})


class UnknownKeyError(ValueError):
    """A recipe has a key that the kind does not know."""


@dataclass(frozen=True)
class Analysis:
    """One place of a document with its whole recipe and its prepared table."""

    place: Path
    recipe: dict[str, Any]
    table: Table
    document: dict[str, Any]

    def column(self, expression: str) -> Column:
        """A column of the table or the value of an expression."""
        if expression in self.table.columns:
            return self.table.columns[expression]
        column: Column = evaluate(expression, self.table, self.samples)
        return column

    @property
    def samples(self) -> list[str]:
        names: list[str] = self.recipe.get("matrix", {}).get("samples", [])
        return names

    def numbers(self, key: str) -> NDArray[np.float64]:
        """The column of numbers that a key of the recipe names."""
        column = self.column(self.recipe[key])
        if is_text(column):
            raise UnknownKeyError(f"{key} names a column of text.")
        return column

    def complete(self, *names: str) -> "Analysis":
        """The same on the rows without a blank in any of these columns."""
        blank = np.zeros(len(self.table), dtype=bool)
        for name in names:
            blank |= missing(self.column(name))
        return replace(self, table=self.table.keep(~blank))

    def table_of(self, columns: dict[str, list[Any]]) -> Table:
        """A table from values in the document, with the recipe's columns that can be made from it."""
        made = {name: as_column(values) for name, values in columns.items()}
        table = Table(made, np.arange(1.0, len(next(iter(made.values()))) + 1))
        for name, expression in self.recipe.get("columns", {}).items():
            if name not in columns:
                with suppress(ExpressionError):
                    table = table.with_column(name, evaluate(expression, table))
        return table

    def where(self, expression: str) -> "Analysis":
        """The same on the rows where the expression is true."""
        kept = truth(expression, self.table, self.samples)
        return replace(self, table=self.table.keep(kept))

    def given(self, path: str) -> Any:
        """Values that the document states as input to this analysis; nothing if it has none there."""
        try:
            return look_up(self.document, (*self.place, *split(path)))
        except LookupError:
            return None


@dataclass(frozen=True)
class Case:
    """A document: its kind, recipe and table."""

    document: dict[str, Any]
    table: Table

    @property
    def kind(self) -> str:
        return str(self.document["_meta"]["kind"])

    @property
    def recipe(self) -> dict[str, Any]:
        recipe: dict[str, Any] = self.document["_meta"]["recipe"]
        return recipe

    def analyses(self) -> Iterator[Analysis]:
        """Every place with what it inherits; the document itself where there are no sub-recipes."""
        shared = {key: value for key, value in self.recipe.items() if key not in ("analyses", "constants")}
        for place, own in self.recipe.get("analyses", {"": {}}).items():
            recipe = {**shared, **own}
            yield Analysis(split(place), recipe, prepared(self.table, recipe), self.document)

    def constants(self) -> Iterator[tuple[Path, Any]]:
        """Places that hold the value of an expression over the prepared table."""
        table = prepared(self.table, self.recipe)
        for place, expression in self.recipe.get("constants", {}).items():
            value = evaluate(expression, table)
            yield split(place), value if isinstance(value, list) else float(np.unique(value).item())

    def check_keys(self, known: frozenset[str]) -> None:
        """Refuse a recipe key that neither the language nor the kind knows."""
        recipes = [self.recipe, *self.recipe.get("analyses", {}).values()]
        unknown = {key for recipe in recipes for key in recipe} - known - COMMON_KEYS
        if unknown:
            raise UnknownKeyError(f"{self.kind} does not know the recipe key {', '.join(sorted(unknown))}.")


def prepared(table: Table, recipe: dict[str, Any]) -> Table:
    """The rows kept, then the new columns in order."""
    samples = recipe.get("matrix", {}).get("samples", [])
    if "rows" in recipe:
        table = table.keep(truth(recipe["rows"], table, samples))
    for name, expression in recipe.get("columns", {}).items():
        table = table.with_column(name, evaluate(expression, table, samples))
    return table


def read_case(path: File) -> Case:
    """The document and the table it names, which lies in the folder above."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Case(document, read_table(path.parent.parent / document["_meta"]["input"]))


def put(answer: dict[str, Any], place: Path, value: Any) -> None:
    """Store a value at a place, making the objects on the way."""
    if not place:
        answer.update(value)
        return
    node = answer
    for step in place[:-1]:
        node = node.setdefault(step, {})
    if isinstance(value, dict) and isinstance(node.get(place[-1]), dict):
        node[place[-1]].update(value)
    else:
        node[place[-1]] = value
