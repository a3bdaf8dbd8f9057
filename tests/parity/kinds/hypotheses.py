"""Kind ``tests``: two samples, pairs, tables, correlations, many groups, adjusted p-values, summaries."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.stats.contingency import chi_square_test, mcnemar, odds_ratio
from analysis.stats.correlation import Correlation, kendall, pearson, spearman
from analysis.stats.fisher import FisherTest, fisher_exact
from analysis.stats.kolmogorov import kolmogorov_smirnov
from analysis.stats.many_groups import anova, kruskal_wallis, pairwise_mann_whitney, tukey, welch_anova
from analysis.stats.multiplicity import METHODS, adjust
from analysis.stats.normality import anderson_darling, lilliefors, shapiro_wilk
from analysis.stats.rank_tests import RankTest, hodges_lehmann, mann_whitney, signed_rank
from analysis.stats.spread import bartlett, fligner_killeen, levene, variance_ratio
from analysis.stats.t_tests import TTest, paired_t_test, t_test
from tests.parity.places import look_up, split
from tests.parity.r_root import r_location
from tests.parity.recipes import Analysis
from tests.parity.rules import number
from tests.parity.tables import as_labels, missing, sorted_levels

KEYS = frozenset({"test", "x", "y", "pair", "pairs", "value", "group", "p"})
Values = NDArray[np.float64]


def compute(analysis: Analysis) -> dict[str, Any]:
    """What the recipe's ``test`` names."""
    return TESTS[analysis.recipe["test"]](analysis)


def _sample(analysis: Analysis, key: str) -> Values:
    """Values of x or y, which may have rows of their own, without blanks."""
    part = analysis.recipe[key]
    kept = analysis.where(part["rows"]) if "rows" in part else analysis
    column = kept.column(part["value"])
    return column[~missing(column)]


def _two_sample(analysis: Analysis) -> dict[str, Any]:
    x, y = _sample(analysis, "x"), _sample(analysis, "y")
    tied = len(np.unique(np.concatenate((x, y)))) < len(x) + len(y)
    return {
        "n": [len(x), len(y)],
        "mean": [x.mean(), y.mean()],
        "sd": [x.std(ddof=1), y.std(ddof=1)],
        "median": [np.median(x), np.median(y)],
        "quantile_type7_25_75": [np.quantile(x, [0.25, 0.75]).tolist(), np.quantile(y, [0.25, 0.75]).tolist()],
        "t_welch": lambda: _t(t_test(x, y), x, y),
        "t_equal_var": lambda: _t(t_test(x, y, equal_var=True), x, y),
        "t_less": lambda: _t(t_test(x, y, alternative="less"), x, y),
        "wilcox_normal_correct": lambda: _rank(mann_whitney(x, y, method="normal")) | _shift(x, y),
        "wilcox_normal_nocorrect": lambda: _rank(mann_whitney(x, y, method="normal", correct=False)),
        "wilcox_default": lambda: _rank(mann_whitney(x, y)),
        "wilcox_exact_if_no_ties": lambda: _rank(mann_whitney(x, y, method="exact")),
        "has_ties": tied,
        "var_test": lambda: _variances(x, y),
        "shapiro_x": lambda: _plain(shapiro_wilk(x)),
        "shapiro_y": lambda: _plain(shapiro_wilk(y)),
        "ks_two_sample": lambda: _plain(kolmogorov_smirnov(x, y)),
        **_spread([x, y]),
        "lillie_x": lambda: _plain(lilliefors(x)),
        "ad_x": lambda: _plain(anderson_darling(x)),
    }


def _plain(test: Any) -> dict[str, Any]:
    return {"statistic": test.statistic, "p_value": test.p}


def _t(test: TTest, x: Values, y: Values) -> dict[str, Any]:
    return {
        "statistic": test.statistic,
        "parameter": {"df": test.df},
        "p_value": test.p,
        "estimate": {"mean of x": x.mean(), "mean of y": y.mean()},
        "conf_int": [test.low, test.high],
    }


