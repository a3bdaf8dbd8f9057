"""Patients for penalised fits, and Breslow's likelihood with its slopes as they are defined."""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def patients(n: int, p: int) -> tuple[Matrix, Matrix, Matrix]:
    """Times with ties, events, and columns of many scales that depend on one another."""
    chance = np.random.default_rng(n + p)
    x = chance.normal(size=(n, p)) + chance.normal(size=(n, 1))
    time = np.ceil(chance.exponential(np.exp(-0.5 * x[:, 0] + 0.4 * x[:, 1])) * 12)
    return time, (chance.random(n) < 0.6).astype(float), x * 10.0 ** (np.arange(p) % 5 - 2)


def names(x: Matrix) -> list[str]:
    return [f"x{column}" for column in range(x.shape[1])]


def loglik(time: Matrix, event: Matrix, linear: Matrix) -> float:
    """Breslow's, by its definition."""
    dead = event == 1
    at_risk = [np.exp(linear[time >= one]).sum() for one in time[dead]]
    return float(linear[dead].sum() - np.log(at_risk).sum())


def slopes(time: Matrix, event: Matrix, x: Matrix, coef: Matrix) -> Matrix:
    """Gradient of Breslow's log likelihood, by its definition."""
    weight = np.exp(x @ coef - (x @ coef).max())
    found = np.zeros(x.shape[1])
    for row in np.flatnonzero(event):
        own = weight * (time >= time[row])
        found += x[row] - own @ x / own.sum()
    return found


def saturated(time: Matrix, event: Matrix) -> float:
    _, deaths = np.unique(time[event == 1], return_counts=True)
    return float((deaths * np.log(deaths)).sum())
