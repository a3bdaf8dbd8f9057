"""EPIC: shares of reference cell types and of all other cells, by weighted least squares with limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.omics.errors import OmicsInputError
from analysis.omics.matrices import Provenance, expression, input_hash, linear, merged, not_negative, one_row_a_gene
from analysis.omics.nelder_mead import within_limits
from analysis.omics.shares import shares
from analysis.stats.arrays import FloatArray
from analysis.stats.ranks import midranks

VERSION = "1"
SOLVERS = ("exact", "r_compat")
OTHER, DEFAULT = "otherCells", "default"
SMALLEST_VARIABILITY = 1e-12
LARGEST_WEIGHT = 100.0
FEWEST_GENES = 2000
# What the sum of shares may fall below 1 where there are no other cells.
SUM_WITHOUT_OTHERS = 0.99
MRNA_PER_CELL: Mapping[str, float] = {
    "Bcells": 0.4016,
    "Macrophages": 1.4196,
    "Monocytes": 1.4196,
    "Neutrophils": 0.13,
    "NKcells": 0.4396,
    "Tcells": 0.3952,
    "CD4_Tcells": 0.3952,
    "CD8_Tcells": 0.3952,
    "Thelper": 0.3952,
    "Treg": 0.3952,
    OTHER: 0.4,
    DEFAULT: 0.4,
}


@dataclass(frozen=True)
class EpicShares:
    """Samples x cell types (``otherCells`` last, unless there are none): shares of mRNA and of cells, and the fit.

    ``fit`` has the columns converged, rmse and root_mean_square (both weighted), spearman, pearson, slope and intercept
    of the measured on the fitted values, slope_through_0 and sum (of the shares before others are added).
    """

    mrna: pd.DataFrame
    cells: pd.DataFrame
    fit: pd.DataFrame
    provenance: Provenance


@dataclass(frozen=True)
class _Prepared:
    bulk: pd.DataFrame
    profiles: pd.DataFrame
    weights: FloatArray
    common: int


def epic(
    table: pd.DataFrame,
    reference: pd.DataFrame,
    signature: Sequence[str],
    *,
    variability: pd.DataFrame | None = None,
    mrna_per_cell: Mapping[str, float] = MRNA_PER_CELL,
    other_cells: bool = True,
    constrained_sum: bool = True,
    solver: str = "exact",
) -> EpicShares:
    """Shares of the reference's cell types in each sample.

    Parameters
    ----------
    table : DataFrame, genes x samples
        Linear TPM; genes without any value are left out, rows of one gene become their median.
    reference : DataFrame, genes x cell types
        Linear profiles of pure cells, supplied by the user.
    signature : sequence of str
        Genes that the fit is made on.
    variability : DataFrame, optional
        Of the profiles, in the same shape and unit; genes weigh alike without it.
    mrna_per_cell : mapping
        mRNA content by cell type; types that are not named take that of "default".
    other_cells : bool
        Whether cells without a profile may be there.
    constrained_sum : bool
        Whether shares may not add up to more than 1.
    solver : {"exact", "r_compat"}
        Exact least squares, or the very search of the R package, which may end before it has converged.

    Raises
    ------
    OmicsInputError
        Values are not finite, negative or logarithms, the reference has a gene twice, the variability is of another
        shape, fewer signature genes are shared than there are cell types, or the solver is unknown.

    Notes
    -----
    Bulk and profiles are scaled to a million over their common genes. A gene weighs the sum over cell types of profile
    over variability, at most 100 times the median. Racle et al., eLife 2017; 6: e26476.
    """
    if solver not in SOLVERS:
        raise OmicsInputError(f"The solver is one of {', '.join(SOLVERS)}, not {solver!r}.")
    ready = _prepared(table, reference, signature, variability)
    a, w = ready.profiles.to_numpy(), ready.weights
    low, high = (0.0 if other_cells else SUM_WITHOUT_OTHERS, 1.0) if constrained_sum else (0.0, np.inf)
    rows, fits = [], []
    for sample in ready.bulk:
        b = ready.bulk[sample].to_numpy()
        if solver == "exact":
            x, converged = shares(a * np.sqrt(w)[:, None], b * np.sqrt(w), low=low, high=high), True
        else:
            x, converged = _as_in_r(a, b, w, low, high)
        x = x if other_cells else x / x.sum()
        rows.append(x)
        fits.append({"converged": converged, **_fit(a, b, w, x)})
    mrna = pd.DataFrame(rows, index=ready.bulk.columns, columns=ready.profiles.columns)
    if other_cells:
        # The sum exceeds 1 by rounding, or without the constraint.
        mrna[OTHER] = (1 - mrna.sum(axis=1)).clip(lower=0)
    warnings = () if ready.common >= FEWEST_GENES else (f"Only {ready.common} genes are common: too few to scale by.",)
    return EpicShares(
        mrna,
        _of_cells(mrna, mrna_per_cell),
        pd.DataFrame(fits, index=mrna.index),
        Provenance(
            "EPIC",
            VERSION,
            len(ready.profiles),
            len(set(signature)),
            input_hash(ready.bulk),
            {
                "solver": solver,
                "variability": variability is not None,
                "other_cells": other_cells,
                "constrained_sum": constrained_sum,
                "common_genes": ready.common,
            },
            warnings,
        ),
    )


def _prepared(
    table: pd.DataFrame, reference: pd.DataFrame, signature: Sequence[str], variability: pd.DataFrame | None
) -> _Prepared:
    bulk = merged(linear(expression(table.dropna(how="all"))), "median")
    profiles = one_row_a_gene(not_negative(expression(reference, what="The reference")), what="The reference")
    common = bulk.index.intersection(profiles.index)
    used = [gene for gene in dict.fromkeys(signature) if gene in set(common)]
    if len(used) < profiles.shape[1]:
        raise OmicsInputError(f"Only {len(used)} signature genes are in bulk and reference: gene symbols are wanted.")
    scale, bulk_scale = profiles.loc[common].sum() / 1e6, bulk.loc[common].sum() / 1e6
    if not bulk_scale.min() > 0:
        raise OmicsInputError(f"The sample {bulk_scale.idxmin()} has no expression in the genes of the reference.")
    if not scale.min() > 0:
        raise OmicsInputError(f"The profile of {scale.idxmin()} has no expression in the genes of the bulk.")
    scaled = profiles.loc[used] / scale
    weights = (
        np.ones(len(used)) if variability is None else _weights(scaled, _like(variability, profiles).loc[used] / scale)
    )
    return _Prepared(bulk.loc[used] / bulk_scale, scaled, weights, len(common))


def _like(variability: pd.DataFrame, profiles: pd.DataFrame) -> pd.DataFrame:
    found = one_row_a_gene(expression(variability, what="The variability"), what="The variability")
    if set(profiles.columns) != set(found.columns) or not profiles.index.isin(found.index).all():
        raise OmicsInputError("The variability has other genes or cell types than the reference.")
    return not_negative(found, what="The variability").loc[profiles.index, profiles.columns]


def _weights(profiles: pd.DataFrame, variability: pd.DataFrame) -> FloatArray:
    weights = (profiles / (variability + SMALLEST_VARIABILITY)).sum(axis=1).to_numpy()
    capped: FloatArray = np.minimum(weights, LARGEST_WEIGHT * np.median(weights[weights > 0]))
    return capped


def _as_in_r(a: FloatArray, b: FloatArray, w: FloatArray, low: float, high: float) -> tuple[FloatArray, bool]:
    types = a.shape[1]
    sides, limits = np.eye(types), np.zeros(types)
    if np.isfinite(high):
        sides = np.vstack((sides, np.ones(types), -np.ones(types)))
        limits = np.concatenate((limits, [low, -high]))
    start = np.full(types, (1 - 1e-5) / types)
    found = within_limits(lambda x: float((w * (a @ x - b) ** 2).sum()), start, sides, limits)
    return found.x, found.converged


def _fit(a: FloatArray, b: FloatArray, w: FloatArray, x: FloatArray) -> dict[str, float]:
    fitted = a @ x
    slope = _product(b, fitted) / _product(b, b)
    return {
        "rmse": float(np.sqrt((w * (fitted - b) ** 2).mean())),
        "root_mean_square": float(np.sqrt((w * b**2).mean())),
        "spearman": _correlation(midranks(fitted), midranks(b)),
        "pearson": _correlation(fitted, b),
        "slope": slope,
        "intercept": float(fitted.mean() - slope * b.mean()),
        "slope_through_0": float(b @ fitted / (b @ b)),
        "sum": float(x.sum()),
    }


def _product(x: FloatArray, y: FloatArray) -> float:
    return float((x - x.mean()) @ (y - y.mean()))


def _correlation(x: FloatArray, y: FloatArray) -> float:
    """NaN where one of them is constant."""
    length = float(np.sqrt(_product(x, x) * _product(y, y)))
    return _product(x, y) / length if length > 0 else float("nan")


def _of_cells(mrna: pd.DataFrame, content: Mapping[str, float]) -> pd.DataFrame:
    lacking = [name for name in mrna if name not in content]
    if lacking and DEFAULT not in content:
        raise OmicsInputError(f"The mRNA content of {lacking[0]} is missing, and there is no default.")
    per_cell = mrna / pd.Series({name: content.get(name, content.get(DEFAULT, 0.0)) for name in mrna})
    return per_cell.div(per_cell.sum(axis=1), axis=0)
