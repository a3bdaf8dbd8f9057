"""Kind ``gsva``: a score for each set and sample."""

from typing import Any

from analysis.omics.expression import COUNTS, LOG2, ExpressionMatrix
from analysis.omics.set_scores import POISSON, SetScores, combined_z, gsva, plage, ssgsea
from tests.parity.matrices import expression
from tests.parity.places import look_up, split
from tests.parity.recipes import Analysis, UnknownKeyError

KEYS = frozenset({"matrix", "inputs", "method", "kcdf", "tau", "max_diff", "alpha", "normalise"})


def compute(analysis: Analysis) -> Any:
    """Sets in rows, samples in columns."""
    recipe = analysis.recipe
    given = look_up(analysis.document, split(recipe["inputs"]["sets"]))
    sets = {name: [str(gene) for gene in genes] for name, genes in given.items()}
    unit = COUNTS if recipe.get("kcdf") == POISSON else LOG2
    return _scores(recipe, expression(analysis, unit), sets).values


def _scores(recipe: dict[str, Any], matrix: ExpressionMatrix, sets: dict[str, list[str]]) -> SetScores:
    method = recipe["method"]
    if method == "gsva":
        return gsva(matrix, sets, kernel=recipe["kcdf"], tau=recipe["tau"], max_diff=recipe["max_diff"])
    if method == "ssgsea":
        return ssgsea(matrix, sets, alpha=recipe["alpha"], normalise=recipe["normalise"])
    if method in ("zscore", "plage"):
        return (combined_z if method == "zscore" else plage)(matrix, sets)
    raise UnknownKeyError(f"gsva does not know the method {method!r}.")
