"""What a paper says of the methods that build a prognostic model."""

from analysis.kinds.base import Output
from analysis.kinds.methods.survival_time import Parameters

_TIES = {
    "efron": "Efron's approximation [@efron]",
    "breslow": "Breslow's approximation [@breslow]",
    "exact": "the exact likelihood",
}
_ADJUSTED = {
    "bh": "after Benjamini and Hochberg [@bh]",
    "holm": "after Holm [@holm]",
    "bonferroni": "after Bonferroni",
}


def screen(parameters: Parameters, output: Output) -> list[str]:
    return [
        f"Each of {len(parameters['covariates'])} covariates was modelled alone by Cox regression [@cox], ties by "
        f"{_TIES[output['ties']]}, in the patients who have a value of it; Wald's p were adjusted for their number "
        f"{_ADJUSTED[output['adjust']]}.",
        f"A covariate was chosen where {output['by']} lies below {output['threshold']:g}.",
    ]


def lasso(parameters: Parameters, output: Output) -> list[str]:
    penalty = "a lasso" if output["alpha"] == 1 else f"an elastic-net (alpha {output['alpha']:g})"
    drawn = f"the column {output['fold_column']}" if output["fold_column"] else f"the seed {output['seed']}"
    folds = max(output["folds"]) if output["folds"] else parameters.get("folds", 10)
    return [
        f"{len(parameters['covariates'])} covariates, in units of their standard deviation, were modelled together by Cox "
        f"regression with {penalty} penalty [@coxnet], ties by Breslow's approximation [@breslow], in the patients who have "
        "every covariate.",
        f"The penalty was chosen by cross-validation of the partial likelihood [@cross-validation] in {folds} folds, drawn by "
        f"{drawn}: the one of the smallest deviance, and the largest within one standard error of it.",
        "Coefficients are shrunk and have no p; the choice of covariates is exploratory until it is confirmed in other patients.",
    ]


def stepwise(parameters: Parameters, output: Output) -> list[str]:
    moves = {"both": "added and dropped", "backward": "dropped", "forward": "added"}[output["direction"]]
    first = "all covariates" if output["start"] == "full" else "no covariate"
    criterion = {"aic": "Akaike's information criterion [@aic]", "bic": "the Bayesian information criterion [@bic]"}
    said = [
        f"Covariates of a Cox regression [@cox], ties by {_TIES[output['ties']]}, were {moves} one at a time, starting from "
        f"{first}, as long as {criterion[output['criterion']]} fell, in the patients who have every covariate.",
        "Intervals and p of the model do not allow for the selection, which is exploratory until it is confirmed in other "
        "patients.",
    ]
    if output["criterion"] == "bic":
        said.insert(1, "The penalty of a coefficient is the logarithm of the number of events [@volinsky].")
    return said


def nomogram(parameters: Parameters, output: Output) -> list[str]:
    times = ", ".join(f"{float(at):g}" for at in parameters["times"])
    return [
        f"A Cox regression [@cox], ties by {_TIES[output['ties']]}, in the patients who have every covariate, was drawn as a "
        "nomogram [@nomogram]: points are its coefficients in proportion, 100 for the longest axis; survival at "
        f"{times} {output['time_unit']} follows from the baseline hazard of the model."
    ]


def calibration(parameters: Parameters, output: Output) -> list[str]:
    return [
        f"A Cox regression [@cox], ties by {_TIES[output['ties']]}, in the patients who have every covariate, was set against "
        f"Kaplan–Meier's survival [@kaplan-meier] at {output['horizon']:g} {output['time_unit']} in groups of about "
        f"{output['per_group']} patients by their prediction.",
        "This, the concordance and the other indexes were corrected for optimism by "
        f"{output['resamples']} bootstrap resamples, in each of which the model was fitted anew [@harrell]; seed "
        f"{output['seed']}. The choice of the covariates was not repeated in them.",
    ]


def pipeline(parameters: Parameters, output: Output) -> list[str]:
    by, threshold = parameters.get("by", "p"), parameters.get("threshold", 0.05)
    folds, penalty = parameters.get("folds", 10), parameters.get("penalty", "min")
    return [
        f"Of {len(parameters['covariates'])} candidates those with {by} < {threshold:g} in a Cox regression [@cox] of their own "
        f"went into a Cox regression with a lasso penalty [@coxnet], chosen by cross-validation [@cross-validation] in {folds} "
        f"folds (lambda.{penalty}, seed {output['seed']}); what it left was chosen stepwise by Akaike's criterion [@aic].",
        "The score is the linear predictor of that model; high means above its median. It was judged by Kaplan–Meier curves "
        "[@kaplan-meier], time-dependent ROC curves [@blanche], beside clinical features by Cox regression, and as a nomogram "
        "[@nomogram] with calibration [@harrell] and decision curves [@decision].",
        "All of this was done in the same patients; the bootstrap does not repeat the choice of the candidates.",
    ]
