"""Walk an expected document leaf by leaf against a computed answer."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from analysis.omics.errors import OmicsInputError
from analysis.stats.errors import StatsInputError
from tests.parity.array_rules import compare_array
from tests.parity.places import Nowhere, Path, leaves, look_up, written
from tests.parity.rules import Rules, Tolerance, agree


@dataclass
class Tally:
    """How the leaves of one document fared."""

    compared: int = 0
    not_compared: int = 0
    unknown: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def problems(self, shown: int = 12) -> str:
        """The first few failures in words; empty when there are none."""
        found = [*self.unknown, *self.wrong]
        more = [f"and {len(found) - shown} more"] if len(found) > shown else []
        return "\n".join([*found[:shown], *more])


def compare(expected: dict[str, Any], answer: dict[str, Any], rules: Rules) -> Tally:
    """Compare every leaf except ``_meta``."""
    tally = Tally()
    body = {key: value for key, value in expected.items() if key != "_meta"}
    done: set[Path] = set()
    for path, value in leaves(body):
        if value is None or rules.not_compared(path, value):
            tally.not_compared += 1
        elif (entry := rules.of_array(path)) is None:
            _leaf(path, value, answer, rules.tolerance(path, expected), tally)
        elif path[:-1] not in done:
            done.add(path[:-1])
            _array(path[:-1], entry, body, answer, tally)
    tally.wrong += _longer_answers(body, answer, rules)
    return tally


def _array(path: Path, entry: dict[str, Any], body: dict[str, Any], answer: dict[str, Any], tally: Tally) -> None:
    try:
        compared, left_out, wrong = compare_array(path, entry, body, answer)
    except (Nowhere, StatsInputError, OmicsInputError) as error:
        tally.unknown.append(f"{written(path)}: {error}")
        return
    tally.compared += compared
    tally.not_compared += left_out
    tally.wrong += wrong


def _leaf(path: Path, value: Any, answer: dict[str, Any], tolerance: Tolerance, tally: Tally) -> None:
    try:
        computed = look_up(answer, path)
    except Nowhere as error:
        tally.unknown.append(str(error))
        return
    except (StatsInputError, OmicsInputError) as error:
        tally.wrong.append(f"{written(path)}: expected {value!r}, refused: {error}")
        return
    if isinstance(computed, (dict, list)):
        tally.unknown.append(f"{written(path)} is one value there and several here")
        return
    tally.compared += 1
    if not agree(value, computed, tolerance):
        tally.wrong.append(f"{written(path)}: expected {value!r}, computed {computed!r}")


def _longer_answers(body: dict[str, Any], answer: dict[str, Any], rules: Rules) -> list[str]:
    """Arrays that agree as far as they go, but of which we have more."""
    found: list[str] = []
    for path, size in _arrays(body):
        if size and rules.not_compared((*path, "0"), 0.0):
            continue
        try:
            computed = look_up(answer, path)
        except (Nowhere, StatsInputError, OmicsInputError):
            continue
        if isinstance(computed, list) and len(computed) > size:
            found.append(f"{written(path)} has {size} values, computed {len(computed)}")
    return found


def _arrays(node: Any, path: Path = ()) -> Iterator[tuple[Path, int]]:
    if isinstance(node, list):
        yield path, len(node)
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in children:
        yield from _arrays(value, (*path, str(key)))
