"""A fitted Cox model as a calculator: values of one patient become points and survival, as a nomogram has them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from math import isfinite

import numpy as np

from analysis.calculator.asked import Asked, asked
from analysis.frames.frame import Frame
from analysis.kinds.cox_fits import fitted
from analysis.kinds.design import Covariate, design_of, wish_of
from analysis.kinds.one_model import axes_of
from analysis.pipeline.wish import SCORE
from analysis.stats.cox import CoxFit
from analysis.stats.cox_baseline import predict_survival
from analysis.stats.errors import StatsInputError
from analysis.stats.nomogram import Nomogram, nomogram
from analysis.stats.validation import INDEXES, validate

YEARS = (1, 2, 3, 5)
RESAMPLES, SEED = 200, 1
MOST_VALIDATED = 2000


class NoCalculator(ValueError):
    """Why the model cannot be asked about one patient."""


@dataclass(frozen=True)
class Points:
    """What one value of the patient adds. `is_outside`: no patient of the model had such a value.

    `made_of` are the values that were entered in place of a score.
    """

    label: str
    shown: str
    points: float
    is_outside: bool
    made_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Survival:
    """Without limits where the survival is too close to 0 or 1 to have any on the log scale."""

    years: int
    survival: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Answer:
    points: list[Points]
    total: float
    survival: list[Survival]


@dataclass(frozen=True)
class Validated:
    """Concordance and calibration slope in the model's own patients, and corrected for optimism by the bootstrap."""

    concordance: float
    concordance_corrected: float
    slope_corrected: float
    resamples: int


@dataclass(frozen=True, eq=False)
class Calculator:
    covariates: list[Covariate]
    fit: CoxFit
    chart: Nomogram
    time_unit: str
    per_year: float
    # Of a score that is a covariate of the model: what it is made of, with the coefficients.
    parts: list[tuple[Covariate, float]] = field(default_factory=list)

    def entered(self) -> list[Covariate]:
        """What is asked for: in place of a score its terms."""
        terms = [covariate for covariate, _coefficient in self.parts]
        return [
            each
            for covariate in self.covariates
            for each in (terms if terms and covariate.name == SCORE else [covariate])
        ]

    @property
    def n_events(self) -> int:
        return int(self.fit.data.event.sum())

    @property
    def longest(self) -> float:
        """Of any follow-up in the model, in its unit of time."""
        return float(self.fit.data.time.max())

    def years(self) -> list[int]:
        """Those that somebody of the model was followed for."""
        return [years for years in YEARS if years * self.per_year <= self.longest]

    def range_of(self, covariate: Covariate) -> tuple[float, float]:
        return float(min(covariate.values)), float(max(covariate.values))

    def answer(self, values: Mapping[str, float | str]) -> Answer:
        """`values` by name: a number in the unit of the covariate, or the text of a level.

        StatsInputError where they lie too far from those of the model.
        """
        row, points, place = [], [], 0
        if self.parts:
            values = {**values, SCORE: sum(coef * float(values[part.name]) for part, coef in self.parts)}
        lowest = {axis.name: float(axis.effect.min()) for axis in self.chart.axes}
        for covariate in self.covariates:
            value, coded = values[covariate.name], _coded(covariate, values[covariate.name])
            effect = float(np.dot(coded, self.fit.coef[place : place + len(coded)]))
            place += len(coded)
            row += coded
            shown, is_outside = self._shown(covariate, value)
            made_of: tuple[str, ...] = ()
            if self.parts and covariate.name == SCORE:
                entered = [(part.label, *self._shown(part, values[part.name])) for part, _coefficient in self.parts]
                made_of = tuple(f"{label} {text}" for label, text, _outside in entered)
                is_outside = is_outside or any(outside for _label, _text, outside in entered)
            added = (effect - lowest[covariate.name]) * self.chart.per_unit
            points.append(Points(covariate.label, shown, added, is_outside, made_of))
        return Answer(points, float(self.chart.points_of([row])[0]), self._survival(row))

    def _shown(self, covariate: Covariate, value: float | str) -> tuple[str, bool]:
        if covariate.levels:
            return next(level.label for level in covariate.levels if level.text == value), False
        low, high = self.range_of(covariate)
        return f"{value:.6g} {covariate.unit}".strip(), not low <= float(value) <= high

    def _survival(self, row: list[float]) -> list[Survival]:
        years = self.years()
        found = predict_survival(self.fit, row, [each * self.per_year for each in years])
        limits = zip(years, found.survival, found.low, found.high, strict=True)
        return [
            Survival(each, float(survival), *(float(limit) if isfinite(limit) else None for limit in (low, high)))
            for each, survival, low, high in limits
        ]

    @cached_property
    def validated(self) -> Validated | None:
        """None where nothing can be said in the time that a reader of the page has."""
        if self.fit.n > MOST_VALIDATED:
            return None
        try:
            found = validate(self.fit, resamples=RESAMPLES, seed=SEED)
        except StatsInputError:
            return None
        apparent, corrected = (dict(zip(INDEXES, part, strict=True)) for part in (found.apparent, found.corrected))
        return Validated(
            0.5 + apparent["Dxy"] / 2, 0.5 + corrected["Dxy"] / 2, float(corrected["Slope"]), found.resamples
        )


def _coded(covariate: Covariate, value: float | str) -> list[float]:
    if not covariate.levels:
        return [float(value)]
    return [float(level.text == value) for level in covariate.levels[1:]]


@lru_cache(maxsize=32)
def calculator_of(
    kind: str, content: bytes, parameters: str, signature: tuple[tuple[str, float], ...] = ()
) -> Calculator:
    """Of a result's stored rows and parameters, which never change. NoCalculator says why there is none."""
    return _calculator(asked(kind, Frame.from_bytes(content), json.loads(parameters), dict(signature)))


def _calculator(model: Asked) -> Calculator:
    frame, parameters = model.frame, model.parameters
    for name, why in _NOT_OF_ONE_PATIENT.items():
        if parameters.get(name):
            raise NoCalculator(why)
    if frame.rows and "entry" in frame.rows[0]:
        raise NoCalculator("The model has delayed entry, so its survival does not begin with the patient's.")
    if frame.per_year is None:
        raise NoCalculator("The unit of time of the model is not known.")
    try:
        design = design_of(frame, wish_of(parameters), sum(bool(event) for event in frame.column("event")))
        fit = fitted(frame, design, parameters)
        chart = nomogram(fit, axes_of(design), ())
    except StatsInputError as error:
        raise NoCalculator(str(error)) from error
    parts = [(_part(frame, name), coefficient) for name, coefficient in model.signature.items()]
    return Calculator(design.covariates, fit, chart, frame.time_unit, frame.per_year, parts)


def _part(frame: Frame, name: str) -> Covariate:
    column = frame.columns[name]
    return Covariate(name, name, str(column["label"]), str(column["unit"]), frame.column(name))


_NOT_OF_ONE_PATIENT = {
    "strata": "Each stratum of the model has a baseline of its own.",
    "cluster": "The rows of the model are not patients of their own.",
    "landmark": "The model begins at a landmark, not at the start of follow-up.",
    "interactions": "The model has products of covariates, which no sum of points can show.",
}
