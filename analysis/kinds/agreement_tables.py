"""The tables of an agreement of raters."""

from typing import Any

from analysis.kinds.tables import ResultTable, shown
from analysis.kinds.wording import p_cell


def agreement_tables(output: dict[str, Any]) -> list[ResultTable]:
    found = []
    if output["pairs"]:
        found.append(_of_categories(output) if output["scale"] == "categories" else _of_numbers(output))
    if output["fleiss"]:
        found.append(_of_fleiss(output))
    if output["icc"]:
        found.append(_of_icc(output["icc"]))
    return found


def _spread(number: dict[str, Any] | None) -> list[str]:
    return [shown(number[key]) if number else "—" for key in ("value", "low", "high")]


def _of_categories(output: dict[str, Any]) -> ResultTable:
    rows = []
    for pair in output["pairs"]:
        kappa = pair["kappa"]
        tested = [shown(kappa["se"]), p_cell(kappa["p"])] if kappa else ["—", "—"]
        same, near = shown(pair["exact"]["value"]), shown((pair["within_one"] or {}).get("value"))
        rows.append([f"{pair['a']} and {pair['b']}", str(pair["n"]), same, near, *_spread(kappa), *tested])
    weights = "" if output["weights"] == "none" else f", {output['weights']} weights"
    return ResultTable(
        "pairs",
        f"Pairs of raters{weights}",
        ["Raters", "n", "Equal", "At most one level apart", "Kappa", "95 % CI from", "to", "SE", "p"],
        rows,
        [pair["refused"] for pair in output["pairs"] if pair["refused"]],
    )


def _of_numbers(output: dict[str, Any]) -> ResultTable:
    rows = []
    for pair in output["pairs"]:
        found = pair["differences"]
        limits = [part for end in ("bias", "lower", "upper") for part in _spread(found[end] if found else None)]
        rows.append(
            [f"{pair['a']} less {pair['b']}", str(pair["n"]), *limits, shown(found["outside"] if found else None)]
        )
    limited = [part for word in ("Bias", "Lower limit", "Upper limit") for part in (word, "95 % CI from", "to")]
    unit = f", {output['unit']}" if output["unit"] else ""
    return ResultTable(
        "pairs",
        f"Differences of pairs of raters{unit}",
        ["Raters", "n", *limited, "Outside"],
        rows,
        [pair["refused"] for pair in output["pairs"] if pair["refused"]],
    )


def _of_fleiss(output: dict[str, Any]) -> ResultTable:
    found = output["fleiss"]
    rows = [["all levels", "1", *_spread(found), shown(found["z"]), p_cell(found["p"])]]
    rows += [
        [row["level"], shown(row["share"]), shown(row["value"]), "—", "—", shown(row["z"]), p_cell(row["p"])]
        for row in found["categories"]
    ]
    return ResultTable("fleiss", "Fleiss' kappa", ["Level", "Share", "Kappa", "95 % CI from", "to", "z", "p"], rows)


def _of_icc(forms: list[dict[str, Any]]) -> ResultTable:
    rows = [_form(form) for form in forms]
    return ResultTable("icc", "Intraclass correlations", ["Form", "Value", "95 % CI from", "to", "F", "df", "p"], rows)


def _form(form: dict[str, Any]) -> list[str]:
    df = f"{form['df1']}, {form['df2']}"
    return [f"{form['name']}: {form['means']}", *_spread(form), shown(form["f"]), df, p_cell(form["p"])]
