"""Kind ``km``: curves with five kinds of limits, and comparisons of groups."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.stats.cox import score_test
from analysis.stats.follow_up import prodlim_reverse, reverse_kaplan_meier
from analysis.stats.hazard import fleming_harrington, nelson_aalen
from analysis.stats.logrank import LogRank, logrank, logrank_pairwise, logrank_trend
from analysis.stats.survival import KaplanMeier, kaplan_meier
from tests.parity.recipes import Analysis
from tests.parity.tables import as_labels, sorted_levels

KEYS = frozenset({"time", "event", "groups", "strata", "tau", "times"})
SCALES = ("log", "log-log", "plain", "logit", "arcsin")


class _Sample:
    """Times and events of some rows, with the settings of the recipe."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.time, self.event = analysis.numbers("time"), analysis.numbers("event")
        self.tau, self.times = analysis.recipe["tau"], analysis.recipe["times"]

    def curve(self, conf_type: str = "log") -> KaplanMeier:
        return kaplan_meier(self.time, self.event, conf_type=conf_type)


def compute(analysis: Analysis) -> dict[str, Any]:
    """The whole document."""
    recipe = analysis.recipe
    complete = analysis.complete(recipe["time"], recipe["event"])
    sample = _Sample(complete)
    return {
        "n": len(sample.time),
        "events": int(sample.event.sum()),
        "overall": _overall(sample),
        "reverse_km": _reverse(sample),
        "by_group": {group: _by_group(complete, group) for group in recipe["groups"]},
    }


def _overall(sample: _Sample) -> dict[str, Any]:
    km = sample.curve()
    aalen, fleming = nelson_aalen(km), fleming_harrington(km)
    return {
        **{scale: _scale(sample, scale) for scale in SCALES},
        "rmean_common": _table(km, float(sample.time.max())),
        "nelson_aalen": {
            "time": aalen.time,
            "cumhaz": aalen.hazard,
            "std_chaz": aalen.std_err,
            "surv_breslow": aalen.survival,
        },
        "fleming_harrington": {"time": fleming.time, "cumhaz": fleming.hazard, "surv": fleming.survival},
    }


def _scale(sample: _Sample, scale: str) -> dict[str, Any]:
    km = sample.curve(scale)
    quantiles = {str(q): km.quantile(q / 100) for q in (25, 50, 75)}
    return {
        "curve": _curve(km),
        "at_times": _at(km, sample.times),
        "quantiles_25_50_75": {
            "quantile": {key: found.value for key, found in quantiles.items()},
            "lower": {key: found.low for key, found in quantiles.items()},
            "upper": {key: found.high for key, found in quantiles.items()},
        },
        "table_rmean_tau": _table(km, sample.tau),
    }


def _curve(km: KaplanMeier) -> dict[str, list[Any]]:
    columns = {
        "time": km.time,
        "n_risk": km.n_risk,
        "n_event": km.n_event,
        "n_censor": km.n_censor,
        "surv": km.survival,
        "std_err_logS": km.std_err_log,
        "lower": km.low,
        "upper": km.high,
    }
    return {key: column.tolist() for key, column in columns.items()}


def _at(km: KaplanMeier, times: list[float]) -> dict[str, list[Any]]:
    points = km.at(times)
    return {
        "time": [point.time for point in points],
        "n_risk": [point.n_risk for point in points],
        "n_event": [point.n_event for point in points],
        "surv": [point.survival for point in points],
        "std_err_S": [point.std_err for point in points],
        "lower": [point.low for point in points],
        "upper": [point.high for point in points],
    }


def _table(km: KaplanMeier, tau: float | None = None) -> dict[str, Any]:
    median = km.median()
    table: dict[str, Any] = {
        "records": km.n,
        "n.max": int(km.n_risk.max()),
        "n.start": int(km.n_risk[0]),
        "events": km.events,
        "median": median.value,
        "0.95LCL": median.low,
        "0.95UCL": median.high,
    }
    if tau is not None:
        mean = km.rmst(tau)
        table |= {"rmean": mean.mean, "se(rmean)": mean.std_err}
    return table


def _reverse(sample: _Sample) -> dict[str, Any]:
    prodlim = prodlim_reverse(sample.time, sample.event)
    shares = [0, 0.25, 0.5, 0.75, 1]
    quantiles = [prodlim.quantile(share) for share in shares]
    return {
        "survfit_flip": {
            "table": _table(reverse_kaplan_meier(sample.time, sample.event)),
            "loglog_table": _table(reverse_kaplan_meier(sample.time, sample.event, conf_type="log-log")),
        },
        "prodlim_reverse": {
            "time": prodlim.time,
            "surv": prodlim.survival,
            "quantile_table": {
                "q": shares,
                "quantile": [found[0] for found in quantiles],
                "lower": [found[1] for found in quantiles],
                "upper": [found[2] for found in quantiles],
            },
        },
        "median_time_all": float(np.median(sample.time)),
        "median_time_censored": float(np.median(sample.time[sample.event == 0])),
    }


