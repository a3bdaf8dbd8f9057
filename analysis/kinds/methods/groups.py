"""What a paper says of the comparison of groups and of correlations."""

from analysis.kinds.base import Output
from analysis.kinds.methods.survival_time import Parameters

_RULE = (
    "Two groups whose values look normal (Shapiro–Wilk [@shapiro]) and vary alike (Levene about the medians [@levene]) were "
    "compared by Student's t test, else by the Mann–Whitney test [@mann-whitney]; more than two groups by the analysis of "
    "variance, else by the Kruskal–Wallis test [@kruskal]."
)


def compare(parameters: Parameters, output: Output) -> list[str]:
    asked = output.get("test", "auto")
    said = [_RULE if asked == "auto" else f"The test asked for was {asked}."]
    used = sorted({row["test"] for row in output["rows"] if row.get("test")})
    if used:
        said.append(f"By that rule the tests used were: {'; '.join(used)}.")
    if len(output["rows"]) > 1:
        said.append("Several values have a p adjusted after Benjamini and Hochberg, which decides [@bh].")
    return said


def table1(parameters: Parameters, output: Output) -> list[str]:
    return [
        f"{_RULE} Categories were compared by chi-square (with Yates' correction on 2 × 2), by Fisher's exact test where expected "
        "counts are small.",
        "Standardised differences [@smd] are given whatever the p; shares are of the patients with a known value.",
    ]


def correlate(parameters: Parameters, output: Output) -> list[str]:
    method = {"spearman": "Spearman's rho", "pearson": "Pearson's r", "kendall": "Kendall's tau"}[output["method"]]
    adjusted = {"bh": " after Benjamini and Hochberg [@bh]", "holm": " after Holm [@holm]"}.get(output["adjust"])
    interval = (
        "with Fisher's intervals"
        if output["method"] == "pearson"
        else "with the intervals of Bonett and Wright [@bonett]"
    )
    said = f"Pairs of variables were correlated by {method}, {interval}"
    return [f"{said}; p values were adjusted{adjusted}." if adjusted else f"{said}."]
