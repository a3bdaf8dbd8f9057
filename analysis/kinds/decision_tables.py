"""The tables of decision curves."""

from typing import Any

from analysis.kinds.tables import ResultTable, shown

# Rows of the table of net benefit.
ABOUT = 20


def decision_tables(output: dict[str, Any]) -> list[ResultTable]:
    if output["treat_all"] is None:
        return []
    return [_benefit(output), _models(output)]


def _benefit(output: dict[str, Any]) -> ResultTable:
    drawn = [model for model in output["models"] if model["net_benefit"]]
    step = 1 + (len(output["thresholds"]) - 1) // ABOUT
    rows = [
        [
            f"{threshold:.4g}",
            shown(output["treat_all"][place]),
            *(shown(model["net_benefit"][place]) for model in drawn),
            *(shown(model["avoided"][place], 3) for model in drawn),
        ]
        for place, threshold in list(enumerate(output["thresholds"]))[::step]
    ]
    columns = ["Threshold", "Treat all", *(model["name"] for model in drawn)]
    columns += [f"{model['name']}: avoided per 100" for model in drawn]
    return ResultTable("benefit", "Net benefit per patient", columns, rows, ["Treating none has a net benefit of 0."])


def _models(output: dict[str, Any]) -> ResultTable:
    rows = [
        [
            model["name"],
            model["kind"],
            ", ".join(model["terms"]),
            shown(model.get("events_per_coefficient"), 3),
            "; ".join(f"{low:.4g} to {high:.4g}" for low, high in model["useful"]) or "none",
            shown(model["gain"]),
        ]
        for model in output["models"]
    ]
    columns = ["Model", "Fitted by", "Of", "Events per coefficient", "Better than all and none at", "Most it adds"]
    return ResultTable("models", "Models", columns, rows, [m["refused"] for m in output["models"] if m["refused"]])
