"""The terms of a regression as columns of numbers, coded and named as R codes and names them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any

import numpy as np

from analysis.frames.frame import Frame
from analysis.kinds.base import ParameterError
from analysis.kinds.survival import ordered
from analysis.stats.arrays import FloatArray
from analysis.stats.errors import ConstantCovariateError, StatsInputError

WISHES = frozenset({"covariates", "categories", "interactions", "references"})


class TooManyColumnsError(StatsInputError):
    """A model with as many coefficients as events, or more."""


@dataclass(frozen=True)
class ModelWish:
    """Covariates, those of them that are categories though they hold numbers, and products of covariates.

    Of a category the first level is the reference, unless `references` names another.
    """

    covariates: tuple[str, ...]
    categories: frozenset[str]
    interactions: tuple[tuple[str, ...], ...]
    references: Mapping[str, str] = field(default_factory=dict)

    def variables(self) -> tuple[str, ...]:
        """By first appearance, main effects first, as R numbers the variables of a formula."""
        parts = (name for names in sorted(self.interactions, key=len) for name in names)
        return tuple(dict.fromkeys([*self.covariates, *parts]))

    def terms(self) -> list[tuple[str, ...]]:
        """Main effects, then products by their degree; the parts of a product in the order of the variables."""
        place = {name: i for i, name in enumerate(self.variables())}
        products = [tuple(sorted(names, key=place.__getitem__)) for names in sorted(self.interactions, key=len)]
        return [*((name,) for name in self.covariates), *products]


def check_wish(parameters: Mapping[str, Any], *, required: bool = True) -> None:
    """ParameterError for covariates that make no sense; without `required` there may be none at all."""
    for name in ("covariates", "categories"):
        names = parameters.get(name, [])
        if not _are_names(names):
            raise ParameterError(name, "is a list of variables, each named once.")
    products = parameters.get("interactions", [])
    if not isinstance(products, list | tuple) or not all(_are_names(names) and len(names) > 1 for names in products):
        raise ParameterError("interactions", "is a list of lists of two or more variables.")
    if len({frozenset(names) for names in products}) < len(products):
        raise ParameterError("interactions", "each product is named once.")
    _check_references(parameters.get("references", {}))
    wish = wish_of(parameters)
    for name, mentioned in (("categories", wish.categories), ("references", frozenset(wish.references))):
        if strange := sorted(mentioned - set(wish.variables())):
            raise ParameterError(name, f"{strange[0]} is no covariate of this model.")
    if required and not wish.variables():
        raise ParameterError("covariates", "name at least one variable.")


def _check_references(references: Any) -> None:
    if not isinstance(references, Mapping) or not all(isinstance(level, str) for level in references.values()):
        raise ParameterError("references", "names a level for a variable.")


def _are_names(names: Any) -> bool:
    is_listed = isinstance(names, list | tuple) and all(isinstance(name, str) and name for name in names)
    return is_listed and len(set(names)) == len(names)


def wish_of(parameters: Mapping[str, Any]) -> ModelWish:
    return ModelWish(
        tuple(parameters.get("covariates", ())),
        frozenset(parameters.get("categories", ())),
        tuple(tuple(names) for names in parameters.get("interactions", ())),
        dict(parameters.get("references", {})),
    )


@dataclass(frozen=True)
class Level:
    """A value of a category as the rows hold it, as text, and as it is called."""

    value: Any
    text: str
    label: str


@dataclass(frozen=True, eq=False)
class Covariate:
    """A variable of the model: numbers (no levels), or a category whose first level is the reference."""

    name: str
    written: str
    label: str
    unit: str
    values: list[Any]
    levels: "tuple[Level, ...]" = ()

    def level_of(self, value: Any) -> Level:
        return next(level for level in self.levels if level.value == value)

    def width(self, *, full: bool) -> int:
        return (len(self.levels) - (not full)) if self.levels else 1

    def coded(self, *, full: bool) -> "list[Column]":
        if not self.levels:
            return [Column(self.name, self.label, np.asarray(self.values, float))]
        reference = None if full else self.levels[0].label
        against = f" against {reference}" if reference else ""
        return [
            Column(
                f"{self.written}{level.text}",
                f"{self.label}: {level.label}{against}",
                np.array([float(value == level.value) for value in self.values]),
                level.label,
                reference,
            )
            for level in (self.levels if full else self.levels[1:])
        ]


@dataclass(frozen=True, eq=False)
class Column:
    """A column of the model with R's name of its coefficient; a level with the level it is compared with."""

    name: str
    label: str
    values: FloatArray
    level: str | None = None
    reference: str | None = None


