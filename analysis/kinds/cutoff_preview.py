"""What a cutoff would do to the stored frame of a result: groups, test, and who would change group. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.canonical import plain
from analysis.charts import kaplan_meier
from analysis.charts import roc as roc_chart
from analysis.frames.frame import Frame
from analysis.frames.landmark import from_landmark, since
from analysis.kinds import cutpoints
from analysis.kinds.cutpoint_search import EXACT_BELOW
from analysis.kinds.groups import MIN_EVENTS, MIN_PATIENTS, survival_by_group
from analysis.kinds.roc import outcome_of
from analysis.kinds.roc_curves import point_of
from analysis.kinds.survival import HIGH, LOW
from analysis.kinds.wording import interval_text, p_text
from analysis.stats.fisher import fisher_p
from analysis.stats.kolmogorov import smirnov_tail
from analysis.stats.operating_points import OperatingPoint, operating_point
from labs.ihc.scoring import ATTAINABLE
from labs.markers.models import Scale

SPLITTABLE = ("survival", "roc")
# Methods whose p is that of one look: nobody looked at outcomes to find them.
PLAIN = (*cutpoints.DECLARED, *cutpoints.BLIND_METHODS)


@dataclass(frozen=True)
class Marker:
    """The patients of one result with their values of a marker; `happened` is the event, or being a case."""

    kind: str
    name: str
    label: str
    unit: str
    patients: list[str]
    values: list[float]
    happened: list[bool]
    # what may be chosen, in rising order
    steps: list[float]
    times: list[float] = field(default_factory=list)
    endpoint: str = ""
    time_unit: str = ""
    direction: str = ""
    case: str = ""

    def n_low(self, cutoff: float) -> int:
        return sum(value <= cutoff for value in self.values)

    def group(self, value: float, cutoff: float) -> str:
        return HIGH if value > cutoff else LOW

    def step_of(self, cutoff: float) -> int:
        """The highest step not above the cutoff, which splits the patients alike; -1 below all of them."""
        return int(np.searchsorted(self.steps, cutoff, side="right")) - 1


@dataclass(frozen=True)
class Side:
    name: str
    n: int
    events: int
    median: float | None = None
    share: float = 0.0


@dataclass(frozen=True)
class Mover:
    patient: str
    value: float
    before: str
    after: str


@dataclass(frozen=True)
class Step:
    """A neighbouring cutoff: how it splits, and how many patients are in another group than at the one in hand."""

    offset: int
    cutoff: float
    sides: list[Side]
    moved: int


@dataclass(frozen=True)
class Preview:
    cutoff: float
    method: str
    sides: list[Side]
    effect: str
    # p, in words; never the p of one look for a cutoff that was found by looking at outcomes
    p_text: str
    p: float | None
    p_corrected: float | None
    movers: list[Mover]
    steps: list[Step]
    warnings: list[str]
    # a result of the kind as its chart and its files take it
    output: dict[str, Any]

    @property
    def is_exploratory(self) -> bool:
        return self.method not in cutpoints.DECLARED


def marker_of(kind: str, frame: Frame, parameters: Mapping[str, Any], output: Mapping[str, Any], name: str) -> Marker:
    """ValueError where the marker is no number, or not one of this result."""
    if name not in frame.columns:
        raise ValueError(f"{name} is no marker of this result.")
    column = frame.columns[name]
    if kind == "survival":
        at = parameters.get("landmark")
        kept = frame if at is None else from_landmark(frame, at)
        more: dict[str, Any] = {
            "times": kept.times(),
            "happened": [bool(event) for event in kept.column("event")],
            "endpoint": since(parameters["endpoint"], at, frame.time_unit),
            "time_unit": frame.time_unit,
        }
    else:
        kept, outcome = frame.complete(name), outcome_of(parameters)
        described = next(marker for marker in output["markers"] if marker["name"] == name)
        more = {
            "happened": [outcome.is_case(row) for row in kept.rows],
            "direction": described["direction"],
            "case": str(output.get("case", output["positive"])),
        }
    values = kept.column(name)
    if not values or not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        raise ValueError(f"{column['label']} is not a number, so there is no cutoff to choose.")
    is_score = column.get("scale") == Scale.SCORE
    steps = [float(step) for step in ATTAINABLE] if is_score else sorted({float(value) for value in values})
    patients = [str(row["patient"]) for row in kept.rows]
    return Marker(kind, name, column["label"], column["unit"] or "", patients, values, steps=steps, **more)


def preview(marker: Marker, cutoff: float, method: str, reference: float | None, result: Mapping[str, Any]) -> Preview:
    """`reference` is the cutoff against which it is said who changes group; `result` the output that is on show."""
    make = _of_survival if marker.kind == "survival" else _of_outcome
    made = make(marker, cutoff, method, result)
    movers = [] if reference is None else _movers(marker, cutoff, reference)
    return Preview(cutoff=cutoff, method=method, movers=movers, steps=_steps(marker, cutoff), **made)


def spec_of(marker: Marker, seen: Preview) -> dict[str, Any]:
    return kaplan_meier.chart(seen.output) if marker.kind == "survival" else roc_chart.chart(seen.output)


def _movers(marker: Marker, cutoff: float, reference: float) -> list[Mover]:
    pairs = zip(marker.patients, marker.values, strict=True)
    found = [
        Mover(patient, value, marker.group(value, reference), marker.group(value, cutoff)) for patient, value in pairs
    ]
    return [mover for mover in found if mover.before != mover.after]


def _steps(marker: Marker, cutoff: float) -> list[Step]:
    here = marker.step_of(cutoff)
    found = []
    for offset in (-1, 0, 1):
        if not 0 <= here + offset < len(marker.steps):
            continue
        at = marker.steps[here + offset] if offset else cutoff
        found.append(Step(offset, at, _sides(marker, at), abs(marker.n_low(at) - marker.n_low(cutoff))))
    return found


def _sides(marker: Marker, cutoff: float) -> list[Side]:
    members: dict[str, list[bool]] = {LOW: [], HIGH: []}
    for value, happened in zip(marker.values, marker.happened, strict=True):
        members[marker.group(value, cutoff)].append(happened)
    n = len(marker.values)
    return [Side(name, len(found), sum(found), share=len(found) / n) for name, found in members.items()]


def _of_survival(marker: Marker, cutoff: float, method: str, result: Mapping[str, Any]) -> dict[str, Any]:
    groups = [marker.group(value, cutoff) for value in marker.values]
    split = plain(survival_by_group(marker.times, marker.happened, groups, [LOW, HIGH]))
    medians = {group["name"]: group["median"] for group in split["groups"]}
    sides = [
        Side(side.name, side.n, side.events, medians.get(side.name), side.share) for side in _sides(marker, cutoff)
    ]
    test, hr = split["logrank"], split["hr"]
    p = test["p"] if test else None
    corrected = None
    if p is not None and method not in PLAIN:
        corrected = cutpoints.corrected_at(marker.times, marker.happened, marker.values, cutoff)
        # Rounding apart, having looked at many never makes a p smaller.
        corrected = None if corrected is None else max(corrected, p)
    used = cutpoints.UsedCutoff(cutoff, method, corrected)
    output = split | {
        "endpoint": marker.endpoint,
        "time_unit": marker.time_unit,
        "variable": marker.name,
        "label": marker.label,
        "unit": marker.unit,
        "cutoff": used.as_json(),
        "dropped": result.get("dropped", {}),
        "notes": result.get("notes", []),
    }
    words, shown = _p(p, corrected, method, "log-rank", split["refused"])
    if shown is None:
        output["logrank"] = None
    return {
        "sides": sides,
        "effect": f"HR {interval_text(hr['hr'], hr['low'], hr['high'])}, high against low" if hr else "",
        "p_text": words,
        "p": shown,
        "p_corrected": corrected,
        "warnings": [*split["warnings"], *_small_side(sides)],
        "output": output,
    }


def _of_outcome(marker: Marker, cutoff: float, method: str, result: Mapping[str, Any]) -> dict[str, Any]:
    truth, values = np.array(marker.happened, bool), np.array(marker.values, float)
    point = operating_point(truth, values, cutoff, marker.direction)
    sides = _sides(marker, cutoff)
    fewest = min(side.n for side in sides)
    p = fisher_p([[point.tp, point.fp], [point.fn, point.tn]]) if fewest >= MIN_PATIENTS else None
    refused = None if p is not None else f"One side has {fewest} patients, fewer than {MIN_PATIENTS}."
    corrected = None
    if p is not None and method not in PLAIN:
        tail = smirnov_tail(max(point.youden, 0.0), values[truth], values[~truth], exact_below=EXACT_BELOW)
        corrected = max(tail.p, p)
    words, shown = _p(p, corrected, method, "Fisher", refused)
    drawn = next(found for found in result["markers"] if found["name"] == marker.name)
    status = method if method in cutpoints.DECLARED else cutpoints.EXPLORATORY
    described = point_of(method, status, point, drawn["group_means"])
    output = dict(result) | {
        "markers": [drawn | {"points": [plain(described)]}],
        "positive": marker.case,
        "comparisons": [],
    }
    warnings = [described["warning"]] if described["warning"] else []
    return {
        "sides": sides,
        "effect": _accuracy(point),
        "p_text": words,
        "p": shown,
        "p_corrected": corrected,
        "warnings": warnings,
        "output": output,
    }


def _accuracy(point: OperatingPoint) -> str:
    shares = {
        "sensitivity": point.sensitivity_ci,
        "specificity": point.specificity_ci,
        "PPV": point.ppv_ci,
        "NPV": point.npv_ci,
    }
    return "; ".join(
        f"{name} {_percent(ci.value)} ({_percent(ci.low)}–{_percent(ci.high)})" for name, ci in shares.items()
    )


def _percent(share: float) -> str:
    return "?" if np.isnan(share) else f"{share:.0%}"


def _p(
    p: float | None, corrected: float | None, method: str, test: str, refused: str | None
) -> tuple[str, float | None]:
    """The sentence, and the p of one look where it may be given beside it."""
    if p is None:
        return f"No p: {refused or 'there is no test.'}", None
    if method in PLAIN:
        return f"{test} {p_text(p)}", p
    if corrected is None:
        return f"No p: {cutpoints.OUTSIDE}", None
    return f"{p_text(corrected)} corrected for the choice among all cutoffs ({test} {p_text(p)} as if fixed before)", p


def _small_side(sides: Sequence[Side]) -> list[str]:
    found = []
    for side in sides:
        if side.share < 0.1:
            found.append(f"It leaves {side.share:.0%} of the patients {side.name}.")
        elif side.n >= MIN_PATIENTS and side.events < MIN_EVENTS:
            found.append(f"Only {side.events} events are {side.name}.")
    return found
