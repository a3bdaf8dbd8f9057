"""Which group each patient of a frame is in: by a category, by response, or by a marker split at a cutoff."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.frames.frame import Frame
from analysis.kinds import cutpoints
from analysis.kinds.base import ParameterError
from analysis.kinds.groups import MIN_PATIENTS
from analysis.kinds.roc import NON_RESPONDER, RESPONDER
from analysis.kinds.survival import HIGH, LOW, ordered
from analysis.rscripts.rows import cell

RESPONSE = "response"
# What a group may be split at here: the best cutoff of a survival analysis has no place in a comparison.
CUTOFFS = (*cutpoints.DECLARED, "median")


@dataclass(frozen=True)
class Grouping:
    """Per row of the frame its group; the groups in order, each with the text that marks it in the rows as a file."""

    column: str
    label: str
    of_rows: list[str]
    names: list[str]
    levels: dict[str, str]
    cutoff: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "group": self.column,
            "group_label": self.label,
            "names": self.names,
            "levels": self.levels,
            "cutoff": self.cutoff,
        }

    def rows_of(self, name: str) -> list[int]:
        return [i for i, group in enumerate(self.of_rows) if group == name]


def check_group(parameters: Mapping[str, Any]) -> None:
    """Raises ParameterError."""
    if not isinstance(parameters.get("group"), str) or not parameters["group"]:
        raise ParameterError("group", f"name the variable that tells the groups, or {RESPONSE}.")
    if "cutoff" not in parameters:
        return
    cutpoints.check_cutoff(parameters)
    if parameters["cutoff"] == "optimal":
        raise ParameterError("cutoff", f"is a number or one of {', '.join(CUTOFFS)}: no survival is looked at here.")
    if parameters["group"] == RESPONSE:
        raise ParameterError("cutoff", "only a marker is split at a cutoff.")


def group_variables(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    return () if parameters["group"] == RESPONSE else (parameters["group"],)


def grouping(frame: Frame, parameters: Mapping[str, Any]) -> Grouping | str:
    """The groups of the frame's rows, each of which has one; or why there are none."""
    name = parameters["group"]
    if name == RESPONSE and name not in frame.columns:
        groups = [RESPONDER if row["responder"] else NON_RESPONDER for row in frame.rows]
        names = [group for group in (RESPONDER, NON_RESPONDER) if group in groups]
        return Grouping("responder", RESPONSE, groups, names, {RESPONDER: cell(True), NON_RESPONDER: cell(False)})
    label = frame.columns[name]["label"]
    if "cutoff" in parameters:
        return _split(frame, name, parameters)
    labels = frame.columns[name].get("levels") or {}
    values = frame.column(name)
    groups = [str(labels.get(str(value), category(value))) for value in values]
    levels = {group: cell(value) for group, value in zip(groups, values, strict=True)}
    return Grouping(name, label, groups, ordered(set(groups)), levels)


def _split(frame: Frame, name: str, parameters: Mapping[str, Any]) -> Grouping | str:
    values = frame.column(name)
    if not values:
        return "Nobody has a value of the group."
    if not all(is_number(value) for value in values):
        return f"{frame.columns[name]['label']} is not a number, so it is not split at a cutoff."
    cutoff = cutpoints.choose(frame, values, name, parameters)
    if cutoff is None:
        return f"No {parameters['cutoff']} cutoff of this marker is declared in this cohort."
    groups = [HIGH if value > cutoff.value else LOW for value in values]
    names = [group for group in (LOW, HIGH) if group in groups]
    return Grouping(name, frame.columns[name]["label"], groups, names, {}, cutoff.as_json())


def category(value: Any) -> str:
    """How a level of a category is called."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def too_few(sizes: Mapping[str, int], what: str = "patients") -> str | None:
    """Why no p is given."""
    if len(sizes) < 2:
        return "No test: only one group has values, so there is nothing to compare."
    for name, n in sizes.items():
        if n < MIN_PATIENTS:
            return f"No test: {name} has {n} {what} with a value, fewer than {MIN_PATIENTS}."
    return None
