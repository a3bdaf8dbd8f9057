"""Stepwise selection of the terms of a Cox model by an information criterion."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import FloatArray, one_of
from analysis.stats.cox import CoxFit, cox
from analysis.stats.cox_data import covariate_matrix, model_rows
from analysis.stats.cox_exact import ExactLikelihood
from analysis.stats.cox_likelihood import TiesLikelihood
from analysis.stats.errors import ParameterError

NONE = "<none>"
# A move has to gain more than rounding.
GAIN = 1e-7


@dataclass(frozen=True, eq=False)
class Term:
    """Columns that enter or leave together: one number, or the indicators of a category."""

    name: str
    columns: tuple[str, ...]
    values: FloatArray


@dataclass(frozen=True)
class Move:
    """A term added ("+ age") or dropped ("- age"), or nothing done, with the criterion it leads to."""

    name: str
    criterion: float


@dataclass(frozen=True)
class Step:
    """A model on the way: its terms, its fit in numbers, and every move from it, the best first.

    ``move`` is how it was reached, empty at the start; ``coefficients`` counts its columns.
    """

    move: str
    terms: tuple[str, ...]
    coefficients: int
    loglik: float
    criterion: float
    moves: tuple[Move, ...]


@dataclass(frozen=True, eq=False)
class Selection:
    """The way from the first model to the last, and the last fit (none if no term is left)."""

    steps: tuple[Step, ...]
    fit: CoxFit | None
    loglik_null: float
    n: int
    events: int

    @property
    def terms(self) -> tuple[str, ...]:
        """Terms of the last model, in the order they stand in it."""
        return self.steps[-1].terms


def stepwise(
    time: ArrayLike,
    event: ArrayLike,
    terms: Sequence[Term],
    *,
    direction: str = "both",
    start: str = "full",
    penalty: float = 2.0,
    ties: str = "efron",
) -> Selection:
    """Add and drop terms one at a time as long as the criterion falls.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        Follow-up in one unit of time, and 1 where it ended with the event.
    terms : sequence of Term
        Candidates, complete in every row.
    direction : {"both", "backward", "forward"}
        Moves that are considered.
    start : {"full", "null"}
        First model.
    penalty : float
        Price of a coefficient: 2 is AIC, log(events) is BIC.
    ties : {"efron", "breslow", "exact"}

    Returns
    -------
    Selection

    Raises
    ------
    ParameterError
        No terms, two of one name, or an unknown option.
    StatsInputError
        A model on the way cannot be fitted; see ``cox.cox``.

    Notes
    -----
    The criterion is -2 log partial likelihood plus the penalty times the coefficients. Matches ``stats::step(coxph(),
    direction=, k=, scope=)`` of R 4.2 on complete rows. p values of a model found in this way are too small.
    """
    one_of(direction, ("both", "backward", "forward"), "direction")
    one_of(start, ("full", "null"), "start")
    names = [term.name for term in terms]
    if not names or len(set(names)) < len(names):
        raise ParameterError("A selection needs terms with names of their own.")
    search = _Search(time, event, {term.name: term for term in terms}, penalty, ties)
    return search.run(tuple(names) if start == "full" else (), direction)


@dataclass(eq=False)
class _Search:
    time: ArrayLike
    event: ArrayLike
    terms: dict[str, Term]
    penalty: float
    ties: str
    known: dict[frozenset[str], float] = field(default_factory=dict)

    def run(self, model: tuple[str, ...], direction: str) -> Selection:
        steps: list[Step] = []
        move = ""
        while True:
            moves = self._moves(model, direction)
            criterion = self._criterion(model)
            steps.append(Step(move, model, self._size(model), self._loglik(model), criterion, moves))
            move = moves[0].name
            if move == NONE or moves[0].criterion >= criterion + GAIN:
                break
            model = _moved(model, move)
        fit = self._fit(model) if model else None
        events = int(np.sum(np.asarray(self.event, dtype=np.float64)))
        return Selection(tuple(steps), fit, self._loglik(()), len(np.asarray(self.time)), events)

    def _moves(self, model: tuple[str, ...], direction: str) -> tuple[Move, ...]:
        found = [NONE]
        if direction != "forward":
            found += [f"- {name}" for name in model]
        if direction != "backward":
            found += [f"+ {name}" for name in self.terms if name not in model]
        moves = [Move(name, self._criterion(_moved(model, name))) for name in found]
        return tuple(sorted(moves, key=lambda move: move.criterion))

    def _criterion(self, model: tuple[str, ...]) -> float:
        return -2 * self._loglik(model) + self.penalty * self._size(model)

    def _size(self, model: tuple[str, ...]) -> int:
        return sum(len(self.terms[name].columns) for name in model)

    def _loglik(self, model: tuple[str, ...]) -> float:
        key = frozenset(model)
        if key not in self.known:
            self.known[key] = self._fit(model).loglik[1] if model else self._null()
        return self.known[key]

    def _null(self) -> float:
        """Log partial likelihood without any term; a covariate is needed only to make the risk sets."""
        filler = np.arange(len(np.asarray(self.time)), dtype=np.float64)
        rows = model_rows(self.time, self.event, filler, ["row"], strata=None, entry=None, cluster=None, ties=self.ties)
        likelihood = ExactLikelihood if self.ties == "exact" else TiesLikelihood
        return likelihood.of(rows.sets, rows.centred).evaluate(np.zeros(1)).loglik

    def _fit(self, model: tuple[str, ...]) -> CoxFit:
        chosen = [self.terms[name] for name in model]
        names = [column for term in chosen for column in term.columns]
        values = [covariate_matrix(term.values, term.columns, len(np.asarray(self.time))) for term in chosen]
        return cox(self.time, self.event, np.column_stack(values), names=names, ties=self.ties)


def _moved(model: tuple[str, ...], move: str) -> tuple[str, ...]:
    if move == NONE:
        return model
    sign, name = move[0], move[2:]
    return (*model, name) if sign == "+" else tuple(term for term in model if term != name)
