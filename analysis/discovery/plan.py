"""A configuration as a plan: data, and steps in an order in which each has what it rests on. Nothing is computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.canonical import canonical_json, sha256
from analysis.discovery.configuration import Asked, Configuration, read_blocks, read_configuration
from analysis.discovery.errors import DiscoveryError
from analysis.discovery.identifiers import checked_identifiers
from analysis.discovery.method import Method
from analysis.discovery.references import Reference, check_inputs
from analysis.discovery.sources import Source, source


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

    def of(self, steps: tuple[Step, ...]) -> "Plan":
        """The same of these steps only."""
        return replace(self, steps=steps)

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
    text = _content(path)
    asked = read_configuration(text, path.name)
    sources = {name: source(name, block, path.parent) for name, block in asked.data.items()}
    return plan_of(asked, sources, path, sha256(text.encode()))


def read_data(path: Path, *, only: Sequence[str] = ()) -> list[Source]:
    """The data alone, those of these names if any are given; there need be no steps."""
    blocks = read_blocks(_content(path), path.name)
    if absent := next((name for name in only if name not in blocks), None):
        raise DiscoveryError(f"There is no data.{absent}; there are {', '.join(blocks)}.")
    return [source(name, block, path.parent) for name, block in blocks.items() if not only or name in only]


def _content(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise DiscoveryError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise DiscoveryError(f"{path} is not TOML: {error}.") from error


def plan_of(asked: Configuration, sources: Mapping[str, Source], path: Path, content: str) -> Plan:
    """``content``: the SHA-256 of what was written. All data that a step names are among the ``sources``."""
    methods = {step.name: step.method for step in asked.steps}
    for step in asked.steps:
        check_inputs(step.name, step.method, step.inputs, sources, methods)
    made: dict[str, Step] = {}
    identifiers: dict[str, str] = {}
    for step in asked.steps:
        place = f"steps.{step.name}"
        _check(place, step.method, step.parameters, step.inputs, sources)
        identifiers[step.name] = checked_identifiers(place, step.method.code, step.inputs, sources, identifiers)
        fingerprint = _fingerprint(step, sources, made, asked.seed)
        made[step.name] = Step(step.name, step.method, step.parameters, step.inputs, fingerprint)
    return Plan(asked.title, asked.seed, path, content, sources, tuple(made.values()))


def _fingerprint(step: Asked, sources: Mapping[str, Source], made: Mapping[str, Step], seed: int) -> str:
    keys = {
        role: [[_key(one, sources, made), one.part] for one in references] for role, references in step.inputs.items()
    }
    method = step.method
    whole: dict[str, Any] = {"method": method.code, "version": method.version, "parameters": step.parameters}
    whole["inputs"] = keys
    if method.seeded:
        whole["seed"] = seed
    return sha256(canonical_json(whole).encode())


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
