"""A matrix of a recipe, its sets of genes and its design, as the omics methods take them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.omics.design import Design, factorial
from analysis.omics.expression import ExpressionMatrix
from tests.parity.recipes import Analysis
from tests.parity.tables import as_labels, label

KEYS = frozenset({"matrix", "sample_columns", "factors", "design"})


def expression(analysis: Analysis, unit: str) -> ExpressionMatrix:
    """Features in rows, the samples of the recipe in columns."""
    genes = as_labels(analysis.table.columns[analysis.recipe["matrix"]["feature"]]).tolist()
    values = np.column_stack([analysis.table.columns[sample] for sample in analysis.samples])
    return ExpressionMatrix(genes, analysis.samples, values, unit)


def design(analysis: Analysis) -> Design:
    """An intercept and the columns of the samples, categories coded by their levels."""
    recipe = analysis.recipe
    names, columns = ["(Intercept)"], [np.ones(len(analysis.samples))]
    for name in recipe["design"]:
        made, matrix = _coded(name, recipe["sample_columns"][name], recipe.get("factors", {}).get(name))
        names += made
        columns += list(matrix.T)
    return Design(names, np.column_stack(columns))


def _coded(name: str, values: list[Any], levels: list[str] | None) -> tuple[list[str], NDArray[np.float64]]:
    if levels is None and all(isinstance(value, (int, float)) for value in values):
        return [name], np.array(values, dtype=np.float64)[:, None]
    text = [value if isinstance(value, str) else label(value) for value in values]
    coded = factorial({name: text}, {name: [str(level) for level in levels or sorted(set(text))]})
    return list(coded.columns[1:]), coded.matrix[:, 1:]


def keys_at(analysis: Analysis) -> list[str]:
    """What the document calls its values at this place: some names hold a setting, as ``treat_lfc0.5_P_first200``."""
    found = analysis.given("")
    return list(found) if isinstance(found, dict) else []
