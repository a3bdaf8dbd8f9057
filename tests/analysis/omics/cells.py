"""A signature and mixtures of it that the deconvolution methods are tried on."""

import numpy as np
import pandas as pd

TYPES = ["B", "T", "M"]
GENES = [f"G{number:02d}" for number in range(40)]


def signature() -> pd.DataFrame:
    """Three cell types in 40 genes, each with its own markers."""
    draw = np.random.default_rng(5)
    values = draw.uniform(10, 60, (len(GENES), len(TYPES)))
    for place in range(len(TYPES)):
        values[place * 8 : place * 8 + 8, place] *= 20
    return pd.DataFrame(values, index=GENES, columns=TYPES)


def mixtures(of: dict[str, list[float]]) -> pd.DataFrame:
    """Samples that hold these shares of the cell types."""
    return pd.DataFrame({name: signature().to_numpy() @ shares for name, shares in of.items()}, index=GENES)
