"""What volcano plots share: p upwards on a log scale, dots by group with the size of each group, cut-offs as lines."""

from collections.abc import Sequence
from math import ceil, log10
from typing import Any

from analysis.charts.series import series

# A p below the smallest number has no logarithm.
SMALLEST = 1e-300
_DECADES_SHOWN = 8
_MANY = 500

Spec = dict[str, Any]


def decades_to(lowest: float) -> int:
    """Powers of ten from 1 down to the smallest p, with room above it; two or more."""
    return max(ceil(-log10(lowest) + 0.2), 2)


def p_axis(decades: int, title: str = "p (log scale)") -> Spec:
    step = ceil(decades / _DECADES_SHOWN)
    ticks = [10.0**-power for power in range(0, decades + 1, step)]
    powers = "datum.value < 0.001 ? format(datum.value, '.0e') : format(datum.value, '~g')"
    return {
        "field": "p",
        "type": "quantitative",
        "scale": {"type": "log", "domain": [10.0**-decades, 1.0], "reverse": True},
        "axis": {"values": ticks, "labelExpr": powers, "title": title},
    }


def dots(n: int) -> Spec:
    return {"type": "point", "filled": True, "opacity": 0.75, "size": 45 if n < _MANY else 14}


def counted(rows: Sequence[Spec], groups: Sequence[str]) -> Spec:
    """The colour of each group, with its size in the legend."""
    return coloured({name: sum(row["group"] == name for row in rows) for name in groups})


def coloured(counts: dict[str, int]) -> Spec:
    colour: Spec = series("group", {name: [f"{name}: {count}"] for name, count in counts.items()})["color"]
    colour["legend"] |= {"symbolType": "circle", "symbolSize": 80}
    return colour


def line(name: str, row: Spec, encoding: Spec, style: str) -> Spec:
    return {"name": name, "data": {"values": [row]}, "mark": {"type": "rule", "style": style}, "encoding": encoding}
