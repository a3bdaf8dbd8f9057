"""What a paper says of the methods for markers, cutoffs and readers."""

from analysis.kinds.base import Output
from analysis.kinds.methods.survival_time import Parameters


def roc(parameters: Parameters, output: Output) -> list[str]:
    ways = {
        "<": "Cases were expected to have the higher values.",
        ">": "Cases were expected to have the lower values.",
    }
    asked = parameters.get("direction", "auto")
    said = [
        "Markers were set against the outcome by ROC curves; areas have DeLong's "
        "intervals [@delong], sensitivity, specificity and predictive values Wilson's [@wilson].",
        f"The outcome is {output['outcome']}; cases are {output['case']}s"
        + (f" ({output['definition']})." if output.get("definition") else "."),
        ways.get(asked, "The direction of each curve follows the medians of cases and controls."),
        "The cutoff of the largest Youden index [@youden] is exploratory; registered and published cutoffs are given beside "
        "it where they are declared.",
    ]
    if output.get("comparisons"):
        said.append(
            "Areas of the same patients were compared by DeLong's paired test [@delong], corrected after Holm [@holm]."
        )
    return said


def cutpoint(parameters: Parameters, output: Output) -> list[str]:
    bootstrap = output.get("bootstrap") or {}
    seed = bootstrap.get("seed", parameters.get("seed", 1))
    resamples = bootstrap.get("resamples", parameters.get("resamples", 1000))
    drawn = (
        f"The choice was repeated in {resamples} bootstrap resamples of the patients (seed {seed}); the percentile interval "
        "of their cutoffs is given [@bootstrap]."
    )
    if output.get("endpoint"):
        chosen = (
            f"The cutoff of {output['label']} for {output['endpoint']} is that of the largest standardised log-rank statistic "
            f"[@maxstat] among those that leave at least {output['minprop']:.0%} of the patients on either side; its p is "
            "corrected for having looked at all of them [@lausen]."
        )
    else:
        chosen = (
            f"The cutoff of {output['label']} is that of the largest Youden index [@youden]; its p comes from the distribution "
            "of the largest index in either direction [@smirnov]."
        )
    return [chosen, drawn, "A cutoff chosen in this way is exploratory until it is confirmed in other patients."]


def decision(parameters: Parameters, output: Output) -> list[str]:
    return [
        "Net benefit was computed over the threshold probabilities and set against treating everybody and nobody "
        "[@decision]; risks fitted to the same patients are optimistic."
    ]


def agreement(parameters: Parameters, output: Output) -> list[str]:
    if output.get("scale") == "numbers":
        return ["Agreement of the raters on numbers is given as intraclass correlations with 95% intervals [@icc]."]
    weights = {"none": "unweighted", "linear": "linearly weighted", "quadratic": "quadratically weighted"}
    weighted = weights.get(output.get("weights", "none"), str(output.get("weights")))
    return [
        f"Agreement of pairs of raters is Cohen's kappa, {weighted} [@cohen]; of more than two raters Fleiss' kappa [@fleiss]; "
        "of numbers the intraclass correlations [@icc]."
    ]


def wet_lab(parameters: Parameters, output: Output) -> list[str]:
    return [
        "Markers were compared between tumour and adjacent normal tissue of the same patient, method by method: IHC by "
        "differences, ratios and fold changes by their logarithms; by the paired t test where ten or more differences look "
        "normal (Shapiro–Wilk [@shapiro]), else by Wilcoxon's signed-rank test [@wilcoxon].",
        "The share of patients in whom the methods point the same way has Wilson's interval [@wilson]; changes by two methods "
        "were correlated after Spearman.",
    ]
