"""The figures of two results beside each other, drawn by the kind from the stored outputs."""

from dataclasses import dataclass

from analysis.engine.between import passage
from analysis.engine.models import Analysis, Result, Run
from analysis.kinds.base import Figure
from analysis.kinds.registry import kind_of
from analysis.presenting import caption, of_run


@dataclass(frozen=True)
class Side:
    # unique in the page
    id: str
    look: int
    figure: Figure | None
    caption: str


@dataclass(frozen=True)
class Pair:
    title: str
    sides: tuple[Side, Side]


def side_by_side(analysis: Analysis, before: Result, after: Result) -> list[Pair]:
    """By name; a figure that only one of them has stands beside an empty place."""
    old, new = _figures(analysis, before), _figures(analysis, after)
    left, came = passage(analysis, before, after)
    return [
        Pair(
            (new.get(name) or old[name]).title,
            (_side(name, before, left, old.get(name), "before"), _side(name, after, came, new.get(name), "after")),
        )
        for name in [*new, *(name for name in old if name not in new)]
    ]


def _figures(analysis: Analysis, result: Result) -> dict[str, Figure]:
    kind = kind_of(analysis.kind)
    # An output of another version may lack what its drawing reads now.
    if result.kind_version != kind.version:
        return {}
    return {figure.name: figure for figure in kind.figures(result.output_values)}


def _side(name: str, result: Result, run: Run | None, figure: Figure | None, place: str) -> Side:
    words = of_run(caption(result, result.output_values), run, result)
    return Side(f"{name}-{place}", result.look, figure, words)
