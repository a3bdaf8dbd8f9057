"""Places in a JSON document: paths, globs over them, and walking to every leaf."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

Path = tuple[str, ...]


def split(path: str) -> Path:
    """Keys of a written path; "" is the document itself."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in path.split("/")) if path else ()


def written(path: Path) -> str:
    return "/".join(step.replace("~", "~0").replace("/", "~1") for step in path)


def leaves(node: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value that is neither an object nor an array, with its path."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from leaves(value, (*path, str(index)))
    else:
        yield path, node


class Glob:
    """A glob of the rules: * stands for any text in one step, [1-5] for one digit, ** for any number of steps."""

    def __init__(self, glob: str) -> None:
        steps = ("(?:[^/]+/)*" if step == "**" else _step(step) + "/" for step in glob.split("/"))
        self._pattern = re.compile("".join(steps))

    def covers(self, place: str) -> bool:
        """Whether it matches a written path."""
        return self._pattern.fullmatch(f"{place}/") is not None


def _step(step: str) -> str:
    parts = re.split(r"(\*|\[\d-\d\])", step)
    return "".join("[^/]*" if part == "*" else part if part.startswith("[") else re.escape(part) for part in parts)


class Nowhere(LookupError):
    """The answer has nothing at that place."""


FIRST = re.compile(r"(?P<all>.+)_first(?P<n>\d+)$")


def look_up(node: Any, path: Path) -> Any:
    """What the answer holds at a path.

    A callable stands for a value computed when it is asked for. ``x_firstN`` is the first N of ``x_all``.
    """
    for depth, step in enumerate(path):
        node = _child(node, step, path[: depth + 1])
    return node


def _child(node: Any, step: str, path: Path) -> Any:
    if isinstance(node, dict):
        return _entry(node, step, path)
    if isinstance(node, list) and step.isdigit() and int(step) < len(node):
        found = node[int(step)]
        return found.tolist() if isinstance(found, np.ndarray) else found
    raise Nowhere(f"nothing is computed at {written(path)}")


def _entry(node: dict[str, Any], step: str, path: Path) -> Any:
    if step not in node:
        found = FIRST.match(step)
        if found is None or f"{found['all']}_all" not in node:
            raise Nowhere(f"nothing is computed at {written(path)}")
        node[step] = _entry(node, f"{found['all']}_all", path)[: int(found["n"])]
    if callable(node[step]):
        node[step] = node[step]()
    if isinstance(node[step], np.ndarray):
        node[step] = node[step].tolist()
    return node[step]
