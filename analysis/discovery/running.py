"""A plan carried out: what is kept is taken, what changed is computed, and the report is written."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.canonical import canonical_json
from analysis.discovery.alone import alone
from analysis.discovery.figures import draw
from analysis.discovery.keeping import Keeping, Shelf
from analysis.discovery.loading import load
from analysis.discovery.manifest import manifest
from analysis.discovery.method import Earlier, Given, Outcome
from analysis.discovery.plan import Plan, Step
from analysis.discovery.references import Reference
from analysis.discovery.report import Told, report_text
from analysis.discovery.sources import SETS, Source
from analysis.omics.errors import OmicsInputError
from analysis.stats.errors import StatsInputError

COMPUTED, KEPT, SKIPPED, REFUSED, LEFT = "computed", "as it was", "skipped", "refused", "left out"
UP_TO_DATE, TO_COMPUTE = "up to date", "to be computed"
REPORT, MANIFEST = "report.md", "manifest.json"

Said = Callable[[str], object]


@dataclass
class Run:
    """A plan under way; data are loaded when the first step needs them."""

    plan: Plan
    shelf: Keeping
    said: Said
    wanted: frozenset[str]
    loads: Callable[[Source], Any] = load
    loaded: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)

    def data(self, name: str) -> Any:
        if name not in self.loaded:
            self.said(f"reading data.{name}")
            self.loaded[name] = self.loads(self.plan.sources[name])
        return self.loaded[name]

    def carry_out(self) -> None:
        for number, step in enumerate(self.plan.steps, start=1):
            place = f"{number}/{len(self.plan.steps)} {step.name} ({step.method.code})"
            told = self.told[step.name] = self._one(step, place)
            took = f" in {told.seconds:.1f} s" if told.state == COMPUTED else ""
            self.said(f"{place}: {told.state}{took}{'. ' + told.reason if told.reason else ''}")

    def _one(self, step: Step, place: str) -> Told:
        if step.name not in self.wanted and not self.shelf.found(step):
            return Told(step, LEFT, "This run was asked for other steps.")
        reason = skipped(step, {name: told.state for name, told in self.told.items()})
        if reason:
            return Told(step, SKIPPED, reason)
        if kept := self.shelf.found(step):
            return Told(step, KEPT, seconds=kept["seconds"])
        self.said(f"{place} …")
        inputs = {role: [self._input(one) for one in many] for role, many in step.inputs.items()}
        start = time.perf_counter()
        try:
            outcome = step.method.compute(Given(step.parameters, inputs, self.plan.seed, _heard(place, self.said)))
        except (OmicsInputError, StatsInputError) as error:
            return Told(step, REFUSED, str(error))
        seconds = time.perf_counter() - start
        self.shelf.keep(step, outcome, seconds)
        return Told(step, COMPUTED, seconds=seconds)

    def _input(self, one: Reference) -> Any:
        if one.name not in self.plan.sources:
            return Earlier(one.name, one.part, self.shelf.outcome(self.told[one.name].step))
        data = self.data(one.name)
        if isinstance(data, Outcome):
            return Earlier(one.name, one.part, data)
        if self.plan.sources[one.name].kind == SETS and one.part:
            return Earlier(one.name, one.part, Outcome(pd.DataFrame(), (), lists=data.genes))
        return data


def skipped(step: Step, states: Mapping[str, str]) -> str:
    """Why a step cannot be computed: it lacks a reference, or rests on a step that has no outcome."""
    if step.lacks:
        return f"Not configured. {step.lacks}"
    lost = [name for name in step.rests_on if states.get(name) in (SKIPPED, REFUSED, LEFT)]
    return f"It rests on {lost[0]}, which has no outcome." if lost else ""


def _heard(place: str, said: Said) -> Callable[[int, int], None]:
    """Every tenth part of a long step."""

    def heard(done: int, total: int) -> None:
        if total and (done * 10) // total > ((done - 1) * 10) // total:
            said(f"{place}: {100 * done // total} %")

    return heard


def run(plan: Plan, folder: Path, *, said: Said, only: str | None = None) -> dict[str, Any]:
    """Carry out the plan, or `only` a step with what it rests on, and write the report; gives what `--json` prints."""
    Shelf(folder).open()
    with alone(folder):
        return _run(plan, folder, said, only)


def _run(plan: Plan, folder: Path, said: Said, only: str | None) -> dict[str, Any]:
    start = time.perf_counter()
    shelf = Shelf(folder)
    carried = Run(plan, shelf, said, plan.wanted(only))
    carried.carry_out()
    told = list(carried.told.values())
    outcomes = {one.step.name: shelf.outcome(one.step) for one in told if one.has_outcome}
    pictures = {name: draw(carried.told[name], outcome, plan, shelf) for name, outcome in outcomes.items()}
    shelf.write(REPORT, report_text(plan, told, outcomes, pictures))
    made = manifest(plan, told, folder, pictures, time.perf_counter() - start)
    shelf.write(MANIFEST, canonical_json(made) + "\n")
    return {
        "title": plan.title,
        "report": str(folder / REPORT),
        "steps": [one.as_json() for one in told],
        **{state.replace(" ", "_"): [one.step.name for one in told if one.state == state]
           for state in (COMPUTED, KEPT, SKIPPED, REFUSED, LEFT)},
        "seconds": made["seconds"],
        "peak_megabytes": made["peak_megabytes"],
    }  # fmt: skip


def standing(plan: Plan, folder: Path, *, only: str | None = None) -> list[dict[str, str]]:
    """The steps in order (those that `only` rests on), and whether each is up to date; nothing is computed."""
    shelf, states, rows = Shelf(folder), dict[str, str](), list[dict[str, str]]()
    wanted = plan.wanted(only)
    for step in plan.steps:
        if skipped(step, states):
            states[step.name] = SKIPPED
        else:
            states[step.name] = UP_TO_DATE if shelf.found(step) else TO_COMPUTE
        if step.name in wanted:
            rows.append({"name": step.name, "method": step.method.code, "state": states[step.name]})
    return rows
