"""Time-dependent areas as tables to be read."""

from typing import Any

from analysis.kinds.tables import ResultTable, shown
from analysis.kinds.timeroc_areas import CENSORING_TEST, PAIRED_TEST, TEST
from analysis.kinds.wording import interval_text, p_cell


def timeroc_tables(output: dict[str, Any]) -> list[ResultTable]:
    found = [_areas(output)]
    if output["comparisons"]:
        found.append(_differences(output))
    checked = [marker for marker in output["markers"] if marker["censoring"]]
    if checked:
        found.append(_censoring(checked))
    return found


def _areas(output: dict[str, Any]) -> ResultTable:
    unit = output["time_unit"]
    has_competing = output["n_competing"] is not None
    columns = ["Marker", f"Time, {unit}" if unit else "Time", "AUC (95% CI)", "SE", "p", "Cases", "Controls"]
    columns += ["Controls by a competing event"] if has_competing else []
    columns += ["Censored before"]
    rows = []
    for row in output["times"]:
        estimate = row["refused"] or interval_text(row["auc"], row["low"], row["high"], digits=3)
        counts = [row["n_cases"], row["n_controls"] + row["n_competing"]]
        counts += [row["n_competing"]] if has_competing else []
        p = p_cell(row["p"])
        numbers = [str(count) for count in [*counts, row["n_censored"]]]
        side = "" if row["direction"] == "<" else " (lower = event)"
        rows.append([f"{row['label']}{side}", f"{row['time']:g}", estimate, shown(row["se"], 3), p, *numbers])
    notes = [
        "Cases had the event by the time, controls did not. Both are weighted for those censored before (inverse "
        f"probability of censoring). p: {TEST}."
    ]
    return ResultTable("areas", "Area under the time-dependent ROC curve", columns, rows, notes)


def _differences(output: dict[str, Any]) -> ResultTable:
    unit = output["time_unit"]
    columns = ["Markers", f"Time, {unit}" if unit else "Time", "Difference (95% CI)", "SE", "p", "p (Holm)"]
    rows = [
        [
            f"{pair['a']} less {pair['b']}",
            f"{pair['time']:g}",
            pair["refused"] or f"{pair['difference']:.3f} ({pair['low']:.3f} to {pair['high']:.3f})",
            shown(pair["se"], 3),
            p_cell(pair["p"]),
            p_cell(pair["p_holm"]),
        ]
        for pair in output["comparisons"]
    ]
    return ResultTable("differences", "Differences between markers", columns, rows, [f"p: {PAIRED_TEST}."])


def _censoring(markers: list[dict[str, Any]]) -> ResultTable:
    rows = [
        [
            marker["label"],
            interval_text(marker["censoring"]["hr"], marker["censoring"]["low"], marker["censoring"]["high"]),
            p_cell(marker["censoring"]["p"]),
        ]
        for marker in markers
    ]
    notes = [f"{CENSORING_TEST}, per unit of the marker: the weights assume that leaving does not depend on it."]
    return ResultTable(
        "censoring", "Does censoring depend on the marker?", ["Marker", "Hazard ratio (95% CI)", "p"], rows, notes
    )
