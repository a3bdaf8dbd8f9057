"""Covariates of a recipe as a matrix with named columns and the terms they belong to."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.parity.recipes import Analysis
from tests.parity.tables import Column, as_labels, is_text, sorted_levels

FACTOR = re.compile(r"factor\((?P<column>.+)\)$")


@dataclass(frozen=True)
class Design:
    """Complete rows of a model, its matrix, and its terms with their columns in it."""

    analysis: Analysis
    names: list[str]
    matrix: NDArray[np.float64]
    terms: list[tuple[str, list[int]]]

    def column(self, key: str) -> Column:
        """The column that a key of the recipe names, on the rows of the model."""
        return self.analysis.column(self.analysis.recipe[key])

    def optional(self, key: str) -> Column | None:
        return self.column(key) if key in self.analysis.recipe else None


def design(analysis: Analysis, covariates: Sequence[Any] | dict[str, str], keys: Sequence[str]) -> Design:
    """Drop the rows with a blank in a covariate or in the column of one of the keys, and code the covariates."""
    terms = _expanded(analysis, covariates)
    used = [analysis.recipe[key] for key in keys if key in analysis.recipe]
    complete = _with_levels(
        analysis.complete(*used, *(_source(part) for term in terms for part in _parts(term))), terms
    )
    names: list[str] = []
    groups: list[tuple[str, list[int]]] = []
    coded = {term: coded_term(complete, term) for term in terms}
    for term, columns in coded.items():
        groups.append((term, list(range(len(names), len(names) + len(columns)))))
        names += [name for name, _ in columns]
    return Design(complete, names, stacked(coded.values()), groups)


def stacked(coded: Iterable[list[tuple[str, NDArray[np.float64]]]]) -> NDArray[np.float64]:
    """The columns of the terms side by side."""
    return np.column_stack([column for columns in coded for _, column in columns])


def _with_levels(analysis: Analysis, terms: list[str]) -> Analysis:
    """The recipe with the levels of every category spelled out, on the rows whose value is one of them."""
    factors = dict(analysis.recipe.get("factors", {}))
    kept = np.ones(len(analysis.table), dtype=bool)
    for part in (part for term in terms for part in _parts(term)):
        column = analysis.column(_source(part))
        if part not in factors and (FACTOR.match(part) or is_text(column)):
            factors[part] = sorted_levels(column)
        if part in factors:
            kept &= np.isin(as_labels(column).astype(str), factors[part])
    return replace(analysis, recipe={**analysis.recipe, "factors": factors}, table=analysis.table.keep(kept))


def _expanded(analysis: Analysis, covariates: Sequence[Any] | dict[str, str]) -> list[str]:
    found: list[str] = []
    for item in [covariates] if isinstance(covariates, dict) else covariates:
        if isinstance(item, dict):
            found += [name for name in analysis.table.columns if re.search(item["match"], name)]
        else:
            found.append(item)
    return found


def _parts(term: str) -> list[str]:
    return term.split(":")


def _source(part: str) -> str:
    """The column or expression that a part of a term is made of."""
    factor = FACTOR.match(part)
    return factor["column"] if factor else part


def coded_term(analysis: Analysis, term: str) -> list[tuple[str, NDArray[np.float64]]]:
    """Named columns of one term: a number, the indicators of a category, or the products of its parts."""
    product: list[tuple[str, NDArray[np.float64]]] = []
    for part in _parts(term):
        own = _coded(analysis, part)
        product = [(f"{a}:{b}", x * y) for b, y in own for a, x in product] if product else own
    return product


def _coded(analysis: Analysis, part: str) -> list[tuple[str, NDArray[np.float64]]]:
    column = analysis.column(_source(part))
    levels = analysis.recipe["factors"].get(part)
    if levels is None:
        return [(part, column)]
    found = as_labels(column)
    return [(f"{part}{level}", (found == level).astype(np.float64)) for level in levels[1:]]


def new_matrix(model: Design, columns: dict[str, list[Any]]) -> NDArray[np.float64]:
    """New patients, given by columns of the table, coded as the model's rows were."""
    table = model.analysis.table_of(columns)
    new = replace(model.analysis, table=table)
    return stacked(coded_term(new, term) for term, _ in model.terms)
