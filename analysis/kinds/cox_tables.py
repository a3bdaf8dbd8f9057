"""What pages and reports show of a Cox regression."""

from analysis.kinds.base import Output
from analysis.kinds.hazard_terms import called, term_table
from analysis.kinds.tables import ResultTable, shown
from analysis.kinds.wording import p_cell


def cox_tables(output: Output) -> list[ResultTable]:
    if not output["terms"]:
        return []
    title = f"Hazard ratios for {output['endpoint']}"
    return [
        term_table("terms", title, output["terms"], model_notes(output)),
        *alone_table(output),
        tests_table(output),
        *ph_table(output),
    ]


def alone_table(output: Output) -> list[ResultTable]:
    """What a paper prints beside the model: the same covariates, one at a time."""
    rows = [row for row in output["alone"] if not row.get("refused")]
    refused = [f"{row['term']}: no model. {row['refused']}" for row in output["alone"] if row.get("refused")]
    if not output["alone"]:
        return []
    title = f"Each covariate alone, for {output['endpoint']}"
    return [term_table("alone", title, rows, ["Of the same patients as the model above.", *refused])]


def model_notes(output: Output) -> list[str]:
    notes = [f"{output['ties'].capitalize()} ties. {output['n']} patients, {output['events']} events."]
    if output["strata"]:
        notes.append(f"Stratified by {', '.join(output['strata'])}.")
    if output["cluster"]:
        notes.append(f"Standard errors are robust, by {output['n_clusters']} clusters of {output['cluster']}.")
    notes += [
        f"{covariate['label']}: the reference is {covariate['levels'][0]}."
        for covariate in output["covariates"]
        if covariate["levels"]
    ]
    return notes


def tests_table(output: Output) -> ResultTable:
    names = {"lr": "Likelihood ratio", "wald": "Wald", "score": "Score", "robust_score": "Robust score"}
    rows = [
        [names[name], shown(test["chi2"]), shown(test["df"]), p_cell(test["p"])]
        for name, test in output["tests"].items()
        if test
    ]
    found = output["concordance"]
    null, model = output["loglik"]
    notes = [
        f"Concordance {found['c']:.3f} (SE {found['se']:.3f}).",
        f"Log partial likelihood {model:.4f}, without covariates {null:.4f}; AIC {output['aic']:.2f}; "
        f"{output['events_per_variable']:.1f} events per variable.",
    ]
    return ResultTable("tests", "The model as a whole", ["Test", "χ²", "df", "p"], rows, notes)


def ph_table(output: Output) -> list[ResultTable]:
    if not output["ph"]:
        return []
    rows = [
        [called(row["term"], output["covariates"]), shown(row["chi2"]), shown(row["df"]), p_cell(row["p"])]
        for row in output["ph"]
    ]
    return [ResultTable("ph", "Proportional hazards (Grambsch–Therneau)", ["Term", "χ²", "df", "p"], rows)]