def _rank(test: RankTest) -> dict[str, Any]:
    return {"statistic": test.statistic, "p_value": test.p}


def _shift(x: Values, y: Values) -> dict[str, Any]:
    found = hodges_lehmann(x, y)
    return {"estimate": {"difference in location": r_location(x, y)}, "conf_int": [found.low, found.high]}


def _variances(x: Values, y: Values) -> dict[str, Any]:
    test = variance_ratio(x, y)
    return {
        "statistic": test.ratio,
        "parameter": {"num df": test.df1, "denom df": test.df2},
        "p_value": test.p,
        "estimate": {"ratio of variances": test.ratio},
        "conf_int": [test.low, test.high],
    }


def _spread(groups: list[Values]) -> dict[str, Any]:
    def by(center: str) -> dict[str, Any]:
        test = levene(groups, center=center)
        return {"F": test.f, "df1": test.df1, "df2": test.df2, "p": test.p}

    def chi_square(function: Callable[..., Any]) -> dict[str, Any]:
        test = function(groups)
        return {**_plain(test), "parameter": {"df": test.df}}

    return {
        "levene_median": lambda: by("median"),
        "levene_mean": lambda: by("mean"),
        "bartlett": lambda: chi_square(bartlett),
        "fligner": lambda: chi_square(fligner_killeen),
    }


def _paired(analysis: Analysis) -> dict[str, Any]:
    columns = [analysis.recipe[key]["value"] for key in ("x", "y")]
    x, y = (analysis.complete(*columns).column(column) for column in columns)
    difference = x - y
    size = np.abs(difference[difference != 0])
    test = paired_t_test(x, y)
    return {
        "t_paired": {
            "statistic": test.statistic,
            "parameter": {"df": test.df},
            "p_value": test.p,
            "estimate": {"mean difference": test.difference},
            "conf_int": [test.low, test.high],
        },
        "wilcox_paired_default": _rank(signed_rank(x, y)),
        "wilcox_paired_normal_correct": _rank(signed_rank(x, y, method="normal")),
        "wilcox_paired_normal_nocorrect": _rank(signed_rank(x, y, method="normal", correct=False)),
        "wilcox_paired_exact": lambda: _rank(signed_rank(x, y, method="exact")),
        "n_zero_diffs": int((difference == 0).sum()),
        "n_tied_absdiffs": len(size) - len(np.unique(size)),
    }


def _table(analysis: Analysis) -> dict[str, Any]:
    complete = analysis.complete(*analysis.recipe["pair"])
    columns = [complete.column(name) for name in analysis.recipe["pair"]]
    rows, cols = (sorted_levels(column) for column in columns)
    a, b = (as_labels(column) for column in columns)
    counts = np.array([[int(((a == row) & (b == col)).sum()) for col in cols] for row in rows])
    yates = chi_square_test(counts)
    return {
        "rows": rows,
        "cols": cols,
        "counts": counts,
        "chisq_default": {**_chi_square(yates), "expected": yates.expected},
        "chisq_no_yates": _chi_square(chi_square_test(counts, yates=False)),
        "fisher": lambda: _fisher(fisher_exact(counts)),
        "fisher_greater": lambda: _fisher(fisher_exact(counts, alternative="greater")),
        "mcnemar": lambda: _chi_square(mcnemar(counts)),
        "odds_ratio_sample": lambda: odds_ratio(counts),
    }


def _chi_square(test: Any) -> dict[str, Any]:
    return {"statistic": test.chi2, "parameter": {"df": test.df}, "p_value": test.p}


def _fisher(test: FisherTest) -> dict[str, Any]:
    return {"p_value": test.p, "estimate": {"odds ratio": test.odds_ratio}, "conf_int": [test.low, test.high]}


