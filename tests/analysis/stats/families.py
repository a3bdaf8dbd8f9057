"""Every family of the statistics as one call on the same patients, which gives its numbers in one row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.stats.aalen_johansen import state_probabilities
from analysis.stats.brier import brier_score, index_of_prediction_accuracy, null_risk
from analysis.stats.competing import cumulative_incidence, gray_test
from analysis.stats.concordance import concordance
from analysis.stats.contingency import chi_square_test, mcnemar
from analysis.stats.correlation import kendall, pearson, spearman
from analysis.stats.cox import cox
from analysis.stats.cox_baseline import baseline_hazard, predict_survival
from analysis.stats.cox_ph import ph_test
from analysis.stats.cox_residuals import deviance, martingale
from analysis.stats.decision import decision_curve, survival_decision_curve
from analysis.stats.fine_gray import fine_gray
from analysis.stats.fisher import fisher_exact
from analysis.stats.fleiss import fleiss_kappa
from analysis.stats.follow_up import reverse_kaplan_meier
from analysis.stats.group_test import compare_pairs, compare_samples
from analysis.stats.icc import icc
from analysis.stats.kappa import cohen_kappa, cross_table
from analysis.stats.kolmogorov import kolmogorov_smirnov
from analysis.stats.logistic import logistic
from analysis.stats.logrank import logrank, logrank_pairwise, logrank_trend
from analysis.stats.many_groups import anova, kruskal_wallis, welch_anova
from analysis.stats.maxstat import maximally_selected
from analysis.stats.normality import anderson_darling, lilliefors, shapiro_wilk
from analysis.stats.rank_tests import hodges_lehmann, mann_whitney, signed_rank
from analysis.stats.roc import delong_test, roc, youden
from analysis.stats.spread import bartlett, fligner_killeen, levene, variance_ratio
from analysis.stats.survival import kaplan_meier
from analysis.stats.t_tests import paired_t_test, t_test
from analysis.stats.time_roc import time_roc
from analysis.stats.truncated_concordance import truncated_concordance

Column = NDArray[Any]
LEVELS = [-2.0, -1.0, 0.0, 1.0, 2.0]


@dataclass(frozen=True, eq=False)
class Patients:
    """Follow-up with its cause (2 competes), a group, and two readings ``x`` and ``z`` between -2 and 2.

    ``at`` is a horizon in the unit of the time.
    """

    time: Column
    code: Column
    group: Column
    x: Column
    z: Column
    at: float = 3.0

    @property
    def event(self) -> Column:
        """1 where the cause of interest ended the follow-up; what is no number stays so."""
        return np.where(np.isfinite(self.code), self.code == 1, self.code)

    @property
    def risk(self) -> Column:
        """The reading as a probability."""
        return (self.x + 2) / 4


def _curve(a: Patients) -> list[float]:
    km = kaplan_meier(a.time, a.event)
    median = km.median()
    at, mean = km.at([a.at])[0], km.rmst(a.at)
    told = [median.value, median.low, median.high]
    shares = [value for value in told if value is not None]
    # Of times only their share of the horizon is kept, so that the unit falls out.
    return [
        *km.survival,
        at.survival,
        at.low,
        at.high,
        mean.mean / a.at,
        mean.std_err / a.at,
        *(s / a.at for s in shares),
    ]


def _model(a: Patients) -> list[float]:
    fit = cox(a.time, a.event, a.x, names=["x"])
    exact = cox(a.time, a.event, a.x, names=["x"], ties="exact")
    numbers = [fit.coef[0], fit.se[0], fit.tests.lr.p, fit.loglik[1], fit.concordance.c, exact.coef[0]]
    numbers += [np.sort(martingale(fit)).sum(), (deviance(fit) ** 2).sum()]
    predicted = predict_survival(fit, [0.0], [a.at])
    return [*numbers, baseline_hazard(fit)[0].at_means[-1], predicted.survival[0], predicted.low[0]]


def _area(a: Patients) -> list[float]:
    one, other = roc(a.event, a.x), roc(a.event, a.z)
    best, test = youden(one), delong_test(one, other, paired=True)
    return [one.auc, one.low, one.high, best.threshold, best.sensitivity, test.statistic, test.p]


def _error(a: Patients) -> list[float]:
    score = brier_score(a.time, a.event, a.risk, a.at)
    null = brier_score(a.time, a.event, null_risk(a.time, a.event, a.at), a.at)
    return [score.value, score.se, index_of_prediction_accuracy(score, null)]


def _kappas(a: Patients) -> list[float]:
    table = cross_table(a.x, a.z, LEVELS)
    found = [cohen_kappa(table, weights=weights) for weights in ("unweighted", "linear", "quadratic")]
    return [number for kappa in found for number in (kappa.value, kappa.se, kappa.p)]


def _icc(a: Patients) -> list[float]:
    return [number for form in icc(np.column_stack([a.x, a.z])).forms for number in (form.value, form.low, form.p)]


def _fine_gray(a: Patients) -> list[float]:
    fit = fine_gray(a.time, a.code, a.x, names=["x"])
    return [fit.coef[0], fit.se[0], fit.p[0], fit.loglik[1]]


def _best_cutoff(a: Patients) -> list[float]:
    found = maximally_selected(a.time, a.event, a.x)
    return [found.cutoff, found.statistic, found.p_lausen92, found.p_lausen94]


def _incidence(a: Patients) -> list[float]:
    estimate, variance = cumulative_incidence(a.time, a.code).at([a.at])
    states = state_probabilities(a.time, a.code, [a.at])
    return [*estimate, *variance, *states.probability[0], *states.std_err[0]]


def _later_area(a: Patients) -> list[float]:
    found = time_roc(a.time, a.event, a.x, a.at, competing=a.code == 2)
    return [found.auc, found.se, found.auc_event_free]


def _logistic(a: Patients) -> list[float]:
    fit = logistic(a.event, a.x, names=["x"])
    return [*fit.coef, *fit.se, fit.loglik[1]]


def _pairs(a: Patients) -> list[float]:
    return [pair.p_adjusted for pair in logrank_pairwise(a.time, a.event, a.group)]


def _two_groups(a: Patients) -> tuple[Column, Column]:
    return a.x, a.z


FOLLOWED = ("time", "code")
BOTH = ("x", "z")
# Family: its call and the columns that it reads.
FAMILIES: dict[str, tuple[Callable[[Patients], list[float]], tuple[str, ...]]] = {
    "Kaplan-Meier": (_curve, FOLLOWED),
    "follow-up": (lambda a: [*reverse_kaplan_meier(a.time, a.event).survival], FOLLOWED),
    "log-rank": (lambda a: [(t := logrank(a.time, a.event, a.group)).chi2, t.p, *t.expected], FOLLOWED),
    "trend": (lambda a: [logrank_trend(a.time, a.event, a.group).p], FOLLOWED),
    "pairs of curves": (_pairs, FOLLOWED),
    "Cox": (_model, (*FOLLOWED, "x")),
    "proportional hazards": (
        lambda a: [row.test.p for row in ph_test(cox(a.time, a.event, a.x, names=["x"]))],
        (*FOLLOWED, "x"),
    ),
    "concordance": (lambda a: [(c := concordance(a.time, a.event, a.x)).c, c.se], (*FOLLOWED, "x")),
    "truncated concordance": (lambda a: [truncated_concordance(a.time, a.event, a.risk, a.at).c], (*FOLLOWED, "x")),
    "time-dependent ROC": (_later_area, (*FOLLOWED, "x")),
    "Brier": (_error, (*FOLLOWED, "x")),
    "decision": (lambda a: [*decision_curve(a.event, a.risk, [0.2, 0.6]).net_benefit], ("code", "x")),
    "decision by a horizon": (
        lambda a: [*survival_decision_curve(a.time, a.event, a.risk, a.at, [0.2, 0.6]).net_benefit],
        (*FOLLOWED, "x"),
    ),
    "best cutoff": (_best_cutoff, (*FOLLOWED, "x")),
    "incidence": (_incidence, FOLLOWED),
    "Gray": (lambda a: [(t := gray_test(a.time, a.code, a.group)).chi2, t.p], FOLLOWED),
    "Fine-Gray": (_fine_gray, (*FOLLOWED, "x")),
    "ROC": (_area, ("code", "x")),
    "logistic": (_logistic, ("code", "x")),
    "kappa": (_kappas, BOTH),
    "Fleiss": (lambda a: [(k := fleiss_kappa(np.column_stack([a.x, a.z, a.x]))).value, k.se, k.p], BOTH),
    "ICC": (_icc, BOTH),
    "t": (lambda a: [(t := t_test(*_two_groups(a))).statistic, t.p, t.low], BOTH),
    "paired t": (lambda a: [(t := paired_t_test(*_two_groups(a))).statistic, t.p], BOTH),
    "Mann-Whitney": (lambda a: [(t := mann_whitney(*_two_groups(a))).statistic, t.p], BOTH),
    "signed ranks": (lambda a: [(t := signed_rank(*_two_groups(a))).statistic, t.p], BOTH),
    "shift": (lambda a: [(s := hodges_lehmann(*_two_groups(a))).value, s.low, s.high], BOTH),
    "means": (lambda a: [(t := anova(_two_groups(a))).f, t.p], BOTH),
    "means, unequal spread": (lambda a: [(t := welch_anova(_two_groups(a))).f, t.p], BOTH),
    "Kruskal-Wallis": (lambda a: [(t := kruskal_wallis(_two_groups(a))).statistic, t.p], BOTH),
    "chosen test": (lambda a: [compare_samples(*_two_groups(a)).p, compare_pairs(*_two_groups(a)).p], BOTH),
    "spread": (
        lambda a: [levene(_two_groups(a)).p, bartlett(_two_groups(a)).p, variance_ratio(*_two_groups(a)).p],
        BOTH,
    ),
    "spread by ranks": (lambda a: [fligner_killeen(_two_groups(a)).p], BOTH),
    "distribution": (lambda a: [kolmogorov_smirnov(*_two_groups(a)).p], BOTH),
    "normality": (lambda a: [shapiro_wilk(a.x).p, lilliefors(a.x).p, anderson_darling(a.x).p], ("x",)),
    "Pearson": (lambda a: [(r := pearson(a.x, a.z)).value, r.p], BOTH),
    "Spearman": (lambda a: [(r := spearman(a.x, a.z)).value, r.p], BOTH),
    "Kendall": (lambda a: [(r := kendall(a.x, a.z)).value, r.p], BOTH),
    "chi-square": (lambda a: [chi_square_test(cross_table(a.x > 0, a.z > 0, [0, 1])).p], ()),
    "McNemar": (lambda a: [mcnemar(cross_table(a.x > 0, a.z > 0, [0, 1])).p], ()),
    "Fisher": (lambda a: [(t := fisher_exact(cross_table(a.x > 0, a.z > 0, [0, 1]))).p, t.odds_ratio or 0.0], ()),
}
