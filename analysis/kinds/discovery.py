"""From transcriptomes to genes: a graph of steps on data sets and on the cohort, as `manage.py discover` takes it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from analysis.artefacts.keeping import FreshShelf, StoredShelf, artefact
from analysis.datasets.planning import Planned, Wish, planned, wish_of
from analysis.discovery.errors import DiscoveryError
from analysis.discovery.keeping import Keeping
from analysis.discovery.registry import METHODS
from analysis.discovery.running import REFUSED, SKIPPED, Run
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.headline.claims import Claim
from analysis.kinds.base import Figure, Output, ParameterError, Part
from analysis.kinds.discovery_steps import claims_of, told_step
from analysis.kinds.discovery_tables import tables_of
from analysis.kinds.tables import ResultTable

LONGEST = 50_000


class Discovery:
    code = "discovery"
    label = _("From transcriptomes to genes")
    # Of itself and of every method: whichever changes, only its steps are computed anew.
    version = 1 + sum(int(method.version) for method in METHODS.values())
    template = "analysis/kinds/discovery.html"
    # One step may take hours.
    fewest_parts = 1

    def check(self, parameters: Mapping[str, Any]) -> None:
        if unknown := sorted(set(parameters) - {"configuration"}):
            raise ParameterError(unknown[0], "is not known to the kind discovery.")
        text = parameters.get("configuration")
        if not isinstance(text, str) or not text.strip():
            raise ParameterError("configuration", "is a text in TOML with steps.")
        if len(text) > LONGEST:
            raise ParameterError("configuration", f"has at most {LONGEST} characters.")
        try:
            wish_of(text).request()
        except ValueError as error:
            raise ParameterError("configuration", str(error)) from error

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        return _wish(parameters).request()

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        """All steps anew, whatever was kept of them, each as its part would be."""
        wish = _wish(parameters)
        shelf = FreshShelf()
        try:
            plan = planned(wish, frame)
        except DiscoveryError as error:
            return _output(wish, frame, None, {}, shelf, str(error))
        loaded: dict[str, Any] = {}
        states = {step.name: _carried_out(plan, shelf, step.name, loaded) for step in plan.plan.steps}
        return _output(wish, frame, plan, states, shelf, None)

    def parts(self, frame: Frame, parameters: Mapping[str, Any]) -> list[Part]:
        """One for each step, after those of the steps that it rests on."""
        try:
            plan = planned(_wish(parameters), frame).plan
        except DiscoveryError:
            # The whole says why.
            return []
        places = {step.name: place for place, step in enumerate(plan.steps)}
        return [
            {
                "seed": plan.seed,
                "step": step.name,
                "after": sorted(places[name] for name in step.rests_on if name in places),
            }
            for step in plan.steps
        ]

    def compute_part(self, frame: Frame, parameters: Mapping[str, Any], part: Part) -> Output:
        state, reason = _carried_out(planned(_wish(parameters), frame), StoredShelf(), part["step"], {})
        return {"state": state, "reason": reason}

    def reduce(self, frame: Frame, parameters: Mapping[str, Any], outputs: list[Output]) -> Output:
        wish = _wish(parameters)
        plan = planned(wish, frame)
        states = {
            step.name: (told["state"], told["reason"]) for step, told in zip(plan.plan.steps, outputs, strict=True)
        }
        return _output(wish, frame, plan, states, StoredShelf(), None)

    def headline(self, output: Output) -> list[Claim]:
        return [claim for step in output["steps"] for claim in claims_of(step)]

    def figures(self, output: Output) -> list[Figure]:
        return [
            Figure(f"{step['name']}-{figure['name']}", figure["title"], json.loads(artefact(figure["sha256"])))
            for step in output["steps"]
            for figure in step["figures"]
        ]

    def tables(self, output: Output) -> list[ResultTable]:
        return tables_of(output)


DISCOVERY = Discovery()


def _wish(parameters: Mapping[str, Any]) -> Wish:
    try:
        return wish_of(parameters["configuration"])
    except DiscoveryError as error:
        raise ParameterError("configuration", str(error)) from error


def _carried_out(plan: Planned, shelf: Keeping, name: str, loaded: dict[str, Any]) -> tuple[str, str]:
    """State and reason of a step, after what it rests on; `loaded`: data that were read before."""
    wanted = plan.plan.wanted(name)
    steps = tuple(step for step in plan.plan.steps if step.name in wanted)
    run = Run(plan.plan.of(steps), shelf, _silent, wanted, plan.load, loaded)
    try:
        run.carry_out()
    except DiscoveryError as error:
        # A file that is not what was stored is the trouble of the steps that read it.
        return REFUSED, str(error)
    return run.told[name].state, run.told[name].reason


def _silent(_line: str) -> None:
    """How far a run is, its parts say."""


def _output(
    wish: Wish,
    frame: Frame,
    plan: Planned | None,
    states: Mapping[str, tuple[str, str]],
    shelf: Keeping,
    refused: str | None,
) -> Output:
    steps: Sequence[Output] = []
    if plan is not None:
        made = {step.name: step for step in plan.plan.steps}
        steps = [
            told_step(asked, SKIPPED, plan.dropped[asked.name], None, None)
            if asked.name in plan.dropped
            else told_step(asked, *states[asked.name], made[asked.name], shelf)
            for asked in wish.written.steps
        ]
    return {
        "title": wish.written.title,
        "seed": wish.written.seed,
        "configuration": wish.sha256,
        "exploratory": True,
        "n": len(frame.rows) if wish.of_cohort else None,
        "dropped": frame.dropped(),
        "notes": list(frame.notes),
        "warnings": [],
        "refused": refused,
        "data": [
            {"name": name, **(told or {"kind": "", "files": {}})}
            for name, told in frame.constants.get("datasets", {}).items()
        ],
        "of_cohort": [
            {"name": name, "kind": block["kind"], "variables": _variables(block)}
            for name, block in wish.of_cohort.items()
        ],
        "steps": list(steps),
    }


def _variables(block: Mapping[str, Any]) -> list[str]:
    """None of them where the block is of the expression as a whole."""
    return list(block.get("variables") or filter(None, [block.get("variable")]))
