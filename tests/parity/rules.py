"""NOT_COMPARED.json: what is left out, and how close is close enough."""

import math
from dataclasses import dataclass
from typing import Any

from tests.parity.places import Glob, Path, look_up, written

MISSING = {"NA", "NaN"}
PLAIN = {"kind", "path", "rel", "abs", "why", "when", "missing_or", "between_seed_sd"}


@dataclass(frozen=True)
class Tolerance:
    """Allowed difference; ``missing_or`` may stand where a missing value is expected."""

    rel: float
    absolute: float
    missing_or: float | None


# A tolerance with one of these is met, or not, by an array as a whole.
OF_ARRAYS = {"jaccard", "rows", "share", "sign_free_by_row"}


class RuleError(ValueError):
    """The rules hold something that this runner does not know."""


class Rules:
    """The entries of the file that can apply to one document."""

    def __init__(self, document: dict[str, Any], kind: str, recipe: dict[str, Any]) -> None:
        self._default = document["default"]
        self._left_out, self._tolerances = (
            [(Glob(entry["path"]), entry) for entry in document[part] if _applies(entry, kind, recipe)]
            for part in ("not_compared", "tolerance")
        )
        for _, entry in self._left_out:
            if set(entry) - {"kind", "path", "reason", "when", "only"}:
                raise RuleError(f"An entry of not_compared has an unknown key: {sorted(entry)}.")

    def not_compared(self, path: Path, expected: Any) -> bool:
        place = written(path)
        return any(
            glob.covers(place) and ("only" not in entry or _is_words(entry["only"], expected))
            for glob, entry in self._left_out
        )

    def of_array(self, path: Path) -> dict[str, Any] | None:
        """The entry for a leaf, if it speaks of the array that the leaf is in."""
        place = written(path)
        entry: dict[str, Any] = next((entry for glob, entry in self._tolerances if glob.covers(place)), {})
        if not OF_ARRAYS & set(entry):
            return None
        if set(entry) - PLAIN - OF_ARRAYS or len(OF_ARRAYS & set(entry)) > 1:
            raise RuleError(f"The tolerance of {entry['path']} asks for {sorted(set(entry) - PLAIN)}.")
        return entry

    def tolerance(self, path: Path, expected: dict[str, Any] | None = None) -> Tolerance:
        """For a leaf of an expected document; a tolerance in standard deviations reads these there."""
        place = written(path)
        for glob, entry in self._tolerances:
            if glob.covers(place):
                if set(entry) - PLAIN:
                    raise RuleError(f"The tolerance of {entry['path']} asks for {sorted(set(entry) - PLAIN)}.")
                if "between_seed_sd" in entry:
                    deviation = look_up(expected, ("validate_between_seed_sd_of_corrected", "sd", path[-2]))
                    return Tolerance(0.0, entry["between_seed_sd"] * deviation, None)
                return Tolerance(entry.get("rel", 0.0), entry.get("abs", 0.0), entry.get("missing_or"))
        return Tolerance(self._default["rel"], self._default["abs"], None)


def _applies(entry: dict[str, Any], kind: str, recipe: dict[str, Any]) -> bool:
    asked = entry.get("when", {}).items()
    return entry["kind"] in ("*", kind) and all(recipe.get(key) == value for key, value in asked)


def _is_words(only: str, expected: Any) -> bool:
    if only != "text":
        raise RuleError(f"'only' may be text, not {only!r}.")
    return isinstance(expected, str) and not isinstance(number(expected), float)


def number(value: Any) -> Any:
    """A number as a float (also when it is written as text, or missing), anything else as it is."""
    if value is None:
        return math.nan
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _from_text(value)
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def _from_text(value: str) -> float | str:
    if value in MISSING:
        return math.nan
    if value in ("Inf", "-Inf"):
        return math.copysign(math.inf, -1 if value.startswith("-") else 1)
    try:
        return float(value)
    except ValueError:
        return value


def agree(expected: Any, computed: Any, tolerance: Tolerance) -> bool:
    """Whether a computed value is the expected one under the rules."""
    want, got = number(expected), number(computed)
    if not (isinstance(want, float) and isinstance(got, float)):
        return type(want) is type(got) and bool(want == got)
    if math.isnan(want):
        return math.isnan(got) or (tolerance.missing_or is not None and got == tolerance.missing_or)
    if math.isinf(want) or math.isinf(got) or math.isnan(got):
        return want == got
    return abs(want - got) <= tolerance.absolute + tolerance.rel * abs(want)
