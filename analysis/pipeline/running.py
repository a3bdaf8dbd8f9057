"""One pipeline on one table: steps, model card, report and figures in a folder."""

from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analysis.canonical import canonical_json, plain
from analysis.pipeline.card import model_card
from analysis.pipeline.keeping import Kept
from analysis.pipeline.report import drawn, report_text
from analysis.pipeline.steps import build
from analysis.pipeline.study import compared_with_study
from analysis.pipeline.wish import asked

PIPELINE = "pipeline"


@dataclass(frozen=True)
class Ran:
    output: dict[str, Any]
    report: Path


def run(options: Namespace, *, said: Callable[[str], object]) -> Ran:
    """TableError for a wish or a table that makes no sense; what has too few data is a step that says so."""
    wish, main, external = asked(options)
    kept = Kept(options.out)
    built = build(wish, main, external, kept)
    study = compared_with_study(wish, main.frame, built, kept) if wish.study else []
    said(f"{len(kept.computed)} steps computed, {len(kept.reused)} as they were.")
    card = model_card(wish, main, external, built)
    pictures = {
        step.name: drawn(step, external if external and step.name.startswith("external") else main, kept)
        for step in built.steps
    }
    kept.write("report.md", report_text(built.steps, card, study, pictures))
    kept.write("model-card.json", canonical_json(card))
    stopped = next((step.refused for step in built.steps if step.refused), None) if not built.signature else None
    output = {
        "kind": PIPELINE,
        "n": len(main.frame.rows),
        "events": card["made_from"]["events"],
        "dropped": main.frame.dropped(),
        "notes": main.frame.notes,
        "refused": stopped,
        "signature": built.signature,
        "cutoff": card["cutoff"],
        "card": card,
        "study": [asdict(row) for row in study],
        "steps": [step.as_json() for step in built.steps],
        "computed": kept.computed,
        "reused": kept.reused,
    }
    return Ran(plain(output), options.out / "report.md")
