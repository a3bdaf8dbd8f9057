"""Figures by method: one entry a figure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.charts.render import Stamp, svg
from analysis.discovery import drawings, drawings_by_group
from analysis.discovery.keeping import Shelf
from analysis.discovery.method import Outcome
from analysis.discovery.plan import Plan
from analysis.discovery.report import Told

MARKS = ("Exploratory",)


@dataclass(frozen=True)
class Figure:
    """A drawing of an outcome and the parameters of its step; None where there is nothing to draw."""

    name: str
    spec: Callable[[Outcome, Mapping[str, Any]], dict[str, Any] | None]


DIFFERENTIAL = (Figure("volcano", drawings.volcano), Figure("heat", drawings.heat))
SHARES = (Figure("shares", drawings.shares),)
FIGURES: Mapping[str, tuple[Figure, ...]] = {
    "limma": DIFFERENTIAL,
    "deseq2": DIFFERENTIAL,
    "intersect": (Figure("venn", drawings.common_venn), Figure("upset", drawings.common_upset)),
    "mutation_summary": (Figure("summary", drawings.mutations),),
    "waterfall": (Figure("waterfall", drawings.falling),),
    "copy_number": (Figure("bars", drawings.copies),),
    "epic": SHARES,
    "cibersort": SHARES,
    "quantiseq": SHARES,
    "over_representation": (Figure("bars", drawings.enriched_bars), Figure("dots", drawings.enriched_dots)),
    "gsea": (Figure("running-up", drawings.running_up), Figure("running-down", drawings.running_down)),
    "compare_groups": (Figure("boxes", drawings.compared_boxes), Figure("cells", drawings.compared_cells)),
    "compare_mutations": (Figure("shares", drawings_by_group.mutated_shares),),
    "compare_copy_number": (Figure("shares", drawings_by_group.copy_shares),),
    "correlate": (Figure("matrix", drawings.correlations),),
}


def draw(told: Told, outcome: Outcome, plan: Plan, shelf: Shelf) -> list[str]:
    """Writes the figures of a step that was computed now, or that are not there, and names all of them."""
    step = told.step
    names = []
    for figure in FIGURES.get(step.method.code, ()):
        name = f"figures/{step.name}-{figure.name}.svg"
        if told.state == "computed" or not (shelf.folder / name).is_file():
            spec = figure.spec(outcome, step.parameters)
            if spec is None:
                continue
            origin, caption = f"{plan.path.name}, step {step.name}", " ".join(outcome.headline)
            shelf.write(name, svg(spec, Stamp(origin, step.fingerprint, caption, MARKS, title=step.name)))
        names.append(name)
    return names