@dataclass(frozen=True, eq=False)
class Term:
    """Columns that are tested together."""

    name: str
    variables: tuple[str, ...]
    columns: list[Column]


@dataclass(frozen=True, eq=False)
class Design:
    covariates: list[Covariate]
    terms: list[Term]

    @property
    def columns(self) -> list[Column]:
        return [column for term in self.terms for column in term.columns]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def matrix(self) -> FloatArray:
        return np.column_stack([column.values for column in self.columns])

    def tested(self) -> list[tuple[str, list[int]]]:
        """Per term the places of its columns."""
        found, place = [], 0
        for term in self.terms:
            found.append((term.name, list(range(place, place + len(term.columns)))))
            place += len(term.columns)
        return found


def covariates_of(frame: Frame, wish: ModelWish) -> list[Covariate]:
    """A variable is a category where a cell of it is no number, or where the wish says so."""
    return [
        _covariate(frame, name, is_category=name in wish.categories, reference=wish.references.get(name))
        for name in wish.variables()
    ]


def category_of(frame: Frame, name: str) -> Covariate:
    """A column as a category, also where it holds numbers."""
    return _covariate(frame, name, is_category=True)


def design_of(frame: Frame, wish: ModelWish, events: int) -> Design:
    """StatsInputError where a category has one level only, or the columns are as many as the events."""
    covariates = covariates_of(frame, wish)
    by_name = {covariate.name: covariate for covariate in covariates}
    for covariate in covariates:
        if len(covariate.levels) == 1:
            raise ConstantCovariateError(f"{covariate.label} has the same value in everybody.")
    wanted = wish.terms()
    present: set[frozenset[str]] = {frozenset(), *(frozenset(names) for names in wanted)}
    coded = [[(by_name[name], _is_full(name, names, present)) for name in names] for names in wanted]
    count = sum(prod(part.width(full=is_full) for part, is_full in parts) for parts in coded)
    if count >= events:
        raise TooManyColumnsError(f"{events} events cannot carry {count} coefficients.")
    return Design(covariates, [_term(parts) for parts in coded])


def _is_full(name: str, names: Sequence[str], present: set[frozenset[str]]) -> bool:
    """A category keeps all its levels where the term without it is not in the model, as R's model.matrix has it."""
    return frozenset(names) - {name} not in present


def _term(parts: Sequence[tuple[Covariate, bool]]) -> Term:
    coded = [part.coded(full=is_full) for part, is_full in parts]
    # The first part changes fastest.
    columns = [_product(list(reversed(chosen))) for chosen in product(*reversed(coded))]
    return Term(":".join(part.written for part, _ in parts), tuple(part.name for part, _ in parts), columns)


def _product(columns: list[Column]) -> Column:
    if len(columns) == 1:
        return columns[0]
    values = np.prod([column.values for column in columns], axis=0)
    return Column(":".join(column.name for column in columns), " × ".join(column.label for column in columns), values)


def _covariate(frame: Frame, name: str, *, is_category: bool, reference: str | None = None) -> Covariate:
    described, values = frame.columns[name], frame.column(name)
    label, unit = str(described["label"]), str(described.get("unit", ""))
    if not is_category and reference is None and all(_is_number(value) for value in values):
        return Covariate(name, name, label, unit, values)
    called = described.get("levels") or {}
    present = {level_text(value): value for value in values}
    if reference is not None and reference not in present:
        raise ConstantCovariateError(f"{label}: nobody has the level {reference!r} that is to be the reference.")
    texts = sorted(ordered(present), key=lambda text: text != reference)
    levels = tuple(Level(present[text], text, str(called.get(text, text))) for text in texts)
    written = f"factor({name})" if is_category else name
    return Covariate(name, written, label, unit, values, levels)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def level_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.15g}" if isinstance(value, float) else str(value)
