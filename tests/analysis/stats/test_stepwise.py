"""Stepwise selection against looking at every model, and the ways it may go."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.stats.cox import cox
from analysis.stats.errors import ParameterError
from analysis.stats.stepwise import NONE, Selection, Term, stepwise

NAMES = ("a", "b", "c", "d")


def cohort() -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    rng = np.random.default_rng(12)
    x = rng.normal(size=(120, 4))
    time = rng.exponential(1 / np.exp(0.9 * x[:, 0] - 0.5 * x[:, 2]))
    return time, rng.random(120) < 0.8, x


def select(**options: object) -> Selection:
    time, event, x = cohort()
    terms = [Term(name, (name,), x[:, [i]]) for i, name in enumerate(NAMES)]
    return stepwise(time, event, terms, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("start", ["full", "null"])
def test_the_selected_model_has_the_lowest_aic_of_all(start: str) -> None:
    time, event, x = cohort()
    every = {
        chosen: cox(time, event, x[:, list(chosen)], names=[NAMES[i] for i in chosen]).aic
        for size in range(1, 5)
        for chosen in combinations(range(4), size)
    }
    best = min(every, key=lambda chosen: every[chosen])
    found = select(start=start)
    assert set(found.terms) == {NAMES[i] for i in best}
    assert found.steps[-1].criterion == pytest.approx(every[best])


def test_the_criterion_falls_with_every_step_and_the_last_move_is_none() -> None:
    found = select()
    assert (np.diff([step.criterion for step in found.steps]) < 0).all()
    assert found.steps[-1].moves[0].name == NONE
    assert found.steps[0].move == ""


def test_forward_only_adds_and_backward_only_drops() -> None:
    forward, backward = select(direction="forward", start="null"), select(direction="backward")
    assert all(move.name[0] in "+<" for step in forward.steps for move in step.moves)
    assert all(move.name[0] in "-<" for step in backward.steps for move in step.moves)


def test_a_high_penalty_leaves_nothing() -> None:
    found = select(penalty=1e4)
    assert found.terms == ()
    assert found.fit is None
    assert found.steps[-1].criterion == pytest.approx(-2 * found.loglik_null)


def test_the_columns_of_a_category_move_together() -> None:
    time, event, x = cohort()
    group = np.digitize(x[:, 0], [-0.5, 0.5])
    indicators = np.column_stack([group == 1, group == 2]).astype(float)
    found = stepwise(time, event, [Term("group", ("group1", "group2"), indicators)], start="null")
    assert found.steps[-1].coefficients == 2
    assert found.fit is not None
    assert found.fit.names == ("group1", "group2")


def test_no_terms_or_two_of_one_name_are_refused() -> None:
    time, event, x = cohort()
    with pytest.raises(ParameterError):
        stepwise(time, event, [])
    with pytest.raises(ParameterError):
        stepwise(time, event, [Term("a", ("a",), x[:, [0]])] * 2)
    with pytest.raises(ParameterError):
        select(direction="up")
