"""Kind ``maxstat``: the best cut of a marker, with all candidates."""

from typing import Any

from analysis.stats.logrank import logrank
from analysis.stats.maxstat import logrank_scores, maximally_selected
from tests.parity.recipes import Analysis

KEYS = frozenset({"time", "event", "marker", "minprop"})


def compute(analysis: Analysis) -> dict[str, Any]:
    """One marker."""
    recipe = analysis.recipe
    complete = analysis.complete(recipe["time"], recipe["event"], recipe["marker"])
    time, event, marker = (complete.numbers(key) for key in ("time", "event", "marker"))
    found = maximally_selected(time, event, marker, minprop=recipe["minprop"])
    best = {"statistic": found.statistic, "cutpoint": found.cutoff}
    return {
        "n": found.n,
        "events": found.events,
        "Lau92": {**best, "p": found.p_lausen92},
        "Lau94": {**best, "p": found.p_lausen94},
        "cuts": found.cuts,
        "stats": found.statistics,
        "surv_cutpoint": best,
        "surv_categorize_n_high": found.n_high,
        "n_gt_cut": int((marker > found.cutoff).sum()),
        "logrank_at_cut": logrank(time, event, marker > found.cutoff).chi2,
        "logrank_scores_all": logrank_scores(time, event),
    }
