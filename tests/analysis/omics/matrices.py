"""Small matrices with something to find in them."""

import numpy as np

from analysis.omics.design import Design, factorial
from analysis.omics.expression import LOG2, ExpressionMatrix

SAMPLES = ["n1", "n2", "n3", "n4", "t1", "t2", "t3", "t4"]


def groups(samples: list[str] = SAMPLES) -> Design:
    """An intercept and ``groupt``: samples whose names begin with t against those with n."""
    return factorial({"group": [sample[0] for sample in samples]}, {"group": ["n", "t"]})


def noise(genes: int, samples: list[str] = SAMPLES, *, seed: int = 1, changed: int = 0) -> ExpressionMatrix:
    """Normal log2 values around 6; the first genes are 3 higher in the samples t."""
    random = np.random.default_rng(seed)
    spread = np.sqrt(4 / random.chisquare(4, size=(genes, 1)))
    values = 6 + spread * random.normal(size=(genes, len(samples)))
    values[:changed, [sample[0] == "t" for sample in samples]] += 3
    return ExpressionMatrix([f"g{i}" for i in range(genes)], samples, values, LOG2)


def with_values(matrix: ExpressionMatrix, values: object) -> ExpressionMatrix:
    return ExpressionMatrix(matrix.genes, matrix.samples, np.asarray(values, dtype=np.float64), matrix.unit)
