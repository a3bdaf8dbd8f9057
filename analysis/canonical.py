"""One way to write a value down: the same value is the same bytes, in frames, parameters and results."""

import hashlib
import json
import math
from typing import Any

DIGITS = 12


def canonical_json(value: Any) -> str:
    """Sorted keys, no spaces, numbers at 12 significant digits, NaN as null, infinities as "Inf" and "-Inf"."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str | bool):
        return value
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return _number(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _number(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    rounded = float(f"{value:.{DIGITS}g}")
    return rounded + 0.0  # -0.0 and 0.0 are one number


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
