"""The variables of a model in R: numbers as they are, categories as factors with the levels of the result."""

from analysis.frames.frame import Frame
from analysis.kinds.design import Covariate, ModelWish, covariates_of
from analysis.rscripts.script import column, texts_of, vector


def model_variables(frame: Frame, wish: ModelWish) -> list[str]:
    """Lines that make x1, x2, …, one a variable."""
    found = covariates_of(frame, wish)
    return [f"x{i} <- {values_of(covariate)}  # {_comment(covariate)}" for i, covariate in enumerate(found, start=1)]


def right_side(wish: ModelWish) -> str:
    """x1 + x2 + x1:x2"""
    place = {name: f"x{i}" for i, name in enumerate(wish.variables(), start=1)}
    return " + ".join(":".join(place[name] for name in names) for names in wish.terms())


def values_of(covariate: Covariate) -> str:
    """For rows that TEXTS has read too."""
    if not covariate.levels:
        return column(covariate.name)
    values = [level.value for level in covariate.levels]
    if all(isinstance(value, str) for value in values):
        return f"factor({texts_of(covariate.name)}, levels = {vector(values)})"
    return f"factor({column(covariate.name)}, levels = {vector([float(value) for value in values])})"


def _comment(covariate: Covariate) -> str:
    return " ".join(covariate.label.split())
