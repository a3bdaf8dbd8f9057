"""Tolerances that an array meets as a whole: rows that count, a share of values, a set of genes, a free sign."""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.parity.places import Glob, Nowhere, Path, look_up, written
from tests.parity.rules import RuleError, Tolerance, agree, number

CONDITION = re.compile(r"(?P<glob>\S+) > (?P<least>[\d.]+)$")
SIGNIFICANT, CHANGED = 0.05, 1.0

# Values compared, values left out, and what is wrong.
Outcome = tuple[int, int, list[str]]


def compare_array(path: Path, entry: dict[str, Any], body: dict[str, Any], answer: dict[str, Any]) -> Outcome:
    """Compare the array at a path by an entry that speaks of arrays."""
    expected, computed = look_up(body, path), look_up(answer, path)
    if not isinstance(computed, list) or len(computed) != len(expected):
        raise Nowhere("an array of another length is computed")
    if "jaccard" in entry:
        return _same_set(path, entry["jaccard"], body, answer)
    if "sign_free_by_row" in entry and _products(expected, computed) < 0:
        computed = [-value for value in computed]
    rows = _rows(path, entry["rows"], body) if "rows" in entry else np.ones(len(expected), dtype=bool)
    tolerance = Tolerance(entry.get("rel", 0.0), entry.get("abs", 0.0), entry.get("missing_or"))
    counted = [i for i in np.flatnonzero(rows).tolist() if expected[i] is not None]
    wrong = [i for i in counted if not agree(expected[i], computed[i], tolerance)]
    if len(wrong) <= (1 - entry.get("share", 1.0)) * len(counted):
        wrong = []
    told = [f"{written((*path, str(i)))}: expected {expected[i]!r}, computed {computed[i]!r}" for i in wrong]
    return len(counted), len(expected) - len(counted), told


def _products(expected: list[float], computed: list[float]) -> float:
    return float(np.dot(np.asarray(expected, dtype=np.float64), np.asarray(computed, dtype=np.float64)))


def _rows(path: Path, condition: str, body: dict[str, Any]) -> NDArray[np.bool_]:
    """Rows where another array of the document, at the place that the glob says, is large enough."""
    found = CONDITION.match(condition)
    if found is None:
        raise RuleError(f"The rows {condition!r} are not understood.")
    *parents, name = found["glob"].split("/")
    place = (*path[: len(parents)], name)
    if not Glob(found["glob"]).covers(written(place)):
        raise RuleError(f"{found['glob']} does not lead to an array beside {written(path)}.")
    rows: NDArray[np.bool_] = _numbers(look_up(body, place)) > float(found["least"])
    return rows


def _same_set(path: Path, least: float, body: dict[str, Any], answer: dict[str, Any]) -> Outcome:
    """Adjusted p below 0.05 with a fold change beyond 1, in the document and in the answer."""
    sets = []
    for document in (body, answer):
        change = _numbers(look_up(document, (*path[:-1], "log2FoldChange")))
        p = _numbers(look_up(document, path))
        sets.append(set(np.flatnonzero((p < SIGNIFICANT) & (np.abs(change) > CHANGED)).tolist()))
    both, either = sets[0] & sets[1], sets[0] | sets[1]
    share = len(both) / len(either) if either else 1.0
    wrong = [] if share >= least else [f"{written(path)}: the sets share {share:.3f}, not {least}"]
    return len(look_up(body, path)), 0, wrong


def _numbers(values: list[Any]) -> NDArray[np.float64]:
    return np.array([number(value) for value in values], dtype=np.float64)
