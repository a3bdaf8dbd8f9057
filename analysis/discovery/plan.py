"""A configuration as a plan: data, and steps in an order in which each has what it rests on. Nothing is computed."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.canonical import canonical_json, sha256
from analysis.discovery.errors import DiscoveryError
from analysis.discovery.identifiers import checked_identifiers
from analysis.discovery.method import Method
from analysis.discovery.parameters import Parameter, checked
from analysis.discovery.references import Reference, read_inputs
from analysis.discovery.registry import METHODS
from analysis.discovery.sources import Source, source

STUDY = {"title": Parameter(str), "seed": Parameter(int, 1, least=0)}
NAMEABLE = "letters, digits, - and _"


@dataclass(frozen=True)
class Step:
    """One step as asked; ``fingerprint`` is of all that its outcome rests on."""

    name: str
    method: Method
    parameters: Mapping[str, Any]
    inputs: Mapping[str, tuple[Reference, ...]]
    fingerprint: str

    @property
    def rests_on(self) -> tuple[str, ...]:
        """Names of the data and steps that it takes."""
        return tuple(dict.fromkeys(one.name for references in self.inputs.values() for one in references))

    @property
    def lacks(self) -> str:
        """The sentence on a reference that only the user can supply, where it is not there."""
        roles = self.method.roles.items()
        return next((role.needs for name, role in roles if role.needs and not self.inputs.get(name)), "")


@dataclass(frozen=True)
class Plan:
    title: str
    seed: int
    path: Path
    sha256: str
    sources: Mapping[str, Source]
    steps: tuple[Step, ...]

    def wanted(self, name: str | None) -> frozenset[str]:
        """The step and what it rests on; all steps without a name."""
        by_name = {step.name: step for step in self.steps}
        if name is None:
            return frozenset(by_name)
        if name not in by_name:
            raise DiscoveryError(f"There is no step {name}; there are {', '.join(by_name)}.")
        needed, waiting = set[str](), [name]
        while waiting:
            step = by_name[waiting.pop()]
            needed.add(step.name)
            waiting += [one for one in step.rests_on if one in by_name]
        return frozenset(needed)


def read_plan(path: Path) -> Plan:
    """DiscoveryError says in a sentence which place of the configuration makes no sense."""
    try:
        content = path.read_bytes()
        asked = tomllib.loads(content.decode())
    except OSError as error:
        raise DiscoveryError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DiscoveryError(f"{path} is not TOML: {error}.") from error
    parts = {"study": Parameter(dict), "data": Parameter(dict), "steps": Parameter(dict, listed=True)}
    found = checked(asked, parts, path.name)
    study = checked(found["study"], STUDY, "study")
    sources = {name: source(_named(name, "data"), block, path.parent) for name, block in found["data"].items()}
    steps = _steps(found["steps"], sources, study["seed"])
    return Plan(study["title"], study["seed"], path, sha256(content), sources, steps)


def _named(name: Any, place: str) -> str:
    """A name that is also one of a file."""
    if not isinstance(name, str) or not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise DiscoveryError(f"{place}: a name holds {NAMEABLE}, not {name!r}.")
    return name


def _steps(blocks: list[dict[str, Any]], sources: Mapping[str, Source], seed: int) -> tuple[Step, ...]:
    if not blocks:
        raise DiscoveryError("There is no step.")
    asked: dict[str, tuple[Method, dict[str, Any]]] = {}
    for number, block in enumerate(blocks, start=1):
        rest = dict(block)
        name = _named(rest.pop("name", None), f"steps, number {number}")
        if name in asked or name in sources:
            raise DiscoveryError(f"steps.{name}: the name is taken.")
        code = rest.pop("method", None)
        if code not in METHODS:
            raise DiscoveryError(f"steps.{name}.method is one of {', '.join(METHODS)}, not {code!r}.")
        asked[name] = (METHODS[code], rest)
    methods = {name: method for name, (method, _rest) in asked.items()}
    made: dict[str, Step] = {}
    identifiers: dict[str, str] = {}
    inputs = {}
    for name, (method, rest) in asked.items():
        inputs[name] = read_inputs(name, method, rest, sources, methods)
    for name in _in_order(inputs):
        method, rest = asked[name]
        place = f"steps.{name}"
        settings = {key: value for key, value in rest.items() if key not in method.roles}
        roles = {key: Parameter(str, None) for key in method.roles}
        parameters = checked(settings, {**roles, **method.parameters}, place)
        parameters = {key: parameters[key] for key in method.parameters}
        _check(place, method, parameters, inputs[name], sources)
        identifiers[name] = checked_identifiers(place, method.code, inputs[name], sources, identifiers)
        keys = {
            role: [[_key(one, sources, made), one.part] for one in references]
            for role, references in inputs[name].items()
        }
        whole: dict[str, Any] = {"method": method.code, "version": method.version, "parameters": parameters}
        whole["inputs"] = keys
        if method.seeded:
            whole["seed"] = seed
        made[name] = Step(name, method, parameters, inputs[name], sha256(canonical_json(whole).encode()))
    return tuple(made.values())


def _key(one: Reference, sources: Mapping[str, Source], made: Mapping[str, Step]) -> str:
    return sources[one.name].fingerprint if one.name in sources else made[one.name].fingerprint


def _check(
    place: str,
    method: Method,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, tuple[Reference, ...]],
    sources: Mapping[str, Source],
) -> None:
    for one in inputs.get("expression", ()):
        unit, taken = sources[one.name].settings["unit"], method.roles["expression"].units
        if method.units is not None:
            taken = method.units(parameters)
        if taken and unit not in taken:
            hint = f" ({method.hint})" if method.hint else ""
            raise DiscoveryError(f"{place}: {method.code} takes {' or '.join(taken)}, and {one.name} is {unit}{hint}.")
    lack = method.check(parameters, {role for role, found in inputs.items() if found}) if method.check else ""
    if lack:
        raise DiscoveryError(f"{place} {lack}.")


def _in_order(inputs: Mapping[str, Mapping[str, tuple[Reference, ...]]]) -> list[str]:
    """Steps as written, each after those it rests on."""
    ordered: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise DiscoveryError(f"The steps rest on each other: {' > '.join((*above[above.index(name) :], name))}.")
        if name not in ordered:
            for references in inputs[name].values():
                for one in references:
                    if one.name in inputs:
                        visit(one.name, (*above, name))
            ordered.append(name)

    for name in inputs:
        visit(name, ())
    return ordered
