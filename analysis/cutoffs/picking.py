"""The cutoff picker: what may be chosen for a marker of a result, and what the choice in hand would do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from statistics import median
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from analysis.access import visible_analyses
from analysis.cutoffs.models import Cutoff
from analysis.engine.freshness import Freshness, freshness_of_all
from analysis.engine.models import Analysis, Run
from analysis.frames.frame import Frame
from analysis.frames.variables import parse
from analysis.kinds import cutoff_preview
from analysis.kinds.cutoff_preview import SPLITTABLE, Marker, Preview
from analysis.stats.printing import exact
from registry.log.models import Change
from registry.people.models import User

REGISTERED, PUBLISHED = Cutoff.Status.REGISTERED.value, Cutoff.Status.PUBLISHED.value
MEDIAN, YOUDEN, CUSTOM, OPTIMAL = (
    Cutoff.Method.MEDIAN.value,
    Cutoff.Method.YOUDEN.value,
    Cutoff.Method.CUSTOM.value,
    Cutoff.Method.OPTIMAL.value,
)


@dataclass(frozen=True)
class Choice:
    """A button; without a value it says why."""

    method: str
    label: str
    value: float | None
    why_not: str = ""


@dataclass(frozen=True)
class Search:
    """The search for the best cutoff of this marker that is on record, with its own run and freshness."""

    analysis: Analysis
    output: Mapping[str, Any]
    freshness: Freshness


@dataclass(frozen=True)
class Version:
    cutoff: Cutoff
    reason: str
    # the first result of this analysis was there before it
    is_after_results: bool


@dataclass(frozen=True)
class Picked:
    analysis: Analysis
    marker: Marker
    run: Run | None
    data_hash: str
    freshness: Freshness
    choices: list[Choice]
    chosen: Preview
    reference: Choice | None
    search: Search | None
    versions: list[Version]
    # said where what was asked for is not what is shown
    note: str = ""

    @property
    def step(self) -> int:
        return self.marker.step_of(self.chosen.cutoff)

    @property
    def lower(self) -> float | None:
        return self.marker.steps[self.step - 1] if self.step > 0 else None

    @property
    def higher(self) -> float | None:
        return self.marker.steps[self.step + 1] if self.step + 1 < len(self.marker.steps) else None


def is_splittable(analysis: Analysis) -> bool:
    return analysis.kind in SPLITTABLE and analysis.current is not None


def pick(user: User, analysis: Analysis, name: str, *, choice: str = "", cutoff: str = "") -> Picked:
    """ValidationError names the field that makes no sense."""
    marker, output = _marker(analysis, name)
    cutoffs = list(Cutoff.objects.filter(cohort=analysis.cohort, variable=marker.name).order_by("-declared_at", "-pk"))
    search = _search(user, analysis, marker)
    choices = _choices(marker, output, cutoffs, search)
    value, method, note = _wanted(marker, output, choices, choice, cutoff)
    reference = _reference(choices, output)
    freshness = freshness_of_all([analysis])[analysis.pk]
    return Picked(
        analysis=analysis,
        marker=marker,
        run=analysis.runs.filter(result=analysis.current).order_by("-id").first(),
        data_hash=analysis.current.frame_id if analysis.current else "",
        freshness=freshness,
        choices=choices,
        chosen=cutoff_preview.preview(marker, value, method, reference.value if reference else None, output),
        reference=reference,
        search=search,
        versions=_versions(analysis, cutoffs),
        note=note,
    )


def _marker(analysis: Analysis, name: str) -> tuple[Marker, Mapping[str, Any]]:
    current = analysis.current
    if current is None or analysis.kind not in SPLITTABLE:
        raise ValidationError({"marker": _("This result has no marker that could be split elsewhere.")})
    output = current.output_values
    name = name or str(output.get("variable") or (output.get("markers") or [{"name": ""}])[0]["name"])
    try:
        parameters = analysis.parameters
        return cutoff_preview.marker_of(
            analysis.kind, Frame.from_bytes(current.frame.content), parameters, output, name
        ), output
    except ValueError as error:
        raise ValidationError({"marker": str(error)}) from error


def _choices(marker: Marker, output: Mapping[str, Any], cutoffs: list[Cutoff], search: Search | None) -> list[Choice]:
    newest = {cutoff.status: cutoff.value for cutoff in sorted(cutoffs, key=lambda row: row.number)}
    absent = _("none is declared in this cohort")
    found = [
        Choice(REGISTERED, _("Registered"), newest.get(REGISTERED), absent),
        Choice(PUBLISHED, _("Published"), newest.get(PUBLISHED), absent),
        Choice(MEDIAN, _("Median"), float(median(marker.values))),
    ]
    if marker.kind == "roc":
        found.append(Choice(YOUDEN, _("Youden"), _youden(marker, output), _("no cutoff is better than chance")))
    best = search.output.get("cutoff") if search else None
    return [*found, Choice(OPTIMAL, _("Exploratory best"), best, _("no search for it is on record"))]


def _youden(marker: Marker, output: Mapping[str, Any]) -> float | None:
    best = next(found for found in output["markers"] if found["name"] == marker.name)["best"]
    return best["threshold"] if best and isinstance(best["threshold"], int | float) else None


def _wanted(
    marker: Marker, output: Mapping[str, Any], choices: list[Choice], choice: str, cutoff: str
) -> tuple[float, str, str]:
    """The cutoff in hand, how it was found, and what has to be said of it."""
    known = {item.method: item for item in choices}
    if choice and choice != CUSTOM:
        if choice not in known:
            raise ValidationError({"choice": _("%(choice)s is no way to choose a cutoff.") % {"choice": choice}})
        if known[choice].value is None:
            raise ValidationError({"choice": f"{known[choice].label}: {known[choice].why_not}."})
        return known[choice].value or 0.0, choice, ""
    if cutoff:
        return _typed(marker, choices, cutoff)
    used = output.get("cutoff") or {}
    if used:
        method = used["method"] if used["method"] in (*known, "exploratory") else CUSTOM
        return used["value"], CUSTOM if method == "exploratory" else method, ""
    first = next((item for item in choices if item.value is not None and item.method != OPTIMAL), None)
    return (first.value or 0.0, first.method, "") if first else (marker.steps[0], CUSTOM, "")


def _typed(marker: Marker, choices: list[Choice], cutoff: str) -> tuple[float, str, str]:
    try:
        value = float(cutoff)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise ValidationError({"cutoff": _("%(cutoff)s is not a number.") % {"cutoff": cutoff}})
    # A declared cutoff typed by hand is that cutoff.
    for item in choices[:2]:
        if item.value == value:
            return value, item.method, ""
    for item in choices[2:]:
        if item.value == value and value not in marker.steps:
            return value, item.method, ""
    place = marker.step_of(value)
    if place < 0:
        lowest = exact(marker.steps[0])
        raise ValidationError(
            {"cutoff": _("The lowest value that can be attained is %(lowest)s.") % {"lowest": lowest}}
        )
    step = marker.steps[place]
    note = ""
    if step != value:
        note = _("%(asked)s is not attained: %(step)s splits the patients alike.") % {
            "asked": exact(value),
            "step": exact(step),
        }
    return step, CUSTOM, note


def _reference(choices: list[Choice], output: Mapping[str, Any]) -> Choice | None:
    """The registered cutoff, else the published one, else the one that the result was computed at."""
    declared = next((item for item in choices[:2] if item.value is not None), None)
    if declared:
        return declared
    used = output.get("cutoff")
    return Choice("current", _("Current"), used["value"]) if used else None


def _search(user: User, analysis: Analysis, marker: Marker) -> Search | None:
    wanted = search_parameters(analysis, marker.name)
    searches = visible_analyses(user).filter(cohort=analysis.cohort, kind="cutpoint", current__isnull=False)
    for found in searches:
        asked = found.parameters | {"marker": parse(found.parameters["marker"]).name}
        if all(asked.get(name) == value for name, value in wanted.items()) and found.current is not None:
            output = found.current.output_values
            return Search(found, output, freshness_of_all([found])[found.pk])
    return None


def search_parameters(analysis: Analysis, marker: str) -> dict[str, Any]:
    """Of the search for the best cutoff that goes with this analysis."""
    if analysis.kind == "survival":
        return {"endpoint": analysis.parameters["endpoint"], "marker": parse(marker).name}
    positive = analysis.parameters.get("positive", "responder")
    return {"outcome": "response", "positive": positive, "marker": parse(marker).name}


def _versions(analysis: Analysis, cutoffs: list[Cutoff]) -> list[Version]:
    keys = [str(cutoff.pk) for cutoff in cutoffs]
    changes = Change.objects.filter(subject_type="cutoff", subject_id__in=keys)
    reasons = dict(changes.values_list("subject_id", "reason"))
    first: datetime | None = analysis.results.order_by("look").values_list("created_at", flat=True).first()
    return [
        Version(cutoff, reasons.get(str(cutoff.pk), ""), first is not None and cutoff.declared_at > first)
        for cutoff in cutoffs
    ]
