"""Copy number of genes between two groups of patients, and against the genes' own expression."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.omics.errors import OmicsInputError
from analysis.stats.arrays import FloatArray
from analysis.stats.correlation import spearman
from analysis.stats.errors import StatsInputError
from analysis.stats.fisher import fisher_p
from analysis.stats.multiplicity import benjamini_hochberg
from analysis.stats.rank_tests import mann_whitney

NAN = float("nan")


def copies_by_group(
    values: pd.DataFrame, calls: pd.DataFrame, case: Sequence[str], control: Sequence[str]
) -> pd.DataFrame:
    """Tests of each gene between two groups of samples.

    Parameters
    ----------
    values : DataFrame, genes x samples
        Copy change, or the calls where there is nothing else.
    calls : DataFrame, genes x samples
        -2 to 2; above 0 is gained, below 0 lost.
    case, control : sequence of str
        Columns of both tables.

    Returns
    -------
    DataFrame
        A row a gene, the smallest p first: ``gene``, ``median_case`` and ``median_control`` of the values with ``p`` of
        Mann and Whitney and ``q``; the shares ``gained_case``, ``gained_control``, ``lost_case``, ``lost_control`` with
        ``p_gained``, ``q_gained``, ``p_lost``, ``q_lost`` of Fisher. Each q is by Benjamini and Hochberg over the genes
        with that test. NaN where there is none: all values equal; nobody, or everybody, gained or lost.

    Raises
    ------
    OmicsInputError
        An empty group, a sample in both, a sample that a table does not have, or tables of other genes.
    """
    _check(values, calls, case, control)
    a, b = (values[list(group)].to_numpy(dtype=np.float64) for group in (case, control))
    called = [calls[list(group)].to_numpy() for group in (case, control)]
    table = pd.DataFrame({"gene": values.index, "median_case": np.median(a, axis=1)})
    table["median_control"] = np.median(b, axis=1)
    table["p"] = [_ranked(x, y) for x, y in zip(a, b, strict=True)]
    table["q"] = benjamini_hochberg(table["p"].to_numpy())
    for name, sign in (("gained", 1), ("lost", -1)):
        hits = [(one * sign > 0).sum(axis=1) for one in called]
        for group, hit, one in zip(("case", "control"), hits, called, strict=True):
            table[f"{name}_{group}"] = hit / one.shape[1]
        table[f"p_{name}"] = [_shared(x, len(case), y, len(control)) for x, y in zip(*hits, strict=True)]
        table[f"q_{name}"] = benjamini_hochberg(table[f"p_{name}"].to_numpy())
    return table.sort_values(["p", "gene"], kind="stable", ignore_index=True)


def copies_and_expression(copies: pd.DataFrame, expression: pd.DataFrame) -> pd.DataFrame:
    """Rank correlation of each gene's copy number with its expression, the strongest first.

    Parameters
    ----------
    copies, expression : DataFrame, genes x samples
        The same genes and the same samples, in the same order; expression in any unit, NaN where it is missing.

    Returns
    -------
    DataFrame
        ``gene``, ``n`` pairs, ``rho``, ``p``, and ``q`` by Benjamini and Hochberg; NaN where a gene has one value only.

    Raises
    ------
    OmicsInputError
        Other genes or samples in one table than in the other.
    """
    if list(copies.index) != list(expression.index) or list(copies.columns) != list(expression.columns):
        raise OmicsInputError("Copy number and expression are not of the same genes and samples.")
    rows = []
    for gene, x, y in zip(copies.index, copies.to_numpy(float), expression.to_numpy(float), strict=True):
        known = ~np.isnan(y)
        try:
            found = spearman(x[known], y[known])
            rows.append({"gene": gene, "n": found.n, "rho": found.value, "p": found.p})
        except StatsInputError:
            rows.append({"gene": gene, "n": int(known.sum()), "rho": NAN, "p": NAN})
    table = pd.DataFrame(rows, columns=["gene", "n", "rho", "p"])
    table["q"] = benjamini_hochberg(table["p"].to_numpy(dtype=np.float64))
    return table.iloc[np.argsort(-table["rho"].abs().to_numpy(), kind="stable")].reset_index(drop=True)


def _ranked(x: FloatArray, y: FloatArray) -> float:
    try:
        return mann_whitney(x, y).p
    except StatsInputError:
        return NAN


def _shared(x: int, n: int, y: int, m: int) -> float:
    try:
        return fisher_p([[x, n - x], [y, m - y]])
    except StatsInputError:
        return NAN


def _check(values: pd.DataFrame, calls: pd.DataFrame, case: Sequence[str], control: Sequence[str]) -> None:
    if list(values.index) != list(calls.index):
        raise OmicsInputError("Values and calls are not of the same genes.")
    both = sorted(set(case) & set(control))
    if both:
        raise OmicsInputError(f"The sample {both[0]} is in both groups.")
    for table in (values, calls):
        lacking = [sample for sample in (*case, *control) if sample not in table.columns]
        if lacking:
            raise OmicsInputError(f"The sample {lacking[0]} has no copy number.")
    if not case or not control:
        raise OmicsInputError("A group without any sample with copy number cannot be compared.")
