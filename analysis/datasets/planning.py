"""The configuration of an analysis with what its frame says of data: which steps can be carried out, and how."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.canonical import canonical_json, sha256
from analysis.datasets.expression import expression_of
from analysis.datasets.stored import load_stored, source_of
from analysis.discovery.configuration import Asked, Configuration, read_configuration
from analysis.discovery.errors import DiscoveryError
from analysis.discovery.method import GROUPS, SCORES
from analysis.discovery.of_cohort import PATIENT, groups_of, values_of
from analysis.discovery.parameters import Parameter, checked
from analysis.discovery.plan import Plan, plan_of
from analysis.discovery.sources import (
    COHORT_EXPRESSION,
    COHORT_GROUPS,
    COHORT_KINDS,
    COHORT_VALUES,
    EXPRESSION,
    KINDS,
    Source,
)
from analysis.frames.frame import Frame
from analysis.frames.request import CutoffWish, FrameRequest
from analysis.frames.variables import parse

WHERE = "configuration"
_PARTS = {"study": Parameter(dict, {}), "data": Parameter(dict, {}), "steps": Parameter(dict, listed=True)}


@dataclass(frozen=True)
class Wish:
    """A configuration as an analysis is asked for it: data are of the cohort, or data sets of the registry by name."""

    written: Configuration
    sha256: str
    # blocks of the cohort's own data, checked
    of_cohort: Mapping[str, Mapping[str, Any]]

    @property
    def datasets(self) -> tuple[str, ...]:
        """Whatever a step rests on that is neither a step nor of the cohort."""
        steps = {step.name for step in self.written.steps}
        named = {name for step in self.written.steps for name in step.rests_on}
        return tuple(sorted(named - steps - set(self.of_cohort)))

    def request(self) -> FrameRequest:
        blocks = self.of_cohort.values()
        single = [block for block in blocks if block["kind"] == COHORT_GROUPS]
        several = [name for block in blocks if block["kind"] == COHORT_VALUES for name in block["variables"]]
        return FrameRequest(
            variables=tuple(dict.fromkeys([*several, *(block["variable"] for block in single)])),
            cutoffs=tuple(CutoffWish(block["variable"], block["cutoff"]) for block in single if block["cutoff"]),
            datasets=self.datasets,
            expression=any(block["kind"] == COHORT_EXPRESSION for block in blocks),
            nobody=not self.of_cohort,
        )


def wish_of(text: str) -> Wish:
    """DiscoveryError says in a sentence which place makes no sense; whether the data are there is not asked."""
    written = read_configuration(text, WHERE, _PARTS)
    of_cohort = {name: _block(name, block) for name, block in written.data.items() if _kind(block) in COHORT_KINDS}
    return Wish(written, sha256(text.encode()), of_cohort)


def _kind(block: Any) -> Any:
    return block.get("kind") if isinstance(block, dict) else None


def _block(name: str, block: Mapping[str, Any]) -> dict[str, Any]:
    kind = block["kind"]
    rest = {key: value for key, value in block.items() if key != "kind"}
    found = checked(rest, COHORT_KINDS[kind], f"data.{name}")
    if kind == COHORT_GROUPS and found["above"] is not None and found["cutoff"]:
        raise DiscoveryError(f"data.{name} is split above a number or at a declared cutoff, not at both.")
    # By the names that a frame has: ihc:FAP is ihc:FAP@tumour there.
    for key in {"variable", "variables"} & set(found):
        value = found[key]
        found[key] = [parse(one).name for one in value] if isinstance(value, list) else parse(value).name
    return {"kind": kind, **found}


@dataclass(frozen=True)
class Planned:
    """`dropped`: steps that lack a data set, with the reason, in the order of the configuration."""

    plan: Plan
    dropped: Mapping[str, str]
    frame: Frame
    wish: Wish

    def load(self, source: Source) -> Any:
        block = self.wish.of_cohort.get(source.name)
        if block is None:
            return load_stored(source)
        if block["kind"] == COHORT_EXPRESSION:
            return expression_of(self.frame.constants["expression"], source.name, set(self.frame.column(PATIENT)))
        if block["kind"] == COHORT_VALUES:
            return values_of(source.place, self.frame.rows, block["variables"])
        return groups_of(source.place, self.frame.rows, block["variable"], _above(source.name, block, self.frame))


def planned(wish: Wish, frame: Frame) -> Planned:
    """DiscoveryError where the data that there are do not fit what is asked of them."""
    told = frame.constants.get("datasets", {})
    lacking = {name: f"There is no data set {name} here." for name, found in told.items() if found is None}
    for name, block in wish.of_cohort.items():
        if block["kind"] == COHORT_EXPRESSION and frame.constants.get("expression") is None:
            lacking[name] = "The cohort has no expression set."
    kept, dropped = _those_with_data(wish.written.steps, lacking)
    stored = {name: source_of(name, found) for name, found in told.items() if found is not None}
    for name, source in stored.items():
        _check_same(source, wish.written.data.get(name))
    sources = stored | {name: _of_cohort(name, wish, frame) for name in wish.of_cohort if name not in lacking}
    written = Configuration(wish.written.title, wish.written.seed, {}, kept)
    return Planned(plan_of(written, sources, Path(WHERE), wish.sha256), dropped, frame, wish)


def _those_with_data(
    steps: tuple[Asked, ...], lacking: Mapping[str, str]
) -> tuple[tuple[Asked, ...], Mapping[str, str]]:
    kept, dropped = [], dict[str, str]()
    for step in steps:
        missing = [name for name in step.rests_on if name in lacking]
        lost = [name for name in step.rests_on if name in dropped]
        if missing:
            needs = [step.method.roles[role].needs for role, many in step.inputs.items() if many[0].name in missing]
            dropped[step.name] = " ".join([lacking[missing[0]], *filter(None, needs)])
        elif lost:
            dropped[step.name] = f"It rests on {lost[0]}, which has no outcome."
        else:
            kept.append(step)
    return tuple(kept), dropped


def _check_same(source: Source, block: Any) -> None:
    """What the configuration says of a data set that is stored has to be what it was stored as."""
    if not isinstance(block, dict):
        return
    if block.get("kind", source.kind) != source.kind:
        raise DiscoveryError(f"{source.place} is {block['kind']} in the configuration, and {source.kind} here.")
    known = KINDS[source.kind].settings if source.kind in KINDS else {"form": None}
    for key in known:
        if key in block and key != "groups" and block[key] != source.settings.get(key):
            raise DiscoveryError(
                f"{source.place}.{key} is {block[key]!r} in the configuration, and {source.settings.get(key)!r} here."
            )


def _of_cohort(name: str, wish: Wish, frame: Frame) -> Source:
    block = wish.of_cohort[name]
    patients = frame.column(PATIENT)
    content: Any
    if block["kind"] == COHORT_EXPRESSION:
        told = frame.constants["expression"]
        unasked = dict.fromkeys(KINDS[EXPRESSION].settings)
        settings = unasked | {"unit": told["unit"], "identifiers": told["identifiers"], "ignore": []}
        return _source(name, EXPRESSION, settings, [told, patients])
    if block["kind"] == COHORT_VALUES:
        content = [[row.get(variable) for variable in block["variables"]] for row in frame.rows]
        return _source(name, SCORES, dict(block), [patients, content])
    content = [[row.get(block["variable"]) for row in frame.rows], _above(name, block, frame)]
    return _source(name, GROUPS, dict(block), [patients, content])


def _source(name: str, kind: str, settings: Mapping[str, Any], content: Any) -> Source:
    """No file: what identifies it is what the frame holds of it."""
    held = Path("cohort")
    return Source(name, kind, {"cohort": (held,)}, settings, {str(held): sha256(canonical_json(content).encode())})


def _above(name: str, block: Mapping[str, Any], frame: Frame) -> float | None:
    if not block["cutoff"]:
        above: float | None = block["above"]
        return above
    declared = frame.constants["cutoffs"].get(f"{block['variable']}/{block['cutoff']}")
    if declared is None:
        raise DiscoveryError(f"data.{name}: no {block['cutoff']} cutoff of {block['variable']} is declared here.")
    return float(declared["value"])
