"""A validation as tables: the model, what it does here, its areas over time, its groups."""

from typing import Any

from analysis.kinds.base import Output
from analysis.kinds.tables import ResultTable, shown
from analysis.kinds.timeroc_tables import timeroc_tables
from analysis.kinds.wording import p_cell


def validation_tables(output: Output) -> list[ResultTable]:
    tables = [_model(output["model"])] if output["model"] else []
    if output["distribution"]:
        tables.append(_measures(output))
    if (split := output["survival"]) and split["groups"]:
        tables.append(_groups(split, output))
    if (areas := output["timeroc"]) and not areas["refused"]:
        tables += timeroc_tables(areas)
    return tables


def _model(model: dict[str, Any]) -> ResultTable:
    rows = [
        [term["name"], term.get("unit", model["unit"]) or "—", shown(term["coefficient"], 6)] for term in model["terms"]
    ]
    notes = [f"The score is the sum of coefficient × value. {model['source']}".rstrip(".") + "."]
    if model.get("cutoff") is not None:
        notes.append(f"High means above {shown(model['cutoff'], 6)}, which is part of the model.")
    title = f"{model['title']}, version {model['number']}"
    return ResultTable("model", title, ["Term", "Unit", "Coefficient"], rows, notes)


def _measures(output: Output) -> ResultTable:
    spread = output["distribution"]
    rows = [
        ["Patients with a score", str(spread["n"])],
        ["Score, median (range)", _range(spread)],
    ]
    if spread["n_high"] is not None:
        rows.append(["Score above the cutoff of the model", f"{spread['n_high']} of {spread['n']}"])
    rows.append(["With follow-up, events", f"{output['n']}, {output['events']}"])
    if c := output["concordance"]:
        rows.append(["Concordance (95% CI)", f"{c['c']:.3f} ({c['low']:.3f}–{c['high']:.3f})"])
    if slope := output["slope"]:
        rows.append(["Slope (95% CI)", f"{shown(slope['coef'])} ({shown(slope['low'])} to {shown(slope['high'])})"])
        rows.append(["Slope is 1, p", p_cell(slope["p_one"])])
        rows.append(["Slope is 0, p", p_cell(slope["p"])])
    notes = [
        "Concordance: the share of comparable pairs of patients in which the higher score has the earlier event "
        "(Harrell).",
        "The slope is the coefficient of the score in a Cox model of these patients: 1 where the score predicts as it "
        "did in its own patients, below 1 where its differences are too large here. The model has no baseline "
        "survival, so that no predicted survival can be compared with what was observed.",
    ]
    return ResultTable("measures", "How the model does here", ["", "Value"], rows, notes)


def _range(spread: dict[str, Any]) -> str:
    return f"{shown(spread['median'])} ({shown(spread['lowest'])} to {shown(spread['highest'])})"


def _groups(split: Output, output: Output) -> ResultTable:
    rows = [
        [
            group["name"],
            str(group["n"]),
            str(group["events"]),
            "not reached" if group["median"] is None else f"{group['median']:.1f}",
        ]
        for group in split["groups"]
    ]
    notes = []
    if hr := next(iter(split["hrs"]), None):
        notes.append(
            f"Hazard ratio, {hr['compared']} against {hr['reference']}: {shown(hr['hr'])} "
            f"({shown(hr['low'])}–{shown(hr['high'])}); log-rank p {p_cell((split['logrank'] or {}).get('p'))}."
        )
    above = f"above {shown(split['cutoff']['value'], 6)}" if split["cutoff"] else ""
    whose = "the cutoff of the model" if output["cutoff"] is not None else "the median of these patients"
    columns = ["Score", "Patients", "Events", f"Median, {output['time_unit']}"]
    return ResultTable("groups", f"High means {above}, {whose}".replace("  ", " "), columns, rows, notes)
