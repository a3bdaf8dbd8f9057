"""How well the survival that a Cox model predicts agrees with what happens, corrected for optimism by the bootstrap."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from analysis.charts import calibration as chart
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.headline.claims import Claim
from analysis.kinds.base import Figure, Output, ParameterError, Part, computed_in_parts
from analysis.kinds.calibration_tables import calibration_tables
from analysis.kinds.design import Design, wish_of
from analysis.kinds.groups import MIN_EVENTS, MIN_PATIENTS
from analysis.kinds.one_model import (
    check_model,
    check_whole,
    design_for,
    facts,
    happened,
    model_base,
    model_of_table,
    model_options,
    model_request,
)
from analysis.kinds.survival import is_time
from analysis.kinds.tables import ResultTable
from analysis.rscripts.calibration import calibration_script
from analysis.stats.arrays import FloatArray
from analysis.stats.calibration import Calibration, calibrated, drawn_calibrations
from analysis.stats.cox import CoxFit, cox
from analysis.stats.errors import StatsInputError
from analysis.stats.limits import survival_limits
from analysis.stats.validation import INDEXES, Validation, drawn_indexes, validated
from analysis.tables.table import Table, TableError

GROUPS = 5
RESAMPLES, SEED, MOST_RESAMPLES = 200, 1, 2_000
# Patients times resamples of a part: some two seconds of work. Of fewer resamples the model would be fitted for little.
PART_WORK, LEAST_PART = 40_000, 20
OWN = frozenset({"horizon", "per_group", "resamples", "seed"})
# Below it, predictions of new patients are expected to be too extreme.
LEAST_SLOPE = 0.8


class CalibrationOfModel:
    code = "calibration"
    label = _("Calibration and validation")
    # 2: the resamples of a part are kept at twelve digits before their means are taken.
    version = 2
    template = "analysis/kinds/tables.html"
    fewest_parts = 2

    def check(self, parameters: Mapping[str, Any]) -> None:
        check_model(parameters, OWN, what="calibration")
        _check_own(parameters)
        self.request(parameters)

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        return model_request(parameters)

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        return computed_in_parts(self, frame, parameters)

    def parts(self, frame: Frame, parameters: Mapping[str, Any]) -> list[Part]:
        """Stretches of the resamples of one seed; none where there is no model."""
        resamples, seed = parameters.get("resamples", RESAMPLES), parameters.get("seed", SEED)
        if model_base(frame, parameters)["refused"] or _too_few(frame, float(parameters["horizon"])):
            return []
        step = max(LEAST_PART, PART_WORK // len(frame.rows))
        step = step if resamples > 2 * step else resamples
        return [
            {"first": first, "count": min(step, resamples - first), "seed": seed} for first in range(0, resamples, step)
        ]

    def compute_part(self, frame: Frame, parameters: Mapping[str, Any], part: Part) -> Output:
        draws = {"resamples": part["count"], "seed": part["seed"], "first": part["first"]}
        horizon, per_group = float(parameters["horizon"]), _per_group(frame, parameters)
        try:
            fit = _fitted(frame, parameters)[1]
            survival = drawn_calibrations(fit, horizon, per_group=per_group, **draws)
            return {"calibration": survival, "validation": drawn_indexes(fit, **draws)}
        except StatsInputError:
            # The model itself says what is wrong with these patients.
            return {"calibration": [], "validation": []}

    def reduce(self, frame: Frame, parameters: Mapping[str, Any], outputs: list[Output]) -> Output:
        horizon = float(parameters["horizon"])
        base = model_base(frame, parameters) | {
            "horizon": horizon,
            "per_group": _per_group(frame, parameters),
            "resamples": parameters.get("resamples", RESAMPLES),
            "seed": parameters.get("seed", SEED),
            "groups": [],
            "validation": [],
            **dict.fromkeys(("concordance", "c_corrected", "error", "error_corrected", "events_by_horizon")),
        }
        base["refused"] = base["refused"] or _too_few(frame, horizon)
        if base["refused"]:
            return base
        try:
            return base | _judged(frame, parameters, base, outputs)
        except StatsInputError as error:
            return base | {"refused": f"No calibration: {error}"}

    def headline(self, output: Output) -> list[Claim]:
        claims = [Claim("n", "Patients", output["n"]), Claim("events", "Events", output["events"])]
        if output["refused"]:
            return claims
        slope = next(row for row in output["validation"] if row["index"] == "Slope")["corrected"]
        verdict = "predictions too extreme for new patients" if slope < LEAST_SLOPE else "little optimism"
        return [
            *claims,
            Claim("error", "Mean error of predicted survival, corrected", output["error_corrected"]),
            Claim("slope", "Slope in new patients (1 is none lost)", slope, verdict=verdict),
            Claim("concordance", "Concordance, corrected", output["c_corrected"]),
        ]

    def figures(self, output: Output) -> list[Figure]:
        if output["refused"]:
            return []
        return [Figure("calibration", f"Calibration of {output['endpoint']}", chart.chart(output))]

    def tables(self, output: Output) -> list[ResultTable]:
        return calibration_tables(output)

    def add_options(self, parser: ArgumentParser) -> None:
        model_options(parser)
        parser.add_argument("--horizon", type=float, metavar="T", help="the time of which survival is predicted")
        parser.add_argument("--per-group", type=int, metavar="N", help="patients in a group (a fifth of them)")
        parser.add_argument("--resamples", type=int, default=RESAMPLES, metavar="N", help="of the bootstrap")

    def from_table(self, table: Table | None, options: Namespace) -> tuple[Frame, dict[str, Any]]:
        if options.horizon is None:
            raise TableError("Name the time of which survival is predicted: --horizon T.")
        frame, parameters = model_of_table(table, options)
        parameters |= {"horizon": options.horizon, "resamples": options.resamples, "seed": options.seed}
        if options.per_group is not None:
            parameters["per_group"] = options.per_group
        try:
            check_model(parameters, OWN, what="calibration")
            _check_own(parameters)
        except ParameterError as error:
            raise TableError(f"--{str(error).replace('_', '-', 1)}") from error
        return frame, parameters

    def r_script(self, frame: Frame, parameters: Mapping[str, Any], output: Output, *, name: str) -> str:
        return calibration_script(frame, wish_of(parameters), output, name=name)


CALIBRATION = CalibrationOfModel()


def _check_own(parameters: Mapping[str, Any]) -> None:
    horizon = parameters.get("horizon")
    if horizon is None or not is_time(horizon) or not horizon > 0:
        raise ParameterError("horizon", "is a time above zero.")
    if "per_group" in parameters:
        check_whole(parameters, "per_group", MIN_PATIENTS, MIN_PATIENTS, 1_000_000)
    check_whole(parameters, "resamples", RESAMPLES, 10, MOST_RESAMPLES)
    check_whole(parameters, "seed", SEED, 0, 2**31 - 1)


def _too_few(frame: Frame, horizon: float) -> str | None:
    by_then = _events_by(frame, horizon)
    if by_then < MIN_EVENTS:
        return f"No calibration: {by_then} events by {horizon:g}, fewer than {MIN_EVENTS}."
    if (longest := max(frame.times())) < horizon:
        return f"No calibration: nobody was watched until {horizon:g}; the longest follow-up is {longest:g}."
    return None


def _events_by(frame: Frame, horizon: float) -> int:
    return sum(
        bool(event) and time <= horizon for event, time in zip(frame.column("event"), frame.times(), strict=True)
    )


def _per_group(frame: Frame, parameters: Mapping[str, Any]) -> int:
    return int(parameters.get("per_group") or max(MIN_PATIENTS, len(frame.rows) // GROUPS))


def _fitted(frame: Frame, parameters: Mapping[str, Any]) -> tuple[Design, CoxFit]:
    design = design_for(frame, parameters)
    event = happened(frame).astype(float)
    ties = parameters.get("ties", "efron")
    return design, cox(frame.times(), event, design.matrix, names=design.names, ties=ties)


def _drawn(outputs: list[Output], name: str) -> FloatArray:
    """Of all parts in their order, as they were stored: NaN as None, infinities as words."""
    pairs = [pair for output in outputs for pair in output[name]]
    return np.array([[[np.nan if x is None else float(x) for x in row] for row in pair] for pair in pairs])


def _judged(frame: Frame, parameters: Mapping[str, Any], base: Output, outputs: list[Output]) -> Output:
    design, fit = _fitted(frame, parameters)
    found = calibrated(fit, base["horizon"], per_group=base["per_group"], drawn=_drawn(outputs, "calibration"))
    indexes = validated(fit, _drawn(outputs, "validation"))
    model = facts(fit, design, frame)
    groups = _groups(found)
    passed = base["resamples"] - found.resamples
    warnings = [f"{passed} of {base['resamples']} resamples allowed no fit and were passed over."] if passed else []
    if any(group["n"] < MIN_PATIENTS for group in groups):
        warnings.append(f"A group has fewer than {MIN_PATIENTS} patients: its observed survival is rough.")
    return model | {
        "groups": groups,
        "validation": _indexes(indexes),
        "c_corrected": float(0.5 + indexes.corrected[INDEXES.index("Dxy")] / 2),
        "error": _error(found, found.observed),
        "error_corrected": _error(found, found.corrected),
        "events_by_horizon": _events_by(frame, base["horizon"]),
        "predicted": {"lowest": found.survival.min(), "highest": found.survival.max()},
        "warnings": [*model["warnings"], *warnings, *_at_risk(fit, base["horizon"])],
    }


def _groups(found: Calibration) -> list[dict[str, Any]]:
    low, high = survival_limits(found.observed, found.std_err_log, "log", 0.95)
    names = ("n", "predicted", "observed", "std_err_log", "optimism", "corrected")
    return [
        {name: getattr(found, name)[i] for name in names}
        | {"from": found.cuts[i], "to": found.cuts[i + 1], "low": low[i], "high": high[i]}
        for i in range(len(found.n))
        if found.n[i]
    ]


def _indexes(found: Validation) -> list[dict[str, Any]]:
    columns = ("apparent", "training", "test", "optimism", "corrected")
    return [{"index": index, **{name: getattr(found, name)[i] for name in columns}} for i, index in enumerate(INDEXES)]


def _error(found: Calibration, observed: Any) -> float:
    """Mean distance of predicted from observed survival, weighted by the patients of a group."""
    known = (found.n > 0) & ~np.isnan(observed)
    return float(np.average(np.abs(observed - found.predicted)[known], weights=found.n[known]))


def _at_risk(fit: CoxFit, horizon: float) -> list[str]:
    left = int((fit.data.time >= horizon).sum())
    return [f"Only {left} patients were watched until {horizon:g}."] if left < MIN_PATIENTS else []
