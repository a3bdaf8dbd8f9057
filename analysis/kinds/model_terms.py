"""The covariates of a model as they are written, `a`, `log(a)` or `factor(a)`, and as columns of numbers."""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np

from analysis.frames.frame import Frame
from analysis.stats.arrays import FloatArray

FACTOR, LOG, PLAIN = "factor", "log", ""
_CALL = re.compile(r"(?P<call>factor|log)\((?P<column>.+)\)")


class TermError(ValueError):
    """A covariate that no model can use; names it and, where there is one, the row."""


@dataclass(frozen=True)
class Term:
    text: str
    column: str
    call: str

    def levels(self, frame: Frame) -> list[Any] | None:
        """The categories in order, the first being the reference; None for a number."""
        values = frame.column(self.column)
        if self.call != FACTOR and not any(isinstance(value, str) for value in values):
            return None
        if all(isinstance(value, int | float) for value in values):
            return sorted(set(values))
        return sorted({str(value) for value in values})


def term_of(text: str, columns: Container[str] = ()) -> Term:
    """A column that is itself called `log(a)` goes before the call."""
    match = None if text in columns else _CALL.fullmatch(text)
    return Term(text, match["column"].strip(), match["call"]) if match else Term(text, text, PLAIN)


def columns_of(terms: Iterable[Term]) -> list[str]:
    return list(dict.fromkeys(term.column for term in terms))


def design(frame: Frame, terms: Sequence[Term]) -> tuple[FloatArray, list[str]]:
    """A column per number and per level but the first, named as in R; TermError where there is no number."""
    columns: list[list[float]] = []
    names: list[str] = []
    for term in terms:
        values, levels = frame.column(term.column), term.levels(frame)
        if levels is None:
            columns.append(
                [_number(row["patient"], term, value) for row, value in zip(frame.rows, values, strict=True)]
            )
            names.append(term.text)
            continue
        if term.call == LOG:
            raise TermError(f"{term.text}: the column holds words, which have no logarithm.")
        is_text = isinstance(levels[0], str)
        for level in levels[1:]:
            columns.append([float((str(value) if is_text else value) == level) for value in values])
            names.append(f"{term.text}{level if is_text else f'{level:.12g}'}")
    return np.array(columns, dtype=np.float64).T.reshape(len(frame.rows), len(names)), names


def _number(patient: str, term: Term, value: Any) -> float:
    if not isinstance(value, int | float):
        raise TermError(f"{term.text}: {value!r} of {patient} is not a number.")
    if term.call != LOG:
        return float(value)
    if value <= 0:
        raise TermError(f"Column {term.column}, {patient}: {value:g} has no logarithm.")
    return log(value)