def _correlation(analysis: Analysis) -> dict[str, Any]:
    complete = analysis.complete(*analysis.recipe["pair"])
    x, y = (complete.column(name) for name in analysis.recipe["pair"])
    linear = pearson(x, y)
    return {
        "n": len(x),
        "pearson": {
            **_coefficient(linear, "cor"),
            "parameter": {"df": linear.df},
            "conf_int": [linear.low, linear.high],
        },
        "spearman": lambda: _coefficient(spearman(x, y, exact=False), "rho"),
        "spearman_default": lambda: _coefficient(spearman(x, y), "rho"),
        "spearman_exactFALSE": lambda: _coefficient(spearman(x, y, exact=False), "rho"),
        "spearman_exactFALSE_continuity": lambda: _coefficient(spearman(x, y, exact=False, continuity=True), "rho"),
        "kendall": lambda: _coefficient(kendall(x, y, method="normal"), "tau"),
        "kendall_exact": lambda: _coefficient(kendall(x, y, method="exact"), "tau"),
    }


def _coefficient(test: Correlation, name: str) -> dict[str, Any]:
    return {"statistic": test.statistic, "p_value": test.p, "estimate": {name: test.value}}


def _many_groups(analysis: Analysis) -> dict[str, Any]:
    complete = analysis.complete(analysis.recipe["value"], analysis.recipe["group"])
    values, group = complete.column(analysis.recipe["value"]), complete.column(analysis.recipe["group"])
    levels = sorted_levels(group)
    groups = [values[as_labels(group) == level] for level in levels]
    one, welch, ranks = anova(groups), welch_anova(groups), kruskal_wallis(groups)
    return {
        "kruskal": {"statistic": ranks.statistic, "parameter": {"df": ranks.df}, "p_value": ranks.p},
        "anova": {"F": one.f, "df": [one.df1, one.df2], "p": one.p},
        "welch_anova": {
            "statistic": welch.f,
            "parameter": {"num df": welch.df1, "denom df": welch.df2},
            "p_value": welch.p,
        },
        **_spread(groups),
        "pairwise_wilcox_BH": _pairwise(groups, levels, "BH"),
        "pairwise_wilcox_bonferroni": _pairwise(groups, levels, "bonferroni"),
        "tukey": lambda: _tukey(groups, levels),
    }


def _pairwise(groups: list[Values], levels: list[str], method: str) -> dict[str, Any]:
    found = pairwise_mann_whitney(groups, method=method)
    k = len(levels)
    values = [[found.get((column, row)) for column in range(k - 1)] for row in range(1, k)]
    return {"rows": levels[1:], "cols": levels[:-1], "values": values}


def _tukey(groups: list[Values], levels: list[str]) -> dict[str, Any]:
    pairs = tukey(groups)
    return {
        "rows": [f"{levels[pair.b]}-{levels[pair.a]}" for pair in pairs],
        "cols": ["diff", "lwr", "upr", "p adj"],
        "values": [[pair.difference, pair.low, pair.high, pair.p] for pair in pairs],
    }


def _padjust(analysis: Analysis) -> dict[str, Any]:
    """The p-values stand in the document, at the place that the recipe gives from its top."""
    p = [number(value) for value in look_up(analysis.document, split(analysis.recipe["p"]))]
    return {"adjusted": {method: adjust(p, method) for method in METHODS}}


def _summary(analysis: Analysis) -> dict[str, Any]:
    column = analysis.column(analysis.recipe["value"])
    known = column[~missing(column)]
    quantiles = {f"{q}%": float(np.quantile(known, q / 100)) for q in (25, 50, 75)}
    return {"n": len(known), "mean": known.mean(), "sd": known.std(ddof=1), **quantiles}


TESTS: dict[str, Callable[[Analysis], dict[str, Any]]] = {
    "two_sample": _two_sample,
    "paired": _paired,
    "table": _table,
    "correlation": _correlation,
    "many_groups": _many_groups,
    "padjust": _padjust,
    "summary": _summary,
}
