"""A configuration as it was written: TOML with study, data and steps. Nothing is looked up and nothing computed."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.discovery.errors import DiscoveryError
from analysis.discovery.method import Method
from analysis.discovery.names import named
from analysis.discovery.parameters import Parameter, checked
from analysis.discovery.references import Reference, inputs_named
from analysis.discovery.registry import METHODS

PARTS = {"study": Parameter(dict), "data": Parameter(dict), "steps": Parameter(dict, listed=True)}
STUDY = {"title": Parameter(str), "seed": Parameter(int, 1, least=0, most=2**31 - 1)}


@dataclass(frozen=True)
class Asked:
    """One step as it was written, its parameters with their defaults."""

    name: str
    method: Method
    parameters: Mapping[str, Any]
    inputs: Mapping[str, tuple[Reference, ...]]

    @property
    def rests_on(self) -> tuple[str, ...]:
        """Names of the data and steps that it takes."""
        return tuple(dict.fromkeys(one.name for references in self.inputs.values() for one in references))


@dataclass(frozen=True)
class Configuration:
    title: str
    seed: int
    # blocks as written, by name
    data: Mapping[str, Any]
    # in an order in which each has what it rests on
    steps: tuple[Asked, ...]


def read_configuration(content: str, name: str, parts: Mapping[str, Parameter] = PARTS) -> Configuration:
    """DiscoveryError says in a sentence which place makes no sense. ``parts``: which tables there must be."""
    found = checked(_toml(content, name), parts, name)
    study = checked(found["study"], STUDY if parts is PARTS else STUDY | {"title": Parameter(str, "")}, "study")
    data = {named(key, "data"): block for key, block in found["data"].items()}
    return Configuration(study["title"], study["seed"], data, _steps(found["steps"], data))


def read_blocks(content: str, name: str) -> dict[str, Mapping[str, Any]]:
    """The blocks of data alone, whatever else is written; at least one."""
    written = _toml(content, name).get("data", {})
    if not isinstance(written, dict) or not all(isinstance(block, dict) for block in written.values()) or not written:
        raise DiscoveryError(f"{name} has no tables [data.NAME].")
    return {named(key, "data"): block for key, block in written.items()}


def _toml(content: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(content)
    except ValueError as error:
        # Besides what is not TOML: a number of thousands of digits.
        raise DiscoveryError(f"{name} is not TOML: {error}.") from error
    except RecursionError as error:
        raise DiscoveryError(f"{name} is not TOML that can be read: it nests too deeply.") from error


def _steps(blocks: Sequence[Mapping[str, Any]], data: Mapping[str, Any]) -> tuple[Asked, ...]:
    if not blocks:
        raise DiscoveryError("There is no step.")
    asked: dict[str, Asked] = {}
    for number, block in enumerate(blocks, start=1):
        step = _step(dict(block), f"steps, number {number}")
        if step.name in asked or step.name in data:
            raise DiscoveryError(f"steps.{step.name}: the name is taken.")
        asked[step.name] = step
    return tuple(asked[name] for name in _in_order(asked))


def _step(rest: dict[str, Any], place: str) -> Asked:
    name = named(rest.pop("name", None), place)
    code = rest.pop("method", None)
    if not isinstance(code, str) or code not in METHODS:
        raise DiscoveryError(f"steps.{name}.method is one of {', '.join(METHODS)}, not {code!r}.")
    method = METHODS[code]
    inputs = inputs_named(name, method, rest)
    settings = {key: value for key, value in rest.items() if key not in method.roles}
    roles = {key: Parameter(str, None) for key in method.roles}
    parameters = checked(settings, {**roles, **method.parameters}, f"steps.{name}")
    return Asked(name, method, {key: parameters[key] for key in method.parameters}, inputs)


def _in_order(steps: Mapping[str, Asked]) -> list[str]:
    """Steps as written, each after those it rests on. Not by recursion: a chain may be longer than Python's stack."""
    ordered: dict[str, None] = {}
    for first, step in steps.items():
        if first in step.rests_on:
            raise DiscoveryError(f"steps.{first} names itself: a step cannot be called like the data that it takes.")
    for first in steps:
        path = [first]
        while path:
            below = (one for one in steps[path[-1]].rests_on if one in steps and one not in ordered)
            wanted = next(below, None)
            if wanted is None:
                ordered[path.pop()] = None
            elif wanted in path:
                circle = " > ".join((*path[path.index(wanted) :], wanted))
                raise DiscoveryError(f"The steps rest on each other: {circle}.")
            else:
                path.append(wanted)
    return list(ordered)
