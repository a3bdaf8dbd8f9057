"""The best cutoff of a marker and what looking for it costs: for survival, and for an outcome of two values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from analysis.kinds.groups import MIN_EVENTS, MIN_PATIENTS, survival_by_group
from analysis.stats.arrays import BoolArray, FloatArray
from analysis.stats.cutoff_bootstrap import CutoffBootstrap, Draw, logrank_cutoffs, summarise, youden_cutoffs
from analysis.stats.errors import StatsInputError
from analysis.stats.fisher import fisher_p
from analysis.stats.kolmogorov import smirnov_tail
from analysis.stats.maxstat import MaximallySelected, corrected_p, maximally_selected
from analysis.stats.roc import Roc, operating_point, roc, youden
from analysis.stats.split_hazards import split_hazards

LOW, HIGH = "low", "high"
# Beyond it the exact distribution takes long and the asymptotic one is as good.
EXACT_BELOW = 250_000
# Share of the resamples without a cutoff from which on it is said.
UNSTABLE = 0.01
LOGRANK = {
    "method": "largest standardised log-rank statistic",
    "test": "log-rank scores, standardised, against the normal distribution",
    "correction": "improved Bonferroni bound of Lausen, Sauerbrei and Schumacher (1994)",
}
YOUDEN = {"method": "largest Youden index", "test": "Fisher's exact test, two-sided"}
NOTHING: dict[str, Any] = {
    "cutoff": None,
    "statistic": None,
    "p": None,
    "p_corrected": None,
    "n_low": None,
    "n_high": None,
    "bootstrap": None,
    "candidates": [],
    "warnings": [],
}


@dataclass(frozen=True)
class Search:
    """How cutoffs are looked for; the smallest share on either side is survival's, the direction an outcome's."""

    minprop: float = 0.1
    direction: str = "auto"
    resamples: int = 1000
    seed: int = 1


# Per resample the cutoff chosen in it; None where there is none.
Drawn = Sequence[float | None]


def survival_draws(
    time: Sequence[float], event: Sequence[bool], marker: Sequence[float], search: Search, draw: Draw
) -> FloatArray:
    return logrank_cutoffs(time, event, marker, draw, minprop=search.minprop)


def outcome_draws(outcome: Sequence[bool], marker: Sequence[float], search: Search, draw: Draw) -> FloatArray:
    truth, values = np.asarray(outcome, bool), np.asarray(marker, float)
    return youden_cutoffs(truth, values, roc(truth, values, direction=search.direction).direction, draw)


def for_survival(
    time: Sequence[float], event: Sequence[bool], marker: Sequence[float], search: Search, resampled: Drawn
) -> dict[str, Any]:
    times, happened, values = np.asarray(time, float), np.asarray(event, bool), np.asarray(marker, float)
    n, events = len(values), int(happened.sum())
    base = {"n": n, "events": events, "minprop": search.minprop, **LOGRANK}
    none = base | NOTHING | {"p_lausen92": None, "p_lausen94": None, "logrank": None, "hr": None, "ph": None}
    if n < 2 * MIN_PATIENTS or events < 2 * MIN_EVENTS:
        return none | {
            "refused": f"No cutoff: {n} patients and {events} events; two groups need at least {2 * MIN_PATIENTS} and "
            f"{2 * MIN_EVENTS}."
        }
    try:
        best = maximally_selected(times, happened, values, minprop=search.minprop)
        drawn = _summarised(resampled)
    except StatsInputError as error:
        return none | {"refused": f"No cutoff: {error}"}
    candidates = _logrank_candidates(times, happened, values, best)
    chosen = next(candidate for candidate in candidates if candidate["cutoff"] == best.cutoff)
    split = survival_by_group(time, event, [HIGH if value > best.cutoff else LOW for value in marker], [LOW, HIGH])
    warnings = [*split["warnings"], *_unstable(drawn)]
    if split["refused"]:
        warnings.insert(0, f"No uncorrected p and no hazard ratio at the best cutoff. {split['refused']}")
    return base | {
        "cutoff": best.cutoff,
        "statistic": best.statistic,
        "p": chosen["p"],
        "p_corrected": corrected_p(best, best.n - best.n_high),
        "p_lausen94": best.p_lausen94,
        "p_lausen92": best.p_lausen92,
        "n_low": chosen["n_low"],
        "n_high": chosen["n_high"],
        "logrank": split["logrank"],
        "hr": split["hr"],
        "ph": split["ph"],
        "bootstrap": _bootstrap(drawn, best.cutoff, search),
        "candidates": candidates,
        "warnings": warnings,
        "refused": None,
    }


def for_outcome(outcome: Sequence[bool], marker: Sequence[float], search: Search, resampled: Drawn) -> dict[str, Any]:
    truth, values = np.asarray(outcome, bool), np.asarray(marker, float)
    cases, controls = int(truth.sum()), int((~truth).sum())
    base = {"n": len(values), "n_cases": cases, "n_controls": controls, **YOUDEN}
    none = base | NOTHING | {"correction": None, "direction": None, "auc": None, "point": None}
    if min(cases, controls) < MIN_PATIENTS:
        return none | {
            "refused": f"No cutoff: {cases} cases and {controls} controls, fewer than {MIN_PATIENTS} of one."
        }
    curve = roc(truth, values, direction=search.direction)
    best = youden(curve)
    threshold, positive = best.threshold, best.tp + best.fp
    if not np.isfinite(threshold):
        return none | {"refused": f"No cutoff: none is better than chance where cases are {_side(curve)}."}
    # The threshold lies midway between two values; the lower one splits the patients alike and can be attained. Counted
    # rather than compared, as a midpoint may round to the upper one.
    n_low = positive if curve.direction == ">" else len(values) - positive
    cutoff = float(np.sort(values)[n_low - 1])
    point = operating_point(truth, values, cutoff, curve.direction)
    tail = smirnov_tail(max(point.youden, 0.0), values[truth], values[~truth], exact_below=EXACT_BELOW)
    try:
        drawn = _summarised(resampled)
    except StatsInputError as error:
        return none | {"refused": f"No cutoff: {error}"}
    candidates = _youden_candidates(truth, values, curve.direction)
    chosen = next(candidate for candidate in candidates if candidate["cutoff"] == cutoff)
    warnings = _unstable(drawn)
    if chosen["p"] is None:
        fewer = min(chosen["n_low"], chosen["n_high"])
        warnings.append(
            f"No uncorrected p at the best cutoff: one side has {fewer} patients, fewer than {MIN_PATIENTS}."
        )
    return base | {
        "correction": f"{tail.method} distribution of the largest Youden index in either direction (Smirnov)",
        "cutoff": cutoff,
        "threshold": threshold,
        "direction": curve.direction,
        "statistic": point.youden,
        "p": chosen["p"],
        # Fisher's p counts tables by probability, Smirnov's by distance: the larger of the two holds for both.
        "p_corrected": max(tail.p, chosen["p"] or 0.0),
        "n_low": chosen["n_low"],
        "n_high": chosen["n_high"],
        "auc": {"auc": curve.auc, "low": curve.low, "high": curve.high},
        "point": {
            name: {"value": share.value, "low": share.low, "high": share.high}
            for name, share in (
                ("sensitivity", point.sensitivity_ci),
                ("specificity", point.specificity_ci),
                ("ppv", point.ppv_ci),
                ("npv", point.npv_ci),
            )
        },
        "bootstrap": _bootstrap(drawn, cutoff, search),
        "candidates": candidates,
        "warnings": warnings,
        "refused": None,
    }


def _side(curve: Roc) -> str:
    return "higher" if curve.direction == "<" else "lower"


def _logrank_candidates(
    time: FloatArray, event: BoolArray, marker: FloatArray, best: MaximallySelected
) -> list[dict[str, Any]]:
    """Every cutoff that leaves enough patients on both sides; without p where a side has too few for a p of its own."""
    hazards = split_hazards(time, event, marker, best.cuts)
    died_low = np.searchsorted(np.sort(marker[event]), best.cuts, side="right")
    n_low, died_high = best.below, best.events - died_low
    is_few = (np.minimum(n_low, best.n - n_low) < MIN_PATIENTS) | (np.minimum(died_low, died_high) < MIN_EVENTS)
    p = np.where(is_few, np.nan, 2 * special.ndtr(-best.statistics))
    ratio = np.where(is_few, np.nan, hazards.hr)
    return [
        {
            "cutoff": float(best.cuts[i]),
            "statistic": float(best.statistics[i]),
            "p": _number(p[i]),
            "n_low": int(n_low[i]),
            "n_high": best.n - int(n_low[i]),
            "hr": _number(ratio[i]),
        }
        for i in range(len(best.cuts))
    ]


def _unstable(drawn: CutoffBootstrap) -> list[str]:
    without = 1 - len(drawn.cutoffs) / drawn.resamples
    if without < UNSTABLE:
        return []
    return [f"In {without:.0%} of the resamples there is no cutoff; the bootstrap interval is that of the others."]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _youden_candidates(truth: BoolArray, values: FloatArray, direction: str) -> list[dict[str, Any]]:
    """Every value but the largest, above which nobody is."""
    cuts = np.unique(values)[:-1]
    n, cases = len(values), int(truth.sum())
    below = np.searchsorted(np.sort(values), cuts, side="right")
    cases_below = np.searchsorted(np.sort(values[truth]), cuts, side="right")
    found = []
    for cut, low, cases_low in zip(cuts.tolist(), below.tolist(), cases_below.tolist(), strict=True):
        controls_low = low - cases_low
        index = controls_low / (n - cases) - cases_low / cases
        table = [[cases_low, controls_low], [cases - cases_low, n - cases - controls_low]]
        found.append(
            {
                "cutoff": cut,
                "statistic": index if direction == "<" else -index,
                "p": fisher_p(table) if min(low, n - low) >= MIN_PATIENTS else None,
                "n_low": low,
                "n_high": n - low,
            }
        )
    return found


def _summarised(resampled: Drawn) -> CutoffBootstrap:
    return summarise([np.nan if cutoff is None else cutoff for cutoff in resampled])


def _bootstrap(drawn: CutoffBootstrap, cutoff: float, search: Search) -> dict[str, Any]:
    return {
        "low": drawn.low,
        "high": drawn.high,
        "conf_level": drawn.conf_level,
        "same": drawn.share(cutoff),
        "resamples": drawn.resamples,
        "without_cutoff": drawn.resamples - len(drawn.cutoffs),
        "seed": search.seed,
    }
