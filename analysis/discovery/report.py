"""The report of a run as a text to read, with tables and figures beside it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.discovery.method import Outcome
from analysis.discovery.methods.tables import listed
from analysis.discovery.plan import Plan, Step
from analysis.discovery.versions import versions

FIRST_ROWS = 10
FIRST_COLUMNS = 12
LONGEST_CELL = 60


@dataclass(frozen=True)
class Told:
    """What became of a step."""

    step: Step
    state: str
    reason: str = ""
    seconds: float = 0.0

    @property
    def has_outcome(self) -> bool:
        return not self.reason

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.step.name,
            "method": self.step.method.code,
            "state": self.state,
            "reason": self.reason,
            "seconds": round(self.seconds, 3),
        }


def report_text(
    plan: Plan, told: Sequence[Told], outcomes: Mapping[str, Outcome], pictures: Mapping[str, Sequence[str]]
) -> str:
    parts = [f"# {plan.title}", _overview(plan, told)]
    for one in told:
        parts += [f"## {one.step.name}: {one.step.method.title}", _asked(one.step)]
        if one.has_outcome:
            parts += _outcome(one.step.name, outcomes[one.step.name], pictures[one.step.name])
        else:
            parts.append(f"**{one.state.capitalize()}.** {one.reason}")
    parts += ["## Data", _data(plan), "## Software", _software()]
    return "\n\n".join(parts) + "\n"


def _overview(plan: Plan, told: Sequence[Told]) -> str:
    done = sum(one.has_outcome for one in told)
    lines = [f"{done} of {len(told)} steps have an outcome; configuration {plan.path.name}, seed {plan.seed}."]
    for state in dict.fromkeys(one.state for one in told if not one.has_outcome):
        lines.append(f"{state.capitalize()}: {', '.join(one.step.name for one in told if one.state == state)}.")
    return " ".join(lines)


def _asked(step: Step) -> str:
    inputs = [f"{role} = {', '.join(map(str, many))}" for role, many in step.inputs.items()]
    settings = [f"{name} = {_setting(value)}" for name, value in step.parameters.items() if value not in (None, [])]
    return f"Asked: {step.method.code} (version {step.method.version}); {'; '.join((*inputs, *settings))}."


def _setting(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return ", ".join(f"{name} as {other}" for name, other in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _outcome(name: str, outcome: Outcome, pictures: Sequence[str]) -> list[str]:
    parts = ["\n".join(f"- {line}" for line in outcome.headline)]
    parts += [f"> {warning}" for warning in outcome.warnings]
    parts += [f"![{name}]({picture})" for picture in pictures]
    if len(outcome.table):
        shown = outcome.table.iloc[:FIRST_ROWS, :FIRST_COLUMNS]
        parts.append(_markdown(shown))
        parts.append(_whole(name, outcome.table, shown))
    if outcome.extra:
        more = ", ".join(f"[{extra}](steps/{name}.{extra}.tsv)" for extra in outcome.extra)
        parts.append(f"Further tables: {more}.")
    return parts


def _whole(name: str, table: pd.DataFrame, shown: pd.DataFrame) -> str:
    cut = [f"{len(shown)} of {len(table)} rows"] if len(shown) < len(table) else []
    cut += [f"{shown.shape[1]} of {table.shape[1]} columns"] if shown.shape[1] < table.shape[1] else []
    said = f"The first {' and '.join(cut)}; all" if cut else "All"
    return f"{said} in [steps/{name}.tsv](steps/{name}.tsv)."


def _markdown(table: pd.DataFrame) -> str:
    lines = [[str(name) for name in table.columns], ["---"] * table.shape[1]]
    lines += [
        [shown_cell(value).replace("|", "\\|") for value in row] for row in table.itertuples(index=False, name=None)
    ]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def shown_cell(value: Any) -> str:
    """For reading, not for computing: the tables in full have all digits."""
    if isinstance(value, float):
        return "–" if math.isnan(value) else f"{value:.4g}"
    text = str(value)
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def _data(plan: Plan) -> str:
    lines = []
    for one in plan.sources.values():
        files = listed(
            [f"{path.name} ({one.hashes[str(path)][:12]}…)" for paths in one.files.values() for path in paths]
        )
        what = f"{one.kind} for {one.form}" if one.form else one.kind
        lines.append(f"- {one.name}: {what}; {files or 'in the configuration'}")
    return "\n".join(lines)


def _software() -> str:
    return ", ".join(f"{name} {number}" for name, number in versions().items()) + "."
