"""How the levels of one category are spread in each group: bars of shares side by side, with the tests above."""

from typing import Any

from analysis.charts import words

WIDTH, BAR, HEIGHT = 110, 34, 240  # px: the least of a group, a bar

Spec = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of counts by group; it holds no colours.

    Parameters
    ----------
    result
        A result of ``table1`` with one category: a row per level, its groups with count and share of 1, and the tests.
    """
    rows = result["rows"]
    levels = [row["level"] for row in rows]
    bars = [
        {"group": group["name"], "level": row["level"], "share": group["share"]}
        | {"count": group["count"], "text": f"{group['count']}"}
        for row in rows
        for group in row["groups"]
        if group["share"] is not None
    ]
    x = {"field": "group", "type": "nominal", "sort": None, "title": None, "axis": {"labelAngle": 0}}
    y = {
        "field": "share",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "title": "Share of the group"},
    }
    aside = {"field": "level", "sort": levels}
    colour = {"field": "level", "type": "nominal", "title": None, "scale": {"domain": levels}}
    bar = {
        "name": "bars",
        "mark": {"type": "bar", "fillOpacity": 0.75},
        "encoding": {"x": x, "y": y, "xOffset": aside, "color": colour | {"legend": {"columns": 4}}}
        | {"tooltip": _tooltip()},
    }
    label = {
        "name": "counts",
        "mark": {"type": "text", "style": "label", "baseline": "bottom", "dy": -3},
        "encoding": {"x": x, "y": y, "xOffset": aside, "text": {"field": "text", "type": "nominal"}},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result),
        "title": {"text": [rows[0]["label"], *tests(rows[0])], "fontWeight": "normal", "fontSize": 11, "offset": 10},
        "padding": 8,
        "width": len(result["names"]) * max(WIDTH, BAR * len(levels)),
        "height": HEIGHT,
        "data": {"values": bars},
        "layer": [bar, label],
    }


def tests(row: dict[str, Any]) -> list[str]:
    """Every test of the table, the chosen one first; or why there is none."""
    if row["p"] is None:
        return [row["refused"] or "No test"]
    beside = {
        "chi-square test": row["chi2"],
        "chi-square test with Yates' correction": row["chi2_yates"],
        "Fisher's exact test": row["fisher"],
    }
    lines = [f"{row['test']}: {words.p_value(row['p'])}"]
    return lines + [
        f"{name}: {words.p_value(test['p'])}" for name, test in beside.items() if test and name != row["test"]
    ]


def description(result: dict[str, Any]) -> str:
    rows = result["rows"]
    counts = "; ".join(
        f"{group['name']}: " + ", ".join(f"{row['level']} {row['groups'][i]['count']}" for row in rows)
        for i, group in enumerate(rows[0]["groups"])
    )
    return f"{rows[0]['label']} by group. {counts}. {'; '.join(tests(rows[0]))}."


def _tooltip() -> list[Spec]:
    return [
        {"field": "group", "type": "nominal", "title": "Group"},
        {"field": "level", "type": "nominal", "title": "Level"},
        {"field": "count", "type": "quantitative", "title": "Count"},
        {"field": "share", "type": "quantitative", "title": "Share", "format": ".1%"},
    ]
