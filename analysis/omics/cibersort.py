"""CIBERSORT: shares of the cell types of a signature by nu support vector regression."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.omics.errors import OmicsInputError
from analysis.omics.matrices import (
    LARGEST_LOGARITHM,
    Provenance,
    expression,
    input_hash,
    not_negative,
    one_row_a_gene,
)
from analysis.omics.quantile_normalization import same_distribution
from analysis.stats.arrays import FloatArray
from analysis.stats.r_random import RRandom

VERSION = "1"
NUS = (0.25, 0.5, 0.75)
COST = 1.0
TOLERANCE = 1e-3
MODES = ("relative", "sig.score", "no.sumto1")
FEW_GENES = 0.5


@dataclass(frozen=True)
class CibersortFits:
    """Regressions of the samples, in rows: ``weights`` of the cell types (NaN where none was positive), and ``fit``.

    ``fit`` has the columns p (NaN without permutations), correlation and rmse of the standardised mixture. ``level``
    is each mixture's median over the median of all values.
    """

    weights: pd.DataFrame
    level: pd.Series
    fit: pd.DataFrame
    provenance: Provenance

    def shares(self, mode: str = "relative") -> pd.DataFrame:
        """Samples x cell types.

        Parameters
        ----------
        mode : {"relative", "sig.score", "no.sumto1"}
            Shares that add up to 1; absolute scores, which are those times the level; or the weights as they are.
        """
        if mode not in MODES:
            raise OmicsInputError(f"The mode is one of {', '.join(MODES)}, not {mode!r}.")
        if mode == "no.sumto1":
            return self.weights
        relative = self.weights.div(self.weights.sum(axis=1, min_count=1), axis=0)
        return relative if mode == "relative" else relative.mul(self.level, axis=0)


@dataclass(frozen=True)
class Regression:
    """The best of the regressions of one mixture: weights not below 0, with their fit."""

    weights: FloatArray
    correlation: float
    rmse: float


def cibersort(
    table: pd.DataFrame,
    signature: pd.DataFrame,
    *,
    quantile: bool = False,
    permutations: int = 0,
    seed: int = 1,
    told: Callable[[int, int], None] | None = None,
) -> CibersortFits:
    """Regression of each mixture on the signature's cell types.

    Parameters
    ----------
    table : DataFrame, genes x samples
        Linear expression; a table whose largest value is below 50 is taken as log2 and undone.
    signature : DataFrame, genes x cell types
        Linear expression of pure cells, such as LM22, supplied by the user.
    quantile : bool
        Whether mixtures are quantile normalised: of microarrays yes, of RNA sequencing no.
    permutations : int
        Mixtures drawn from all values for the p-value; 100 or more to be of use. 0: none.
    seed : int
        Of R's generator, with which R draws the same mixtures.
    told : callable, optional
        Called with how many regressions are done and how many there are.

    Raises
    ------
    OmicsInputError
        Values are not finite or negative, a gene has two rows, a mixture is constant, or too few genes are
        shared.

    Notes
    -----
    CIBERSORT.R 1.04: genes by name; the signature standardised as a whole, mixtures one by one; linear kernel, C = 1,
    nu of 0.25, 0.5 and 0.75, of which the smallest error counts. Newman et al., Nat Methods 2015; 12: 453-457.
    """
    if permutations < 0:
        raise OmicsInputError("The number of permutations is 0 or more.")
    profiles = one_row_a_gene(expression(signature, what="The signature"), what="The signature").sort_index()
    mixtures, antilog = _mixtures(table, quantile=quantile)
    typical = max(float(np.median(mixtures.to_numpy())), 1.0)
    shared = profiles.index.intersection(mixtures.index)
    if len(shared) <= profiles.shape[1]:
        raise OmicsInputError(
            f"Only {len(shared)} genes of the signature are in the expression: gene symbols are wanted."
        )
    used = mixtures.loc[shared]
    x = _standardised(profiles.loc[shared].to_numpy())
    constant = np.ptp(used.to_numpy(), axis=0) == 0
    if constant.any():
        raise OmicsInputError(f"The sample {used.columns[constant.argmax()]} has the same value in all genes.")
    total = permutations + used.shape[1]
    nulls = np.empty(permutations)
    for place, values in enumerate(null_mixtures(used.to_numpy(), permutations, seed)):
        nulls[place] = regression(x, _standardised(values)).correlation
        _tell(told, place + 1, total)
    nulls.sort()
    found: dict[str, Regression] = {}
    for place, sample in enumerate(used.columns):
        found[sample] = regression(x, _standardised(used[sample].to_numpy()))
        _tell(told, permutations + place + 1, total)
    weights = pd.DataFrame({sample: own.weights for sample, own in found.items()}, index=profiles.columns).T
    fit = [(_p_value(nulls, own.correlation), own.correlation, own.rmse) for own in found.values()]
    lost = weights.index[weights.isna().any(axis=1)]
    warnings = [f"No cell type has a positive weight in {sample}." for sample in lost]
    if len(shared) < FEW_GENES * len(profiles):
        warnings.append(f"Only {len(shared)} of {len(profiles)} genes of the signature are in the expression.")
    return CibersortFits(
        weights,
        used.median() / typical,
        pd.DataFrame(fit, index=used.columns, columns=["p", "correlation", "rmse"]),
        Provenance(
            "CIBERSORT",
            VERSION,
            len(shared),
            len(profiles),
            input_hash(used),
            {"quantile": quantile, "permutations": permutations, "seed": seed, "antilog": antilog},
            tuple(warnings),
        ),
    )


def regression(x: FloatArray, y: FloatArray) -> Regression:
    """The best nu support vector regression of a mixture on the signature.

    Parameters
    ----------
    x : ndarray, shape (genes, types)
    y : ndarray, shape (genes,)
        Both standardised.
    """
    # Half a second to import, which only this method takes.
    from sklearn.svm import NuSVR

    best: Regression | None = None
    for nu in NUS:
        fitted = NuSVR(kernel="linear", nu=nu, C=COST, tol=TOLERANCE).fit(x, y)
        weights = np.maximum((fitted.dual_coef_ @ fitted.support_vectors_).ravel(), 0.0)
        if not weights.sum() > 0:
            continue
        predicted = x @ (weights / weights.sum())
        rmse = float(np.sqrt(((predicted - y) ** 2).mean()))
        if best is None or rmse < best.rmse:
            best = Regression(weights, float(np.corrcoef(predicted, y)[0, 1]), rmse)
    return best or Regression(np.full(x.shape[1], np.nan), np.nan, np.nan)


def null_mixtures(values: FloatArray, permutations: int, seed: int) -> list[FloatArray]:
    """Mixtures of as many genes drawn without replacement from all values, as R draws them after ``set.seed``.

    Parameters
    ----------
    values : ndarray, shape (genes, samples)
    """
    pool = values.ravel(order="F")
    random = RRandom(seed)
    return [pool[random.without_replacement(len(pool), len(values))] for _ in range(permutations)]


def _mixtures(table: pd.DataFrame, *, quantile: bool) -> tuple[pd.DataFrame, bool]:
    """Linear mixtures by gene name, and whether they had been logarithms."""
    found = one_row_a_gene(not_negative(expression(table))).sort_index()
    antilog = float(found.to_numpy().max()) < LARGEST_LOGARITHM
    if antilog:
        found = 2.0**found
    if quantile:
        found = pd.DataFrame(same_distribution(found.to_numpy()), index=found.index, columns=found.columns)
    return found, antilog


def _standardised(values: FloatArray) -> FloatArray:
    """All values together by their mean and SD (n - 1)."""
    scaled: FloatArray = (values - values.mean()) / values.std(ddof=1)
    return scaled


def _p_value(nulls: FloatArray, correlation: float) -> float:
    """One minus the place of the closest null correlation; NaN without a null distribution."""
    if not len(nulls) or np.isnan(correlation):
        return float("nan")
    return 1 - (int(np.abs(nulls - correlation).argmin()) + 1) / len(nulls)


def _tell(told: Callable[[int, int], None] | None, done: int, total: int) -> None:
    if told is not None:
        told(done, total)
