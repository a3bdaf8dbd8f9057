"""Child–Pugh score and class. Pure.

Pugh RNH et al., Br J Surg 1973;60:646–649; the clotting bounds in INR as in EASL, J Hepatol 2018;69:182–236.
"""

from collections.abc import Callable
from dataclasses import dataclass

from registry.clinical.liver.quantities import Quantity, StagingRefused, placed

# unit → (below: 1 point, above: 3 points); in between, both bounds included, 2 points
_BILIRUBIN = {"umol/L": (34.0, 51.0), "mg/dL": (2.0, 3.0)}
_ALBUMIN = {"g/L": (28.0, 35.0), "g/dL": (2.8, 3.5)}
_CLOTTING = {"INR": (1.7, 2.3), "s": (4.0, 6.0)}
ASCITES = {"none": 1, "slight": 2, "moderate": 3}
ENCEPHALOPATHY = {"none": 1, "1-2": 2, "3-4": 3}


@dataclass(frozen=True)
class ChildPughScore:
    """Points of each of the five components, their sum (5–15) and the class."""

    points: dict[str, int]
    score: int
    letter: str


def child_pugh(
    *, bilirubin: Quantity, albumin: Quantity, clotting: Quantity, ascites: str, encephalopathy: str
) -> ChildPughScore:
    """Child–Pugh from its components.

    Parameters
    ----------
    bilirubin
        Total bilirubin in `umol/L` or `mg/dL`. The bounds are those printed for the unit: nothing is converted.
    albumin
        In `g/L` or `g/dL`.
    clotting
        The INR (`INR`), or by how many seconds the prothrombin time is longer than the control (`s`).
    ascites
        `none`, `slight` or `moderate`.
    encephalopathy
        Grade: `none`, `1-2` or `3-4`.

    Raises
    ------
    StagingRefused
        Another unit, an unknown category, or a bound such as `<50` that leaves the points open.
    """
    points = {
        "bilirubin": placed("bilirubin", bilirubin, _rising(_bounds("bilirubin", bilirubin, _BILIRUBIN))),
        "albumin": placed("albumin", albumin, _falling(_bounds("albumin", albumin, _ALBUMIN))),
        "clotting": placed("clotting", clotting, _rising(_bounds("clotting", clotting, _CLOTTING))),
        "ascites": _category("ascites", ascites, ASCITES),
        "encephalopathy": _category("encephalopathy", encephalopathy, ENCEPHALOPATHY),
    }
    score = sum(points.values())
    return ChildPughScore(points, score, child_pugh_class(score))


def child_pugh_class(score: int | None) -> str:
    """Pugh 1973: 5–6 A, 7–9 B, 10–15 C."""
    if score is None:
        return ""
    return "A" if score <= 6 else "B" if score <= 9 else "C"


def _bounds(name: str, quantity: Quantity, known: dict[str, tuple[float, float]]) -> tuple[float, float]:
    if quantity.unit not in known:
        raise StagingRefused(name, f"{name} is taken in {' or '.join(known)}, not in {quantity.unit or 'no unit'}.")
    return known[quantity.unit]


def _rising(bounds: tuple[float, float]) -> Callable[[float], int]:
    low, high = bounds
    return lambda value: 1 if value < low else 2 if value <= high else 3


def _falling(bounds: tuple[float, float]) -> Callable[[float], int]:
    low, high = bounds
    return lambda value: 1 if value > high else 2 if value >= low else 3


def _category(name: str, given: str, known: dict[str, int]) -> int:
    if given not in known:
        raise StagingRefused(name, f"{name} is one of {', '.join(known)}.")
    return known[given]
