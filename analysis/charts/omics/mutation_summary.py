"""A cohort's mutations at a glance: classes, types, substitutions, burden of the samples, most mutated genes."""

from statistics import median, quantiles
from typing import Any

from analysis.charts.omics.frames import figure, heading, percent, samples
from analysis.charts.omics.variant_classes import class_colour, ordered

WIDTH, HEIGHT = 200, 190
TOP_GENES = 10
_THICKEST = 30  # px of a bar

Spec = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of six panels; it holds no colours and names no sample.

    Parameters
    ----------
    result
        ``by_class``: of each non-silent class its variants in every sample; ``types`` and ``substitutions``: totals by
        name; ``genes``, the most mutated first: ``gene``, ``mutated`` samples, ``classes`` with their variants. The
        first ten genes are drawn.
    """
    return figure(
        description(result),
        title=heading(*_head(result)),
        columns=3,
        spacing={"row": 22, "column": 26},
        resolve={"scale": {"color": "shared"}},
        concat=[
            _classes(result),
            _totals("types", "Variant type", dict(sorted(result["types"].items(), key=lambda kind: -kind[1]))),
            _totals("substitutions", "SNV class", result["substitutions"]),
            # Below the panel whose axis has the same names.
            _spread(result),
            _per_sample(result),
            _genes(result),
        ],
    )


def description(result: dict[str, Any]) -> str:
    totals = {name: sum(counts) for name, counts in result["by_class"].items()}
    parts = [
        f"Mutations of a cohort. {', '.join(_head(result))}",
        "Classes: " + _said({name: totals[name] for name in _by_size(totals)}),
        "Types: " + _said(result["types"]),
        "Substitutions: " + _said(result["substitutions"]),
        "Most mutated genes: "
        + ", ".join(f"{row['gene']} {percent(row['mutated'] / _n(result))}" for row in result["genes"][:TOP_GENES]),
    ]
    return ". ".join(parts) + "."


def _said(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"


def _head(result: dict[str, Any]) -> list[str]:
    per_sample = _totals_per_sample(result)
    middle = median(per_sample)
    return [f"{sum(per_sample):,} non-silent variants in {samples(len(per_sample))}", f"median {middle:g} a sample"]


def _totals_per_sample(result: dict[str, Any]) -> list[int]:
    return [sum(counts) for counts in zip(*result["by_class"].values(), strict=True)]


def _n(result: dict[str, Any]) -> int:
    return len(_totals_per_sample(result))


def _by_size(totals: dict[str, int]) -> list[str]:
    return sorted((name for name, total in totals.items() if total), key=lambda name: (-totals[name], name))


def _panel(name: str, title: str, **parts: Any) -> Spec:
    return {"name": name, "title": {"text": title}, "width": WIDTH, "height": HEIGHT, **parts}


def _names(field: str, names: list[str], **axis: Any) -> Spec:
    plain = {"title": None, "grid": False, "ticks": False, "domain": False, "labelLimit": 0}
    return {"field": field, "type": "nominal", "scale": {"domain": names}, "axis": plain | axis}


def _count(field: str, most: float) -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        # Room for the number behind the longest bar.
        "scale": {"domain": [0, 1.28 * max(most, 1)], "nice": False},
        "axis": {"title": "Variants", "tickCount": 2, "tickMinStep": 1, "format": ",d"},
    }


def _bar(n: int) -> Spec:
    return {"type": "bar", "size": min(_THICKEST, 0.9 * HEIGHT / max(n, 1))}


def _bars(name: str, title: str, rows: list[Spec], y: Spec, colour: Spec | None) -> Spec:
    most = max((row["count"] for row in rows), default=0)
    x = _count("count", most)
    return _panel(
        name,
        title,
        data={"values": rows},
        layer=[
            {
                "name": f"{name}-bars",
                "mark": {"type": "bar"}
                if colour
                else {"type": "bar", "style": "bars", "strokeWidth": 0, "opacity": 0.9},
                "encoding": {"x": x, "y": y, **({"color": colour} if colour else {})},
            },
            {
                "name": f"{name}-counts",
                "mark": {"type": "text", "style": "label", "align": "left", "dx": 4},
                "encoding": {"x": x, "y": y, "text": {"field": "count", "type": "quantitative", "format": ","}},
            },
        ],
    )


def _classes(result: dict[str, Any]) -> Spec:
    totals = {name: sum(counts) for name, counts in result["by_class"].items()}
    names = _by_size(totals)
    rows = [{"class": name, "count": totals[name]} for name in names]
    return _bars("classes", "Variant class", rows, _names("class", names), class_colour(names, has_legend=False))


def _totals(name: str, title: str, counts: dict[str, int]) -> Spec:
    names = list(counts)
    rows = [{"name": each, "count": count} for each, count in counts.items()]
    return _bars(name, title, rows, _names("name", names), None)


def _per_sample(result: dict[str, Any]) -> Spec:
    """Every sample from the most mutated on, its variants stacked by class."""
    by_class = result["by_class"]
    totals = _totals_per_sample(result)
    order = sorted(range(len(totals)), key=lambda place: -totals[place])
    names = ordered(name for name, counts in by_class.items() if sum(counts))
    rows = []
    # The last once more: a step ends where the next begins.
    for rank, place in enumerate([*order, order[-1]]):
        base = 0
        for name in names:
            top = base + by_class[name][place]
            rows.append({"rank": rank, "class": name, "from": base, "to": top})
            base = top
    middle = median(totals)
    x = {
        "field": "rank",
        "type": "quantitative",
        "scale": {"domain": [0, len(totals)], "nice": False},
        "axis": {"title": "Samples", "tickCount": 3, "tickMinStep": 1, "grid": False},
    }
    # One sample with thousands of variants would flatten all others.
    top = min(max(totals), 6 * middle) if middle else max(totals)
    y = {
        "field": "from",
        "type": "quantitative",
        "scale": {"domain": [0, max(top, 1)], "nice": False, "clamp": True},
        "axis": {"title": "Variants", "tickCount": 4, "grid": False},
    }
    beyond = sum(total > top for total in totals)
    title = "Per sample" + (f", {beyond} above the axis" if beyond else "")
    line = [{"from": middle, "rank": len(totals), "text": f"median {middle:g}"}]
    return _panel(
        "per-sample",
        title,
        layer=[
            {
                "name": "per-sample-bars",
                "data": {"values": rows},
                "mark": {"type": "area", "interpolate": "step-after", "clip": True},
                "encoding": {
                    "x": x,
                    "y": y | {"stack": None},
                    "y2": {"field": "to"},
                    "color": class_colour(names, has_legend=False),
                },
            },
            {
                "name": "per-sample-median",
                "data": {"values": line},
                "layer": [
                    {"mark": {"type": "rule", "style": "cutoff"}, "encoding": {"y": y}},
                    {
                        "mark": {"type": "text", "style": "label", "align": "right", "baseline": "bottom", "dy": -4},
                        "encoding": {"x": x, "y": y, "text": {"field": "text", "type": "nominal"}},
                    },
                ],
            },
        ],
    )


def _spread(result: dict[str, Any]) -> Spec:
    """Of each class, the variants in a sample: quartiles as a box, the median as a tick."""
    names = _by_size({name: sum(counts) for name, counts in result["by_class"].items()})
    rows = [{"class": name, **_quartiles(result["by_class"][name])} for name in names]
    most = max((row["high"] for row in rows), default=0)
    x = {
        "type": "quantitative",
        "scale": {"domain": [0, max(most, 1)], "nice": False},
        "axis": {"title": "Variants per sample", "tickCount": 4},
    }
    y = _names("class", names)
    colour = class_colour(names, has_legend=False)
    return _panel(
        "spread",
        "Spread, without outliers",
        data={"values": rows},
        layer=[
            {
                "name": "spread-whiskers",
                "mark": {"type": "rule", "style": "reference", "strokeDash": [1, 0]},
                "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}, "y": y},
            },
            {
                "name": "spread-boxes",
                "mark": {"type": "bar", "height": {"band": 0.6}},
                "encoding": {"x": x | {"field": "q1"}, "x2": {"field": "q3"}, "y": y, "color": colour},
            },
            {
                "name": "spread-medians",
                "mark": {"type": "tick", "style": "emphasis", "thickness": 2, "size": 12},
                "encoding": {"x": x | {"field": "median"}, "y": y},
            },
        ],
    )


def _quartiles(counts: list[int]) -> Spec:
    q1, middle, q3 = quantiles(counts, method="inclusive") if len(counts) > 1 else [float(counts[0])] * 3
    reach = 1.5 * (q3 - q1)
    inside = [count for count in counts if q1 - reach <= count <= q3 + reach]
    return {"q1": q1, "median": middle, "q3": q3, "low": min(inside), "high": max(inside)}


def _genes(result: dict[str, Any]) -> Spec:
    drawn = result["genes"][:TOP_GENES]
    n = _n(result)
    classes = ordered(name for row in drawn for name, count in row["classes"].items() if count)
    rows, ends = [], []
    for row in drawn:
        base = 0
        for name in classes:
            count = row["classes"].get(name, 0)
            if count:
                rows.append({"gene": row["gene"], "class": name, "from": base, "to": base + count})
            base += count
        ends.append({"gene": row["gene"], "from": base, "text": percent(row["mutated"] / n)})
    x = _count("from", max((row["from"] for row in ends), default=0))
    y = _names("gene", [row["gene"] for row in drawn], labelFontStyle="italic")
    return _panel(
        "genes",
        f"Top {len(drawn)} genes, % of samples" if len(drawn) > 1 else "The gene, % of samples",
        layer=[
            {
                "name": "genes-bars",
                "data": {"values": rows},
                "mark": _bar(len(drawn)),
                "encoding": {"x": x, "x2": {"field": "to"}, "y": y, "color": class_colour(classes, has_legend=False)},
            },
            {
                "name": "genes-shares",
                "data": {"values": ends},
                "mark": {"type": "text", "style": "label", "align": "left", "dx": 4},
                "encoding": {"x": x, "y": y, "text": {"field": "text", "type": "nominal"}},
            },
        ],
    )
