"""A selection as tables to be read."""

from analysis.kinds.base import Output
from analysis.kinds.hazard_terms import term_table
from analysis.kinds.tables import ResultTable, shown


def stepwise_tables(output: Output) -> list[ResultTable]:
    if not output["final"]:
        return []
    found = [_path(output)]
    if final := output["final"]["terms"]:
        concordance = output["final"]["concordance"]
        notes = [
            f"{output['ties'].capitalize()} ties. {output['n']} patients, {output['events']} events. "
            f"Concordance {concordance['c']:.3f} (SE {concordance['se']:.3f}).",
            "Intervals and p do not know of the selection.",
        ]
        found.insert(0, term_table("terms", f"The model chosen for {output['endpoint']}", final, notes))
    return found


def _path(output: Output) -> ResultTable:
    criterion = output["criterion"].upper()
    rows = []
    for place, step in enumerate(output["path"]):
        done = "start" if step["action"] == "start" else f"{step['action']} {step['label']}"
        best = [f"{move['action']} {move['label']}".strip() + f" {shown(move['aic'], 6)}" for move in step["moves"][:3]]
        rows.append([f"{place}: {done}", shown(step["aic"], 6), "; ".join(best)])
    first = "all covariates" if output["start"] == "full" else "no covariate"
    notes = [
        f"From {first}, {output['direction']}: at every step the move that lowers {criterion} most, until none does.",
        "" if output["criterion"] == "aic" else "The penalty of BIC is the logarithm of the events.",
    ]
    columns = ["Step", criterion, "Best moves from there"]
    return ResultTable("path", "The way there", columns, rows, [note for note in notes if note])
