"""Tables of results as steps keep them: names in the first columns, numbers after them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

SAMPLE, GENE, GROUP = "sample", "gene", "group"


def named(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """With its row names as the first column."""
    return table.rename_axis(name).reset_index()


def scores_of(table: pd.DataFrame) -> pd.DataFrame:
    """Samples x scores of a step that keeps them."""
    return table.set_index(SAMPLE).astype(float)


def groups_of(table: pd.DataFrame) -> dict[str, str]:
    return dict(zip(table[SAMPLE], table[GROUP], strict=True))


def counted(n: int, what: str) -> str:
    """1 gene, 2 genes."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names by commas, the first few of many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def medians(table: pd.DataFrame) -> str:
    """Median of each column, the largest first."""
    found = table.median().sort_values(ascending=False)
    return listed([f"{name} {value:.3g}" for name, value in found.items() if np.isfinite(value)], 8)
