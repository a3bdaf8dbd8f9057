"""A calibration as tables to be read."""

from analysis.kinds.base import Output
from analysis.kinds.hazard_terms import term_table
from analysis.kinds.tables import ResultTable, shown

_COLUMNS = ("apparent", "training", "test", "optimism", "corrected")
_WORDS = {
    "Dxy": "Somers' Dxy, 2 (C − ½)",
    "R2": "R² (Nagelkerke)",
    "Slope": "Slope",
    "D": "D, discrimination",
    "U": "U, unreliability",
    "Q": "Q = D − U",
    "g": "g, mean difference of the predictor",
}


def calibration_tables(output: Output) -> list[ResultTable]:
    return [] if output["refused"] else [_groups(output), _indexes(output), _model(output)]


def _groups(output: Output) -> ResultTable:
    rows = [
        [
            f"{group['from']:.1%}–{group['to']:.1%}",
            str(group["n"]),
            f"{group['predicted']:.1%}",
            f"{group['observed']:.1%}",
            f"{_share(group['low'])}–{_share(group['high'])}",
            _share(group["corrected"]),
        ]
        for group in output["groups"]
    ]
    notes = [
        "Observed is Kaplan–Meier's survival of the group; corrected is that less the optimism of "
        f"{output['resamples']} bootstrap resamples (seed {output['seed']}).",
        f"Mean error {output['error']:.1%}, corrected {output['error_corrected']:.1%}.",
    ]
    title = f"Free of {output['endpoint']} at {output['horizon']:g} {output['time_unit']}".rstrip()
    return ResultTable(
        "groups", title, ["Predicted between", "n", "Predicted", "Observed", "95% CI", "Corrected"], rows, notes
    )


def _share(value: float | None) -> str:
    return "—" if value is None or value != value else f"{value:.1%}"


def _indexes(output: Output) -> ResultTable:
    rows = [
        [
            _WORDS[row["index"]],
            *(shown(row[name]) for name in ("apparent", "training", "test", "optimism", "corrected")),
        ]
        for row in output["validation"]
    ]
    concordance = output["concordance"]
    notes = [
        f"Concordance {concordance['c']:.3f}, corrected {output['c_corrected']:.3f}.",
        "Training: refits in their own resamples; test: refits in the patients. The optimism is their difference.",
    ]
    columns = ["Index", *(name.capitalize() for name in _COLUMNS)]
    return ResultTable("validation", "Validation by the bootstrap", columns, rows, notes)


def _model(output: Output) -> ResultTable:
    notes = [f"{output['ties'].capitalize()} ties. {output['n']} patients, {output['events']} events."]
    return term_table("terms", f"The model for {output['endpoint']}", output["terms"], notes)
