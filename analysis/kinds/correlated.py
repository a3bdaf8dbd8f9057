"""Pairs of measurements as the parts of a result: coefficient, interval, test, adjusted p."""

from collections import Counter
from typing import Any

from analysis.frames.frame import Frame, no_value
from analysis.stats.correlation import (
    Correlation,
    kendall,
    kendall_interval,
    pearson,
    spearman,
    spearman_interval,
)
from analysis.stats.errors import StatsInputError
from analysis.stats.multiplicity import adjust
from analysis.stats.normality import shapiro_wilk

METHODS = {"spearman": "Spearman's rho", "pearson": "Pearson's r", "kendall": "Kendall's tau"}
ADJUSTMENTS = {"bh": "BH", "holm": "holm", "none": None}
MIN_CORRELATED = 5
MIN_FOR_P = 10
NORMAL_ALPHA = 0.05
MOST_POINTS = 5000

Part = dict[str, Any]


def described(frame: Frame, name: str) -> Part:
    """A column: how many have it, and whether it looks normal, which Pearson's test supposes."""
    values = [row[name] for row in frame.rows if row[name] is not None]
    is_number = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    column = frame.columns[name]
    found: Part = {
        "name": name,
        "label": column["label"],
        "unit": column["unit"],
        "n": len(values),
        "is_number": is_number,
        "normality": None,
    }
    if is_number and values:
        try:
            normal = shapiro_wilk(values)
        except StatsInputError:
            return found
        found["normality"] = {"test": "Shapiro-Wilk", "statistic": normal.statistic, "p": normal.p}
    return found


def pair(frame: Frame, a: Part, b: Part, method: str) -> Part:
    both = [(row[a["name"]], row[b["name"]]) for row in frame.rows if None not in (row[a["name"]], row[b["name"]])]
    x, y = [one for one, _other in both], [other for _one, other in both]
    found: Part = {
        "a": a["name"],
        "b": b["name"],
        "a_label": a["label"],
        "b_label": b["label"],
        "n": len(x),
        "dropped": _dropped(frame, a, b),
        "test": METHODS[method],
        **dict.fromkeys(("r", "low", "high", "statistic", "p", "q", "refused")),
    }
    words = [column["label"] for column in (a, b) if not column["is_number"]]
    if words:
        return found | {"refused": f"No correlation: {words[0]} is not a number."}
    who = f"{a['label']} and {b['label']}"
    if len(x) < MIN_CORRELATED:
        return found | {"refused": f"No correlation: {len(x)} have {who}, fewer than {MIN_CORRELATED}."}
    try:
        tested, limits = _correlation(x, y, method)
    except StatsInputError as error:
        return found | {"refused": f"No correlation of {who}: {error}"}
    found |= {"r": tested.value, "statistic": tested.statistic}
    if limits:
        found |= {"low": limits[0], "high": limits[1]}
    if len(x) < MIN_FOR_P:
        return found | {"refused": f"No p: {len(x)} have {who}, fewer than {MIN_FOR_P}."}
    return found | {"p": tested.p}


def _dropped(frame: Frame, a: Part, b: Part) -> dict[str, int]:
    lacking = Counter(
        no_value(column["label"], frame.absences.get(row["patient"], {}).get(column["name"], ""))
        for row in frame.rows
        for column in (a, b)
        if row[column["name"]] is None
        # A row that lacks both is counted once, under the first.
        and not (column is b and row[a["name"]] is None)
    )
    return dict(sorted(lacking.items()))


def _correlation(x: list[float], y: list[float], method: str) -> tuple[Correlation, tuple[float, float] | None]:
    if method == "pearson":
        found = pearson(x, y)
        return found, None if found.low is None or found.high is None else (found.low, found.high)
    if method == "kendall":
        found = kendall(x, y)
        return found, kendall_interval(found.value, found.n)
    found = spearman(x, y)
    return found, spearman_interval(found.value, found.n)


def add_q(pairs: list[Part], wish: str) -> None:
    method = ADJUSTMENTS[wish]
    tested = [pair for pair in pairs if pair["p"] is not None]
    if method is None or not tested:
        return
    adjusted = adjust([pair["p"] for pair in tested], method)
    for found, q in zip(tested, adjusted, strict=True):
        found["q"] = float(q)


def matrix(k: int, pairs: list[Part]) -> list[list[float | None]]:
    """The coefficients, in the order of the columns."""
    table: list[list[float | None]] = [[1.0 if i == j else None for j in range(k)] for i in range(k)]
    places = [(i, j) for i in range(k) for j in range(i + 1, k)]
    for (i, j), found in zip(places, pairs, strict=True):
        table[i][j] = table[j][i] = found["r"]
    return table


def points(frame: Frame, names: list[str]) -> list[list[float]]:
    """What a scatter plot shows; of very many rows, some at even steps."""
    step = 1 + (len(frame.rows) - 1) // MOST_POINTS
    return [[row[name] for name in names] for row in frame.rows[::step]]


def notes(method: str, wish: str, n_pairs: int) -> list[str]:
    intervals = {
        "spearman": "The intervals are those of Bonett and Wright (2000), on Fisher's scale.",
        "kendall": "The intervals are those of Bonett and Wright (2000), on Fisher's scale.",
        "pearson": "The intervals are Fisher's.",
    }
    kinds = {
        "bh": "q controls the false discovery rate (Benjamini and Hochberg)",
        "holm": "q controls the chance of any false finding (Holm)",
    }
    found = [intervals[method]]
    if n_pairs > 1:
        found.append(f"{kinds[wish]} over {n_pairs} pairs." if wish in kinds else "p is not adjusted for many pairs.")
    return found


def warnings(columns: list[Part], method: str) -> list[str]:
    if method != "pearson":
        return []
    bent = [column["label"] for column in columns if column["normality"] and column["normality"]["p"] < NORMAL_ALPHA]
    if not bent:
        return []
    verb = "does not look" if len(bent) == 1 else "do not look"
    return [f"{', '.join(bent)} {verb} normal (Shapiro-Wilk): Pearson's test is approximate, Spearman's supposes less."]
