"""The linear score of a registered model: Σ coefficient × value, for values in the model's own unit only."""

from collections.abc import Mapping
from typing import Any


class UnitError(ValueError):
    """A value in a unit for which the coefficients were not estimated."""


def linear_score(model: Mapping[str, Any], values: Mapping[str, float], units: Mapping[str, str]) -> float:
    """`model` has `unit` and `terms` [{"name", "coefficient"}]; `values` and `units` are by term name."""
    names = [term["name"] for term in model["terms"]]
    if missing := [name for name in names if name not in values]:
        raise UnitError(f"The model needs {', '.join(missing)}.")
    for name in names:
        if units[name] != model["unit"]:
            raise UnitError(
                f"The model {model['code']} is valid for values in {model['unit']}; "
                f"{name} is given in {units[name] or 'no unit'}."
            )
    return float(sum(term["coefficient"] * values[term["name"]] for term in model["terms"]))
