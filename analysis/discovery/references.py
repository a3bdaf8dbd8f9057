"""What a step names as its inputs: data, earlier steps and parts of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.discovery.errors import DiscoveryError
from analysis.discovery.method import Method, Role
from analysis.discovery.names import named
from analysis.discovery.parameters import REQUIRED, Parameter
from analysis.discovery.sources import EXPRESSION, KINDS, SETS, SIGNATURE, Source


@dataclass(frozen=True)
class Reference:
    """A name, and the part of it behind the colon."""

    name: str
    part: str = ""

    def __str__(self) -> str:
        return f"{self.name}:{self.part}" if self.part else self.name


def inputs_named(step: str, method: Method, asked: Mapping[str, Any]) -> dict[str, tuple[Reference, ...]]:
    """Inputs by role, as they are written."""
    found: dict[str, tuple[Reference, ...]] = {}
    for name, role in method.roles.items():
        place = f"steps.{step}.{name}"
        if name not in asked:
            if role.required:
                raise DiscoveryError(f"steps.{step} lacks {name}: {method.code} takes {_wanted(role)}.")
            continue
        texts = Parameter(str, REQUIRED, listed=role.several).checked(asked[name], place)
        references = tuple(_reference(text, place) for text in (texts if role.several else [texts]))
        if len(set(references)) < len(references):
            raise DiscoveryError(f"{place} names the same twice.")
        found[name] = references
    if method.code == "intersect" and len(found["lists"]) not in (2, 3):
        raise DiscoveryError(f"steps.{step}.lists names two lists or three, not {len(found['lists'])}.")
    return found


def check_inputs(
    step: str,
    method: Method,
    inputs: Mapping[str, tuple[Reference, ...]],
    sources: Mapping[str, Source],
    methods: Mapping[str, Method],
) -> None:
    """DiscoveryError for one that is not there, or is something else than the method takes."""
    for name, references in inputs.items():
        for one in references:
            _check(f"steps.{step}.{name}", one, method.roles[name], sources, methods)


def _reference(text: str, place: str) -> Reference:
    name, _, part = text.partition(":")
    return Reference(named(name.strip(), place), part.strip())


def _wanted(role: Role) -> str:
    kinds = " or ".join(kind if kind in (*KINDS, SIGNATURE) else f"a step that gives {kind}" for kind in role.kinds)
    return f"{kinds}{', as NAME:LIST' if role.part == 'list' else ''}"


def _check(
    place: str, one: Reference, role: Role, sources: Mapping[str, Source], methods: Mapping[str, Method]
) -> None:
    if one.name not in sources and one.name not in methods:
        there = ", ".join((*sources, *methods))
        raise DiscoveryError(f"{place} names {one.name}, which is neither data nor a step; there are {there}.")
    kind = sources[one.name].kind if one.name in sources else methods[one.name].gives
    if kind not in role.kinds:
        said = f"gives {kind or 'nothing to others'}" if one.name in methods else f"is {kind}"
        raise DiscoveryError(f"{place} takes {_wanted(role)}, and {one.name} {said}.")
    if one.part and not role.part:
        raise DiscoveryError(f"{place} takes {one.name} as a whole, without :{one.part}.")
    if role.part == "list":
        _check_list(place, one, methods)
    if kind == EXPRESSION and role.identifiers:
        own = sources[one.name].settings["identifiers"]
        if own not in role.identifiers:
            raise DiscoveryError(f"{place} wants genes by {' or '.join(role.identifiers)}, and {one.name} has {own}.")
    if role.form and sources[one.name].form != role.form:
        raise DiscoveryError(f"{place} wants the form {role.form}, and {one.name} has {sources[one.name].form}.")


def _check_list(place: str, one: Reference, methods: Mapping[str, Method]) -> None:
    lists = methods[one.name].lists if one.name in methods else ()
    named = f"{', '.join(lists)}" if lists else f"the name of a set, as {SETS} have many"
    if not one.part:
        raise DiscoveryError(f"{place} names a list of {one.name}, as {one.name}:{lists[0] if lists else 'SET'}.")
    if lists and one.part not in lists:
        raise DiscoveryError(f"{place}: {one.name} has no list {one.part}; it has {named}.")
