"""How charts look. A stored specification names roles (a category, a style), never colours; a theme gives them colours.

On paper the colours are literal; in the browser they are the CSS variables of static/hepatica.css, so that the page's
light, dark and print colours hold without drawing anything again.
"""

from dataclasses import dataclass
from typing import Any

FONT = "Liberation Sans, Arial, Helvetica, DejaVu Sans, Droid Sans Fallback, sans-serif"
# Named ranges of a scale: twelve kinds of area and the rest; nine classes of variants, several of them at once, others;
# deep deletion, loss, amplification, gain; groups beside shades of the first two colours.
AREAS, VARIANTS, COPY_CALLS, GROUPS = "areas", "variants", "copy-calls", "groups"
DASHES: tuple[list[int], ...] = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 2, 1, 2])


@dataclass(frozen=True)
class Palette:
    series: tuple[str, ...]
    tints: tuple[str, ...]  # the same hues nearer to the ground: for areas only, too faint for a line
    text: str
    muted: str
    line: str
    grid: str
    surface: str


# Okabe and Ito's colours; the four that are too faint for a thin line on white (< 3:1) are darkened in their hue.
PAPER = Palette(
    series=("#0072b2", "#d55e00", "#008561", "#b3588a", "#a87400", "#3a87b8"),
    tints=("#8cc0dc", "#ecb78c", "#8cc8b8", "#ddb4ca", "#d8c08c", "#a6c9df"),
    text="#14232a",
    muted="#4a5c65",
    line="#72838b",
    grid="#e3e9eb",
    surface="#ffffff",
)
BROWSER = Palette(
    series=tuple(f"var(--chart-{number})" for number in range(1, 7)),
    tints=tuple(f"var(--chart-{number})" for number in range(7, 13)),
    text="var(--chart-text)",
    muted="var(--chart-muted)",
    line="var(--chart-line)",
    grid="var(--chart-grid)",
    surface="var(--chart-surface)",
)


def theme(palette: Palette) -> dict[str, Any]:
    """The Vega-Lite ``config`` for a palette."""
    return {
        "background": None if palette is BROWSER else palette.surface,
        "font": FONT,
        "view": {"stroke": None},
        "mark": {"aria": False},  # the figure has one name of its own; hundreds of labelled marks help nobody
        "range": _ranges(palette),
        "axis": _axis(palette),
        "legend": _legend(palette),
        "title": _title(palette),
        "style": _styles(palette),
        "concat": {"spacing": 6},
        "line": {"strokeWidth": 2},
    }


def _ranges(palette: Palette) -> dict[str, list[str]]:
    # Neighbours in a stack or a matrix are of different hues.
    areas = [*palette.series, *palette.tints]
    return {
        "category": list(palette.series),
        AREAS: [*areas, palette.line],
        VARIANTS: [*areas[:9], palette.text, *areas[9:], palette.line],
        COPY_CALLS: [palette.series[0], palette.tints[0], palette.series[1], palette.tints[1]],
        GROUPS: areas[2:],
    }


def _axis(palette: Palette) -> dict[str, Any]:
    return {
        "domainColor": palette.line,
        "tickColor": palette.line,
        "gridColor": palette.grid,
        "labelColor": palette.text,
        "titleColor": palette.text,
        "labelFontSize": 11,
        "titleFontSize": 12,
        "titleFontWeight": 600,
        "titlePadding": 8,
    }


def _legend(palette: Palette) -> dict[str, Any]:
    return {
        "orient": "top",
        "direction": "horizontal",
        "title": None,
        "titleColor": palette.text,
        "titleFontSize": 11,
        "titleFontWeight": 600,
        "labelColor": palette.text,
        "labelFontSize": 11,
        "labelLimit": 560,
        "columns": 1,
        "rowPadding": 3,
        "symbolSize": 220,
        "symbolStrokeWidth": 2,
        "symbolOpacity": 1,
    }


def _title(palette: Palette) -> dict[str, Any]:
    return {"color": palette.text, "subtitleColor": palette.muted, "fontSize": 12, "anchor": "start", "frame": "group"}


def _styles(palette: Palette) -> dict[str, Any]:
    # "color", not "fill" or "stroke": the defaults for text and rules are set as color, and that would win.
    return {
        "label": {"color": palette.text, "fontSize": 11},
        "strong-label": {"color": palette.text, "fontSize": 11, "fontWeight": 600},
        "muted-label": {"color": palette.muted, "fontSize": 10},
        "halo": {"color": palette.surface, "stroke": palette.surface, "strokeWidth": 4, "fontSize": 11},
        "reference": {"color": palette.line, "strokeDash": [4, 3], "strokeWidth": 1.2},
        "cutoff": {"color": palette.text, "strokeDash": [6, 3], "strokeWidth": 1.5},
        "bars": {"color": palette.line, "stroke": palette.surface, "opacity": 0.6},
        "emphasis": {"color": palette.text},
        "ground": {"color": palette.grid},
    }
