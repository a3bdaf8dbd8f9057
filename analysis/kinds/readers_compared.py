"""What the statistics of agreement say about complete reads, as the parts of a result."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from analysis.stats.agreement import MIN_SUBJECTS, Agreement, PairAgreement, agreement_of
from analysis.stats.bland_altman import BlandAltman
from analysis.stats.correlation import spearman
from analysis.stats.errors import StatsInputError
from analysis.stats.icc import icc
from analysis.stats.kappa import Kappa
from analysis.stats.normality import shapiro_wilk

ICC_FORMS = {
    "ICC1": "other raters for each subject, one rating",
    "ICC2": "raters drawn from many, one rating",
    "ICC3": "just these raters, one rating",
    "ICC1k": "other raters for each subject, the mean of their ratings",
    "ICC2k": "raters drawn from many, the mean of their ratings",
    "ICC3k": "just these raters, the mean of their ratings",
}
# How a weight is called here, and where PairAgreement has that kappa.
WEIGHTS = {"none": "kappa", "linear": "linear", "quadratic": "quadratic"}
# Wider limits as the reads grow, and differences that are not normal, are said from here on.
CHECK_ALPHA = 0.05

Part = dict[str, Any]


def of_categories(places: list[list[float]], levels: Sequence[str], names: Sequence[str], weights: str) -> Part:
    """Kappa of every pair, and Fleiss' kappa of more than two raters. Reads are places among the levels, from 0."""
    found = agreement_of(places, range(len(levels)), readers=names)
    pairs = [_pair_of_categories(pair, weights) for pair in found.pairs]
    alone = pairs[0] if len(pairs) == 1 else None
    return {
        "kappa": alone["kappa"] if alone else None,
        "fleiss": _fleiss(found, levels),
        "pairs": pairs,
        "refused": _without("kappa", alone["refused"] if alone else found.refused("fleiss")),
    }


def _without(what: str, why: str | None) -> str | None:
    return f"No {what}: {why}" if why else None


def _pair_of_categories(pair: PairAgreement, weights: str) -> Part:
    wanted = WEIGHTS[weights]
    kappa: Kappa | None = getattr(pair, wanted)
    return {
        "a": pair.a,
        "b": pair.b,
        "n": pair.n,
        "exact": asdict(pair.exact),
        "within_one": asdict(pair.within_one) if pair.within_one else None,
        "matrix": [list(row) for row in pair.matrix or ()],
        "kappa": asdict(kappa) | {"weights": weights, "test": "z of kappa under chance"} if kappa else None,
        "refused": pair.refused(wanted),
    }


def _fleiss(found: Agreement, levels: Sequence[str]) -> Part | None:
    if found.fleiss is None:
        return None
    described = asdict(found.fleiss)
    return described | {
        "test": "z of Fleiss' kappa under chance",
        "categories": [row | {"level": levels[int(row["level"])]} for row in described["categories"]],
    }


def of_numbers(reads: list[list[float]], names: Sequence[str]) -> Part:
    """Bias and limits of agreement of every pair, as differences and, where no read is 0 or less, as ratios."""
    found = agreement_of(reads, None, readers=names)
    pairs = [_pair_of_numbers(pair) for pair in found.pairs]
    warnings = [warning for pair in pairs for warning in _doubts(pair)]
    refused = _without("limits of agreement", pairs[0]["refused"]) if all(pair["refused"] for pair in pairs) else None
    return {"kappa": None, "fleiss": None, "pairs": pairs, "refused": refused, "warnings": warnings}


def _pair_of_numbers(pair: PairAgreement) -> Part:
    differences, ratios = pair.differences, pair.ratios
    return {
        "a": pair.a,
        "b": pair.b,
        "n": pair.n,
        "exact": asdict(pair.exact),
        "differences": asdict(differences) | {"checks": _checks(differences)} if differences else None,
        "ratios": {key: value for key, value in asdict(ratios).items() if key != "points"} if ratios else None,
        "kappa": None,
        "refused": pair.refused("differences"),
    }


def _checks(found: BlandAltman) -> Part:
    """Of what the limits suppose: normal differences, as wide for small reads as for large ones."""
    means, differences = [mean for mean, _difference in found.points], [gap for _mean, gap in found.points]
    checks: Part = {"normality": None, "spread": None}
    try:
        normal = shapiro_wilk(differences)
        checks["normality"] = {"test": "Shapiro-Wilk", "statistic": normal.statistic, "p": normal.p}
        grown = spearman(means, [abs(gap - found.bias.value) for gap in differences])
        checks["spread"] = {"test": "Spearman, distance from the bias by mean", "rho": grown.value, "p": grown.p}
    except StatsInputError:
        # Equal differences: nothing is spread, and the limits are exact.
        pass
    return checks


def _doubts(pair: Part) -> list[str]:
    if pair["differences"] is None:
        return []
    checks, who = pair["differences"]["checks"], f"{pair['a']} less {pair['b']}"
    found = []
    if checks["normality"] and checks["normality"]["p"] < CHECK_ALPHA:
        found.append(f"{who}: the differences are not normal, so the limits of agreement are approximate.")
    if checks["spread"] and checks["spread"]["p"] < CHECK_ALPHA and checks["spread"]["rho"] > 0:
        found.append(f"{who}: the differences grow with the reads; limits as ratios may describe them better.")
    return found


def of_correlations(reads: list[list[float]]) -> tuple[list[Part], str | None]:
    """The six intraclass correlations, or none and why. The limits hold for any number of subjects; p is held back."""
    try:
        table = icc(reads)
    except StatsInputError as error:
        return [], f"No intraclass correlation: {error}"
    few = table.n_subjects < MIN_SUBJECTS
    return [
        asdict(form) | {"p": None if few else form.p, "means": ICC_FORMS[form.name], "test": "F"}
        for form in table.forms
    ], None
