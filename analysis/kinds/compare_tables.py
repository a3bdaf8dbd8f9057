"""A comparison of groups as tables to read: the values, what their tests suppose, and the pairs of many groups."""

from typing import Any

from analysis.kinds.tables import ResultTable, shown
from analysis.kinds.wording import p_cell
from analysis.stats.group_test import PAIRED_T, STUDENT
from analysis.stats.many_group_test import ANOVA

BY_MEANS = (STUDENT, PAIRED_T, ANOVA)


def compare_tables(output: dict[str, Any]) -> list[ResultTable]:
    rows = output["rows"]
    if not rows:
        return []
    several = len(rows) > 1 and not output["from_summary"]
    columns = ["Value", *output["names"], "Test", "Statistic", "p", *(["p adjusted (BH)"] if several else [])]
    notes = list(dict.fromkeys(f"{row['label']}: {row['refused'] or row['why']}" for row in rows))
    if several:
        notes.append("Adjusted p: Benjamini and Hochberg over the values of this table.")
    main = ResultTable(
        "groups",
        "By group",
        [*columns, "Estimate (95% CI)"],
        [_row(row, output["names"], several) for row in rows],
        [
            *notes,
            *dict.fromkeys(
                f"{row['label']}: the estimate is the {row['estimate']}." for row in rows if row["estimate"]
            ),
        ],
    )
    return [main, *_checks(rows), *_pairs(rows)]


def group_text(group: dict[str, Any], *, as_mean: bool) -> str:
    """Mean ± SD, or median [quartiles], with n."""
    if not group["n"]:
        return "n 0"
    if as_mean:
        return f"n {group['n']}: {shown(group['mean'])} ± {shown(group['sd'])}"
    return f"n {group['n']}: {shown(group['median'])} [{shown(group['q1'])}–{shown(group['q3'])}]"


def _row(row: dict[str, Any], names: list[str], several: bool) -> list[str]:
    as_mean = "median" not in (row["groups"] or [{}])[0] or row["test"] in BY_MEANS
    groups = {group["name"]: group_text(group, as_mean=as_mean) for group in row["groups"]}
    label = f"{row['label']}, {row['unit']}" if row["unit"] else row["label"]
    adjusted = [p_cell(row["q"])] if several else []
    cells = [label, *(groups.get(name, "—") for name in names), row["test"] or "—", shown(row["statistic"])]
    return [*cells, p_cell(row["p"]), *adjusted, _estimate(row)]


def _estimate(row: dict[str, Any]) -> str:
    if row["difference"] is None:
        return "—"
    limits = f" ({shown(row['low'])} to {shown(row['high'])})" if row["low"] is not None else ""
    return f"{shown(row['difference'])}{limits}"


def _checks(rows: list[dict[str, Any]]) -> list[ResultTable]:
    found = [
        [
            f"{row['label']}: {check['what']}",
            check["test"],
            shown(check["statistic"]),
            p_cell(check["p"]),
            shown(check["holds"]),
        ]
        for row in rows
        for check in row["checks"]
    ]
    columns = ["Assumption", "Test", "Statistic", "p", "Holds"]
    return [ResultTable("checks", "What the tests suppose", columns, found)] if found else []


def _pairs(rows: list[dict[str, Any]]) -> list[ResultTable]:
    found = [
        [f"{row['label']}: {pair['b']} less {pair['a']}", _estimate(pair), p_cell(pair["p"])]
        for row in rows
        for pair in row["pairs"]
    ]
    notes = list(dict.fromkeys(f"{row['label']}: {row['pairs_by']}." for row in rows if row["pairs"]))
    return (
        [ResultTable("pairs", "Pairs of groups", ["Pair", "Difference (95% CI)", "p"], found, notes)] if found else []
    )
