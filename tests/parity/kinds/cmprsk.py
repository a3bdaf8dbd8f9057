"""Kind ``cmprsk``: cumulative incidence, Gray's test, Aalen-Johansen, Fine-Gray and cause-specific analyses."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.stats.aalen_johansen import state_probabilities
from analysis.stats.competing import cumulative_incidence, gray_test
from analysis.stats.cox import cox
from analysis.stats.fine_gray import fine_gray
from analysis.stats.logrank import logrank
from tests.parity.designs import Design, design
from tests.parity.recipes import Analysis
from tests.parity.tables import as_labels, label, sorted_levels

KEYS = frozenset({"time", "event", "competing", "group", "times", "covariates", "factors"})
CAUSES = (1, 2)
Values = NDArray[np.float64]


def compute(analysis: Analysis) -> dict[str, Any]:
    """One grouping, with models where the recipe has covariates."""
    recipe = analysis.recipe
    complete = analysis.complete(recipe["time"], recipe["event"], recipe["group"])
    time, codes = complete.numbers("time"), _codes(complete, complete.column(recipe["event"]))
    group = as_labels(complete.column(recipe["group"])).astype(str)
    levels = sorted_levels(complete.column(recipe["group"]))
    position = np.array([levels.index(one) for one in group])
    found = {
        "n": len(time),
        "events": {label(recipe["competing"][key]): int((codes == i).sum()) for i, key in enumerate(ORDER)},
        "overall": _incidences(time, codes, recipe["times"], {"1": np.ones(len(time), dtype=bool)}),
        "survfit_aalen_johansen": _states(time, codes, recipe["times"]),
        "by_group": _incidences(time, codes, recipe["times"], {level: group == level for level in levels}),
        "gray_test": _gray(time, codes, position),
        "cause_specific_logrank": [_logrank(time, codes, position, cause) for cause in CAUSES],
    }
    if "covariates" in recipe:
        model = design(analysis, recipe["covariates"], ("time", "event"))
        found |= _models(model, _codes(model.analysis, model.column("event")))
    return found


ORDER = ("censored", "cause", "competing")


def _codes(analysis: Analysis, event: Values) -> NDArray[np.int64]:
    """0 censored, 1 of interest, 2 competing."""
    given = analysis.recipe["competing"]
    codes = np.full(len(event), -1)
    for i, key in enumerate(ORDER):
        codes[event == given[key]] = i
    return codes


def _incidences(
    time: Values, codes: NDArray[np.int64], times: list[float], groups: dict[str, NDArray[np.bool_]]
) -> dict[str, Any]:
    """Curves by cause and within it by group; only those of causes that occurred."""
    found = {
        f"{name} {cause}": cumulative_incidence(time[rows], codes[rows], cause=cause).at(times)
        for cause in CAUSES
        for name, rows in groups.items()
    }
    return {
        "names": list(found),
        "est": [estimate for estimate, _ in found.values()],
        "var": [variance for _, variance in found.values()],
    }


def _states(time: Values, codes: NDArray[np.int64], times: list[float]) -> dict[str, Any]:
    found = state_probabilities(time, codes, times)
    return {
        "states": ["(s0)", *(f"e{cause}" for cause in found.causes)],
        "pstate": found.probability,
        "std_err": found.std_err,
        "lower": found.low,
        "upper": found.high,
    }


def _gray(time: Values, codes: NDArray[np.int64], group: NDArray[np.int64]) -> dict[str, Any]:
    tests = [gray_test(time, codes, group, cause=cause) for cause in CAUSES]
    return {
        "rows": [str(cause) for cause in CAUSES],
        "cols": ["stat", "pv", "df"],
        "values": [[test.chi2, test.p, test.df] for test in tests],
    }


def _logrank(time: Values, codes: NDArray[np.int64], group: NDArray[np.int64], cause: int) -> dict[str, Any]:
    test = logrank(time, codes == cause, group)
    return {"cause": cause, "chisq": test.chi2, "p": test.p}


def _models(model: Design, codes: NDArray[np.int64]) -> dict[str, Any]:
    time = model.column("time")
    subdistribution, specific = [], []
    for cause in CAUSES:
        fit = fine_gray(time, codes, model.matrix, names=model.names, cause=cause)
        subdistribution.append(
            {
                "cause": cause,
                "terms": list(fit.names),
                "coef": fit.coef.tolist(),
                "se": fit.se.tolist(),
                "loglik_null": fit.loglik[0],
                "loglik": fit.loglik[1],
            }
        )
        other = cox(time, codes == cause, model.matrix, names=model.names)
        specific.append({"cause": cause, "coef": other.coef.tolist(), "se": other.se.tolist()})
    return {"fine_gray_crr": subdistribution, "cause_specific_cox": specific}
