"""The scores of a registered model in a frame: as a column for the parts of a validation, and patient by patient."""

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from statistics import median
from typing import Any

from analysis.frames.frame import Frame
from analysis.riskmodels.scoring import UnitError, linear_score

SCORE = "score"


class UnscoredModel(ValueError):
    """Why nobody of the frame can have a score."""


def scored(frame: Frame, model: Mapping[str, Any], terms: Mapping[str, str]) -> Frame:
    """With the score as a column; `terms` says which variable each term is."""
    unknown = [term["name"] for term in model["terms"] if term["name"] not in terms]
    if unknown:
        raise UnscoredModel(f"No variable is named for {', '.join(unknown)}.")
    units = {name: frame.columns[variable]["unit"] for name, variable in terms.items()}
    rows = []
    for row in frame.rows:
        values = {name: row[variable] for name, variable in terms.items()}
        strange = next((name for name, value in values.items() if not _is_number(value)), None)
        if strange is not None:
            raise UnscoredModel(f"{terms[strange]}, which {strange} is to be, is no number.")
        try:
            score = linear_score(model, values, units)
        except UnitError as error:
            raise UnscoredModel(str(error)) from error
        if not isfinite(score):
            raise UnscoredModel("The score of somebody is too large for a number: look at the values.")
        rows.append(row | {SCORE: score})
    columns = frame.columns | {SCORE: {"label": "Score", "unit": ""}}
    return replace(frame, rows=rows, columns=columns).canonical()


def scores_of(
    whole: Frame, model: Mapping[str, Any], terms: Mapping[str, str], cutoff: float | None
) -> list[dict[str, Any]]:
    """By patient the score with the values that it was made of; high means above the cutoff, where there is one."""
    names = [term["name"] for term in model["terms"]]
    return [
        {
            "patient": row["patient"],
            "score": row[SCORE],
            "is_high": None if cutoff is None else row[SCORE] > cutoff,
            "values": {name: row[terms[name]] for name in names},
        }
        for row in whole.rows
    ]


def summary(whole: Frame, cutoff: float | None) -> dict[str, Any]:
    values = whole.column(SCORE)
    return {
        "n": len(values),
        "lowest": min(values),
        "median": median(values),
        "highest": max(values),
        "n_high": None if cutoff is None else sum(value > cutoff for value in values),
    }


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
