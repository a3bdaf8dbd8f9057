"""Analysis by analysis: figures, tables, assumptions, cutoff, sensitivity, model card; each under its run."""

from django.utils.translation import gettext as _

from analysis.presenting import caption
from analysis.reports import blocks
from analysis.reports.blocks import BAD, WARN, Block, Section
from analysis.reports.cards.assumptions import assumption_checks
from analysis.reports.cards.cutoff import cutoff_card
from analysis.reports.cards.model import model_card
from analysis.reports.cards.result_tables import result_tables
from analysis.reports.cards.sensitivity import sensitivity
from analysis.reports.making import Item, Making

# So many figures stand side by side under one caption, where each is narrower than this (px).
_ABREAST, _NARROW = 3, 420


def results(making: Making) -> Section | None:
    if not making.items:
        return None
    found = [block for item in making.items for block in _analysis(making, item)]
    return blocks.section("results", _("Analyses"), found)


def _analysis(making: Making, item: Item) -> list[Block]:
    analysis = item.analysis
    top = blocks.head(analysis.full_title, analysis=analysis.slug, marks=item.marks, origin=item.origin)
    if item.result is None:
        return [top, blocks.text(item.row["trouble"] or _("No result yet."), WARN)]
    if item.result.kind_version != item.kind.version:
        # What reads the output of this version cannot be sure of that of another; a new run is on its way.
        return [top, blocks.text(_("Its method has a new version: the numbers follow with the next run."), WARN)]
    return [
        top,
        *([blocks.text(item.row["trouble"], BAD)] if item.row["trouble"] else []),
        *([blocks.text(item.output["refused"])] if item.output.get("refused") else []),
        *_figures(making, item),
        *result_tables(item),
        *assumption_checks(item),
        *cutoff_card(making, item),
        *sensitivity(item, making.complete if making.variables else None),
        *model_card(item),
    ]


def _figures(making: Making, item: Item) -> list[Block]:
    assert item.result is not None  # noqa: S101  # whoever has none does not come here
    said = f"{caption(item.result, item.output)} {item.origin}"
    found = item.kind.figures(item.output)
    drawn = [making.figure(item, figure, caption=f"{figure.title}. {said}") for figure in found]
    if 1 < len(drawn) <= _ABREAST and all(figure["width"] < _NARROW for figure in drawn):
        titles = "; ".join(f"({letter}) {figure.title}" for letter, figure in zip("abc", found, strict=False))
        return [blocks.figures(*drawn, caption=f"{titles}. {said}")]
    return [blocks.figures(figure) for figure in drawn]
