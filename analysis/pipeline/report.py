"""The report of a pipeline as a text to read, with its figures beside it."""

from dataclasses import asdict
from typing import Any

from analysis.charts.render import Stamp, svg
from analysis.headline.printed import sentence
from analysis.kinds.base import TabledKind
from analysis.kinds.tables import ResultTable
from analysis.pipeline.card import formula
from analysis.pipeline.keeping import Kept
from analysis.pipeline.parts import PARTS
from analysis.pipeline.steps import Step
from analysis.pipeline.study import Compared, study_table
from analysis.pipeline.wish import Rows

MOST_ROWS = 40


def report_text(steps: list[Step], card: dict[str, Any], study: list[Compared], pictures: dict[str, list[str]]) -> str:
    parts = [f"# A prognostic score for {card['endpoint']}", *_score(card)]
    if study:
        parts += ["## Beside the study (Gao et al. 2025)", *_study(study)]
    for step in steps:
        parts += [f"## {step.title}", *_step(step, pictures.get(step.name, []))]
    parts += ["## Limits", "\n".join(f"- {limit}" for limit in card["limits"])]
    return "\n\n".join(parts) + "\n"


def drawn(step: Step, rows: Rows, kept: Kept) -> list[str]:
    """Writes the figures of a step that was computed now, and names all of them."""
    if step.output is None or step.refused:
        return []
    names = []
    for figure in PARTS[step.kind].figures(step.output):
        name = f"figures/{step.name}-{figure.name}.svg"
        names.append(name)
        if step.name in kept.computed or not (kept.folder / name).exists():
            caption = f"{rows.name}: n = {step.output['n']}; events = {step.output.get('events', '?')}."
            kept.write(name, svg(figure.spec, Stamp("of a file", rows.sha256, caption, ("Exploratory",))))
    return names


def _score(card: dict[str, Any]) -> list[str]:
    source = card["made_from"]
    made = f"From {source['file']} ({source['n']} rows, {source['events']} events, sha256 {source['sha256'][:12]}…)"
    chosen = card["chosen_by"]
    how = f"{chosen['candidates']} candidates; screen {chosen['screen']}; lasso {chosen['lasso']}; {chosen['stepwise']}"
    if not card["terms"]:
        return [f"{made}: {how}.", "No score was found."]
    unit = f", values in {card['unit']}" if card["unit"] else ""
    cut = card["cutoff"]
    return [
        f"{made}: {how}.",
        f"**Score = {formula(card['terms'])}**{unit}. High means above {cut['value']:.6g}, the median of these rows.",
    ]


def _study(study: list[Compared]) -> list[str]:
    told = study_table([asdict(row) for row in study])
    return [_markdown(told.columns, told.rows), *told.notes]


def _step(step: Step, pictures: list[str]) -> list[str]:
    if step.refused or step.output is None:
        return [f"Not done. {step.refused}"]
    kind, output = PARTS[step.kind], step.output
    parts = ["\n".join(f"- {sentence(claim)}" for claim in kind.headline(output))]
    if left_out := output.get("dropped"):
        parts.append("Left out: " + "; ".join(f"{reason} ({n})" for reason, n in left_out.items()) + ".")
    parts += [f"> {warning}" for warning in output.get("warnings", [])]
    parts += [f"![{step.title}]({name})" for name in pictures]
    if isinstance(kind, TabledKind):
        parts += [part for table in kind.tables(output) for part in _table(table)]
    return parts


def _table(table: ResultTable) -> list[str]:
    more = [f"The first {MOST_ROWS} of {len(table.rows)} rows."] if len(table.rows) > MOST_ROWS else []
    notes = " ".join([*table.notes, *more])
    return [f"### {table.title}", _markdown(table.columns, table.rows[:MOST_ROWS]), *([notes] if notes else [])]


def _markdown(columns: list[str], rows: list[list[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
