"""The linear score of a registered model: Σ coefficient × value, for values in the model's own unit only."""

from collections.abc import Mapping
from typing import Any

from labs.blood.units import printed


class UnitError(ValueError):
    """A value in a unit for which the coefficients were not estimated."""


def linear_score(model: Mapping[str, Any], values: Mapping[str, float], units: Mapping[str, str]) -> float:
    """`model` has `unit` and `terms` [{"name", "coefficient"}], a term perhaps its own "unit"; the rest by name."""
    names = [term["name"] for term in model["terms"]]
    if missing := [name for name in names if name not in values]:
        raise UnitError(f"The model needs {', '.join(missing)}.")
    for term in model["terms"]:
        name, unit = term["name"], term.get("unit", model["unit"])
        # µmol/L is umol/L.
        if printed(units[name]) != printed(unit):
            raise UnitError(
                f"The model {model['code']} is valid for values in {unit or 'no unit'}; "
                f"{name} is given in {units[name] or 'no unit'}."
            )
    return float(sum(term["coefficient"] * values[term["name"]] for term in model["terms"]))
