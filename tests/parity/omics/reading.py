"""Tables of vectors: tab-separated, the first column names the rows."""

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.omics.text_files import text_lines


def matrix(path: Path) -> pd.DataFrame:
    """Numbers with named rows and columns, read to the last digit."""
    table: pd.DataFrame = pd.read_csv(path, sep="\t", index_col=0, float_precision="round_trip")
    return table.rename_axis(index=None)


def names(path: Path) -> list[str]:
    """What is written in each line that is not blank."""
    return [line.strip() for _, line in text_lines(path)]


def gene_sets(path: Path) -> dict[str, list[str]]:
    """Sets of a GMT file by name."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line)
    return {row[0]: [gene for gene in row[2:] if gene] for row in rows}


def close(found: pd.DataFrame, expected: pd.DataFrame, *, rtol: float = 0.0, atol: float = 0.0) -> int:
    """Assert equality of the cells of a table, whatever the order of its rows; the count of cells."""
    ordered = found.loc[expected.index, expected.columns]
    np.testing.assert_allclose(ordered.to_numpy(float), expected.to_numpy(float), rtol=rtol, atol=atol)
    return int(expected.size)
