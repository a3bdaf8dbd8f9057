"""Differential expression: the fold change of every gene across, its adjusted p upwards."""

from dataclasses import dataclass
from math import log10
from typing import Any

from analysis.charts import words
from analysis.charts.omics.frames import figure, genes, heading
from analysis.charts.volcano_plane import SMALLEST, coloured, decades_to, dots, line, p_axis

WIDTH, HEIGHT = 480, 340
DOWN, UP, UNCHANGED = "down", "up", "unchanged"
MOST_LABELS = 10  # a side
# px: unchanged genes closer than this are one dot, the others all but on one spot.
_GRID = {UNCHANGED: 3.0, DOWN: 1.0, UP: 1.0}
_CHARACTER, _LINE, _GAP = 7.8, 12.0, 6.0

Spec = dict[str, Any]
Row = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of a volcano plot; it holds no colours.

    Parameters
    ----------
    result
        ``rows`` with ``gene``, ``log2_fold_change`` and ``p_adjusted`` (of either None: not drawn); ``alpha`` and
        ``least_change`` (log2), both strict; ``groups``, the compared one first, then the reference, with name and n.
        Dots that would lie on each other are drawn once; counts are of all genes.
    """
    rows = _rows(result)
    counts = _counts(rows)
    decades = decades_to(min((row["p"] for row in rows), default=1.0))
    widest = 1.08 * max([abs(row["log2_fold_change"]) for row in rows] + [1.5 * result["least_change"], 1.0])
    plane = _Plane(widest, decades)
    drawn = plane.apart(rows)
    place = {"x": _x(widest, result), "y": p_axis(decades, "Adjusted p (log scale)")}
    tooltip = [
        {"field": "gene", "type": "nominal", "title": "Gene"},
        {"field": "log2_fold_change", "type": "quantitative", "title": "log2 fold change", "format": ".2f"},
        {"field": "shown", "type": "nominal", "title": "Adjusted p"},
    ]
    changed = [row for row in drawn if row["group"] != UNCHANGED]
    groups = coloured({DOWN: counts[DOWN], UP: counts[UP]})
    labelled = plane.labelled(drawn)
    return figure(
        description(result),
        width=WIDTH,
        height=HEIGHT,
        title=heading(*_head(result, counts)),
        layer=[
            *_cutoffs(result, widest, decades),
            {
                "name": "unchanged",
                "data": {"values": [row for row in drawn if row["group"] == UNCHANGED]},
                "mark": dots(len(rows)) | {"style": "bars", "strokeWidth": 0},
                "encoding": {**place, "tooltip": tooltip},
            },
            {
                "name": "changed",
                "data": {"values": changed},
                "mark": dots(len(changed)) | {"opacity": 0.85},
                "encoding": {**place, "color": groups, "tooltip": tooltip},
            },
            _labels([row for row in labelled if row["side"] == "right"], place, "left", _GAP),
            _labels([row for row in labelled if row["side"] == "left"], place, "right", -_GAP),
        ],
    )


def description(result: dict[str, Any]) -> str:
    rows = _rows(result)
    counts = _counts(rows)
    zero = sum(row["p_adjusted"] == 0 for row in result["rows"])
    lacking = len(result["rows"]) - len(rows)
    extremes = "; ".join(
        f"{name}: " + ", ".join(row["gene"] for row in _by_extremeness(rows, name)[:MOST_LABELS])
        for name in (UP, DOWN)
        if counts[name]
    )
    return " ".join(
        part
        for part in (
            f"Differential expression. {'. '.join(_head(result, counts))}.",
            f"{counts[UP]:,} up, {counts[DOWN]:,} down, {counts[UNCHANGED]:,} unchanged.",
            f"Most extreme {extremes}." if extremes else "",
            f"{genes(zero)} with a p of 0 at the top edge." if zero else "",
            f"{genes(lacking)} without a p not drawn." if lacking else "",
        )
        if part
    )


def _head(result: dict[str, Any], counts: dict[str, int]) -> list[str]:
    compared, reference = result["groups"]
    said = f"{compared['name']} (n {compared['n']}) against {reference['name']} (n {reference['n']})"
    rule = f"adjusted p < {result['alpha']:g}, |log2 fold change| > {result['least_change']:g}"
    return [f"{said}, {genes(sum(counts.values()))}", f"Changed: {rule}"]


def _rows(result: dict[str, Any]) -> list[Row]:
    """The genes with numbers; a p of 0 lies one power of ten beyond the smallest that is not."""
    known = [row for row in result["rows"] if row["p_adjusted"] is not None and row["log2_fold_change"] is not None]
    lowest = min((row["p_adjusted"] for row in known if row["p_adjusted"] > 0), default=0.01)
    return [
        {
            "gene": row["gene"],
            "log2_fold_change": row["log2_fold_change"],
            "p": max(row["p_adjusted"] or lowest / 10, SMALLEST),
            "group": _group(row, result),
            "shown": words.p_value(row["p_adjusted"]),
        }
        for row in known
    ]


def _group(row: Row, result: dict[str, Any]) -> str:
    change = row["log2_fold_change"]
    if row["p_adjusted"] >= result["alpha"] or abs(change) <= result["least_change"]:
        return UNCHANGED
    return UP if change > 0 else DOWN


def _counts(rows: list[Row]) -> dict[str, int]:
    return {name: sum(row["group"] == name for row in rows) for name in (DOWN, UP, UNCHANGED)}


def _by_extremeness(rows: list[Row], group: str) -> list[Row]:
    """By the product of fold change and -log10 p (Xiao et al., Bioinformatics 2014; 30: 801-807)."""
    own = [row for row in rows if row["group"] == group]
    return sorted(own, key=lambda row: (abs(row["log2_fold_change"]) * log10(row["p"]), row["gene"]))


@dataclass(frozen=True)
class _Box:
    left: float
    right: float
    middle: float
    height: float

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and abs(self.middle - y) < self.height / 2

    def meets(self, other: "_Box") -> bool:
        is_beside = self.right < other.left or other.right < self.left
        return not is_beside and abs(self.middle - other.middle) < (self.height + other.height) / 2


class _Plane:
    """Where a gene lies in the drawing, in px from its upper left."""

    def __init__(self, widest: float, decades: int) -> None:
        self.widest, self.decades = widest, decades

    def place(self, row: Row) -> tuple[float, float]:
        x = (row["log2_fold_change"] / self.widest + 1) / 2 * WIDTH
        return x, HEIGHT * (1 + log10(row["p"]) / self.decades)

    def apart(self, rows: list[Row]) -> list[Row]:
        """Without the dots that would lie on one before them."""
        seen: set[tuple[str, int, int]] = set()
        kept = []
        for row in rows:
            x, y = self.place(row)
            cell = _GRID[row["group"]]
            spot = (row["group"], round(x / cell), round(y / cell))
            if spot not in seen:
                seen.add(spot)
                kept.append(row)
        return kept

    def _beside(self, row: Row) -> tuple[str, _Box]:
        """A name stands away from the middle, unless it would leave the drawing there."""
        x, y = self.place(row)
        width = _CHARACTER * len(row["gene"])
        right = _Box(x + _GAP, x + _GAP + width, y, _LINE)
        left = _Box(x - _GAP - width, x - _GAP, y, _LINE)
        if row["group"] == UP:
            return ("right", right) if right.right <= WIDTH else ("left", left)
        return ("left", left) if left.left >= 0 else ("right", right)

    def labelled(self, rows: list[Row]) -> list[Row]:
        """The most extreme genes of each side whose names run into no other name and lie on no dot."""
        dots = [self.place(row) for row in rows]
        taken: list[_Box] = []
        chosen = []
        for group in (UP, DOWN):
            ranked = _by_extremeness(rows, group)[: 4 * MOST_LABELS]
            names = 0
            for row in ranked:
                side, name = self._beside(row)
                x, y = self.place(row)
                dot = _Box(x - 3, x + 3, y, 6)
                is_free = not any(name.meets(other) or dot.meets(other) for other in taken)
                if names < MOST_LABELS and is_free and not any(name.holds(*other) for other in dots):
                    taken += [name, dot]
                    chosen.append(row | {"side": side})
                    names += 1
        return chosen


def _cutoffs(result: dict[str, Any], widest: float, decades: int) -> list[Spec]:
    change = result["least_change"]
    places = [{"log2_fold_change": side * change} for side in ((-1, 1) if change else (1,))]
    across = line("cutoff-p", {"p": result["alpha"]}, {"y": p_axis(decades, "Adjusted p (log scale)")}, "reference")
    upright = line("cutoff-change", {}, {"x": _x(widest, result)}, "reference") | {"data": {"values": places}}
    return [across, upright]


def _labels(rows: list[Row], place: Spec, align: str, dx: float) -> Spec:
    return {
        "name": f"beside-{align}",
        "data": {"values": rows},
        "mark": {"type": "text", "style": "label", "align": align, "dx": dx},
        "encoding": {**place, "text": {"field": "gene", "type": "nominal"}},
    }


def _x(widest: float, result: dict[str, Any]) -> Spec:
    compared, reference = (group["name"] for group in result["groups"])
    return {
        "field": "log2_fold_change",
        "type": "quantitative",
        "scale": {"domain": [-widest, widest], "nice": False},
        "axis": {"title": f"log2 fold change, {compared} / {reference}", "grid": False, "tickCount": 7},
    }