def _by_group(analysis: Analysis, group: str) -> dict[str, Any]:
    complete = analysis.complete(group)
    codes = as_labels(complete.column(group)).astype(str)
    levels = sorted_levels(complete.column(group))
    samples = {
        f".g={level}": _Sample(Analysis(complete.place, complete.recipe, complete.table.keep(codes == level), {}))
        for level in levels
    }
    return {"levels": levels, **_curves(samples), **_tests(complete, codes, levels)}


def _curves(samples: dict[str, _Sample]) -> dict[str, Any]:
    longest = max(float(sample.time.max()) for sample in samples.values())
    rows = {name: len(sample.curve().time) for name, sample in samples.items()}
    tables: dict[str, Callable[[_Sample], dict[str, Any]]] = {
        "table_log": lambda sample: _table(sample.curve(), sample.tau),
        "table_loglog": lambda sample: _table(sample.curve("log-log"), sample.tau),
        "rmean_common": lambda sample: _table(sample.curve(), longest),
        "reverse_km_by_group": lambda sample: _table(reverse_kaplan_meier(sample.time, sample.event)),
    }
    return {
        "curve_log": {**_joined(samples, lambda sample: _curve(sample.curve())), "strata_rows": rows},
        "at_times_log": _joined(samples, lambda sample: _at(sample.curve(), sample.times), strata=True),
        "at_times_loglog": _joined(samples, lambda sample: _at(sample.curve("log-log"), sample.times), strata=True),
        **{key: {name: table(sample) for name, sample in samples.items()} for key, table in tables.items()},
    }


def _joined(
    samples: dict[str, _Sample], columns: Callable[[_Sample], dict[str, list[Any]]], *, strata: bool = False
) -> dict[str, list[Any]]:
    """Columns of the groups one after another, with the group of each row where asked for."""
    joined: dict[str, list[Any]] = {}
    for name, sample in samples.items():
        own = columns(sample)
        if strata:
            own = {**own, "strata": [name] * len(own["time"])}
        for key, values in own.items():
            joined.setdefault(key, []).extend(values)
    return joined


def _tests(analysis: Analysis, codes: NDArray[Any], levels: list[str]) -> dict[str, Any]:
    time, event = analysis.numbers("time"), analysis.numbers("event")
    group = np.array([levels.index(code) for code in codes])
    indicators = (group[:, None] == np.arange(1, len(levels))).astype(np.float64)

    def trend() -> dict[str, Any]:
        found = logrank_trend(time, event, group)
        return {"chisq": found.chi2, "p": found.p, "scores": list(found.scores)}

    def weighted(rho: float) -> Callable[[], dict[str, Any]]:
        return lambda: _logrank(logrank(time, event, group, rho=rho), levels)

    def scored(ties: str) -> float:
        return score_test(time, event, indicators, names=levels[1:], ties=ties).chi2

    return {
        "logrank": weighted(0),
        "peto_peto_rho1": weighted(1),
        "rho0.5": weighted(0.5),
        "logrank_trend": trend,
        "score_test_coxph_exact_ties": lambda: {"chisq": scored("exact")},
        "score_test_coxph_breslow": lambda: scored("breslow"),
        "pairwise_p": lambda: _pairwise(time, event, group, levels, "p"),
        "pairwise_p_BH": lambda: _pairwise(time, event, group, levels, "p_adjusted"),
        "stratified_logrank": lambda: _stratified(analysis, group, levels),
    }


def _logrank(test: LogRank, levels: list[str]) -> dict[str, Any]:
    return {
        "chisq": test.chi2,
        "df": test.df,
        "p": test.p,
        "n": {f".g={level}": int(n) for level, n in zip(levels, test.n, strict=True)},
        "obs": test.observed,
        "exp": test.expected,
        "var": test.variance,
    }


def _stratified(analysis: Analysis, group: NDArray[np.int64], levels: list[str]) -> dict[str, Any]:
    strata = as_labels(analysis.column(analysis.recipe["strata"]))
    known = np.array([label is not None for label in strata])
    time, event = analysis.numbers("time"), analysis.numbers("event")
    test = logrank(time[known], event[known], group[known], strata=strata[known].astype(str))
    return _logrank(test, levels)


def _pairwise(
    time: NDArray[np.float64],
    event: NDArray[np.float64],
    group: NDArray[np.int64],
    levels: list[str],
    attribute: str,
) -> dict[str, Any]:
    tests = {(int(test.a), int(test.b)): test for test in logrank_pairwise(time, event, group)}
    k = len(levels)
    values = [
        [getattr(tests[column, row], attribute) if column < row else None for column in range(k - 1)]
        for row in range(1, k)
    ]
    return {"rows": levels[1:], "cols": levels[:-1], "values": values}
