"""A screen as tables to be read."""

from analysis.kinds.base import Output
from analysis.kinds.tables import ResultTable, shown
from analysis.kinds.wording import p_cell

MOST_ROWS = 200
ADJUSTED = {"bh": "Benjamini and Hochberg", "holm": "Holm", "bonferroni": "Bonferroni"}


def screen_tables(output: Output) -> list[ResultTable]:
    if not output["rows"]:
        return []
    return [_estimates(output), *_refused(output)]


def _estimates(output: Output) -> ResultTable:
    tested = sorted((row for row in output["rows"] if row["p"] is not None), key=lambda row: row["p"])
    rows = [
        [
            f"{row['label']}, per {row['unit']}" if row["unit"] else row["label"],
            str(row["n"]),
            str(row["events"]),
            shown(row["hr"]),
            f"{shown(row['low'])}–{shown(row['high'])}",
            shown(row["hr_sd"]),
            p_cell(row["p"]),
            p_cell(row["q"]),
        ]
        for row in tested[:MOST_ROWS]
    ]
    notes = [
        f"Each covariate in a Cox model of its own ({output['ties'].capitalize()} ties), on the patients who have a "
        f"value. q: p after {ADJUSTED[output['adjust']]}, for {output['tested']} covariates.",
        f"{len(output['chosen'])} have {output['by']} < {output['threshold']:g}.",
    ]
    if len(tested) > MOST_ROWS:
        notes.append(f"The {MOST_ROWS} of smallest p; the result holds all {len(tested)}.")
    columns = ["Covariate", "n", "Events", "HR", "95% CI", "HR per SD", "p", "q"]
    return ResultTable("screen", f"Each covariate alone, for {output['endpoint']}", columns, rows, notes)


def _refused(output: Output) -> list[ResultTable]:
    without = [row for row in output["rows"] if row["refused"]]
    if not without:
        return []
    rows = [[row["label"], str(row["n"]), str(row["events"]), row["refused"]] for row in without[:MOST_ROWS]]
    notes = [f"The first {MOST_ROWS} of {len(without)}."] if len(without) > MOST_ROWS else []
    return [ResultTable("refused", "Covariates without an estimate", ["Covariate", "n", "Events", "Why"], rows, notes)]
