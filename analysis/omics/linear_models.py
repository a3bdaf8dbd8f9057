"""A linear model for every gene, and contrasts of its coefficients."""

from dataclasses import dataclass, replace

import numpy as np

from analysis.omics.design import Design, estimable
from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import LOG2, ExpressionMatrix
from analysis.stats.arrays import BoolArray, FloatArray


@dataclass(frozen=True)
class LinearFit:
    """Least squares, gene by gene.

    ``coefficients`` and ``unscaled_sd`` have the shape (genes, coefficients), ``covariance``, which lacks sigma^2,
    (genes or 1, coefficients, coefficients); ``sigma``, ``df_residual`` and ``mean_expression`` (genes,). What the
    samples of a gene do not allow is NaN.
    """

    genes: tuple[str, ...]
    columns: tuple[str, ...]
    coefficients: FloatArray
    covariance: FloatArray
    sigma: FloatArray
    df_residual: FloatArray
    mean_expression: FloatArray

    @property
    def unscaled_sd(self) -> FloatArray:
        variances = np.diagonal(self.covariance, axis1=1, axis2=2)
        sd: FloatArray = np.broadcast_to(np.sqrt(variances), self.coefficients.shape)
        return sd


def fit_linear_models(expression: ExpressionMatrix, design: Design, weights: FloatArray | None = None) -> LinearFit:
    """Fit the design to each gene by least squares.

    Parameters
    ----------
    expression : ExpressionMatrix
        log2 values; missing ones are left out gene by gene.
    design : Design
        One row for each sample.
    weights : ndarray, shape (genes, samples), optional
        Precision of each value, above 0; needs complete values.

    Returns
    -------
    LinearFit

    Raises
    ------
    OmicsInputError
        A unit other than log2, a design of other samples, weights that are not positive, no residual degrees of
        freedom.

    Notes
    -----
    Matches ``limma::lmFit``: b = (X'X)^-1 X'y, sigma^2 = RSS / (n - rank). A gene with missing values has its own X; a
    column that its samples do not tell apart from those before it is NaN.
    """
    expression.require(LOG2)
    n = len(expression.samples)
    if design.matrix.shape[0] != n:
        raise OmicsInputError(f"The design has {design.matrix.shape[0]} rows for {n} samples.")
    if n <= len(design.columns):
        raise OmicsInputError(f"{n} samples leave nothing to estimate a variance from: the design takes them all.")
    if weights is not None:
        return _weighted(expression, design, weights)
    observed = ~np.isnan(expression.values)
    return _complete(expression, design) if observed.all() else _by_pattern(expression, design, observed)


def _complete(expression: ExpressionMatrix, design: Design) -> LinearFit:
    X, Y = design.matrix, expression.values
    coefficients, covariance, rss = _least_squares(X, Y)
    df = X.shape[0] - X.shape[1]
    return LinearFit(
        genes=expression.genes,
        columns=design.columns,
        coefficients=coefficients,
        covariance=covariance[None],
        sigma=np.sqrt(rss / df),
        df_residual=np.full(len(Y), float(df)),
        mean_expression=Y.mean(axis=1),
    )


def _least_squares(X: FloatArray, Y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Coefficients (genes, p), unscaled covariance (p, p) and residual sums of squares (genes,)."""
    Q, R = np.linalg.qr(X)
    inverse = np.linalg.inv(R)
    effects = Y @ Q
    residuals = Y - effects @ Q.T
    return effects @ inverse.T, inverse @ inverse.T, np.einsum("gs,gs->g", residuals, residuals)


def _empty(expression: ExpressionMatrix, design: Design) -> LinearFit:
    g, p = len(expression.genes), len(design.columns)
    nan = np.full(g, np.nan)
    return LinearFit(
        genes=expression.genes,
        columns=design.columns,
        coefficients=np.full((g, p), np.nan),
        covariance=np.full((g, p, p), np.nan),
        sigma=nan.copy(),
        df_residual=np.zeros(g),
        mean_expression=nan.copy(),
    )


def _by_pattern(expression: ExpressionMatrix, design: Design, observed: BoolArray) -> LinearFit:
    """Genes that miss the same samples share a design."""
    fit = _empty(expression, design)
    patterns, codes = np.unique(observed, axis=0, return_inverse=True)
    for code, present in enumerate(patterns):
        if not present.any():
            continue
        rows = np.flatnonzero(codes.ravel() == code)
        X, Y = design.matrix[present], expression.values[np.ix_(rows, present)]
        columns = np.array(estimable(X))
        coefficients, covariance, rss = _least_squares(X[:, columns], Y)
        df = len(X) - len(columns)
        fit.coefficients[np.ix_(rows, columns)] = coefficients
        fit.covariance[np.ix_(rows, columns, columns)] = covariance
        fit.df_residual[rows] = df
        fit.mean_expression[rows] = Y.mean(axis=1)
        if df:
            fit.sigma[rows] = np.sqrt(rss / df)
    return fit


def _weighted(expression: ExpressionMatrix, design: Design, weights: FloatArray) -> LinearFit:
    expression.require_complete()
    X, Y = design.matrix, expression.values
    if weights.shape != Y.shape or not (np.isfinite(weights) & (weights > 0)).all():
        raise OmicsInputError("Weights are positive numbers, one for each gene and sample.")
    root = np.sqrt(weights)
    Q, R = np.linalg.qr(root[:, :, None] * X)
    inverse = np.linalg.inv(R)
    effects = np.einsum("gsp,gs->gp", Q, root * Y)
    coefficients = np.einsum("gpq,gq->gp", inverse, effects)
    residuals = root * (Y - coefficients @ X.T)
    df = X.shape[0] - X.shape[1]
    return LinearFit(
        genes=expression.genes,
        columns=design.columns,
        coefficients=coefficients,
        covariance=inverse @ inverse.swapaxes(1, 2),
        sigma=np.sqrt(np.einsum("gs,gs->g", residuals, residuals) / df),
        df_residual=np.full(len(Y), float(df)),
        mean_expression=Y.mean(axis=1),
    )


def contrasts(fit: LinearFit, wanted: dict[str, dict[str, float]]) -> LinearFit:
    """The fit in terms of combinations of its coefficients.

    Parameters
    ----------
    fit : LinearFit
    wanted : dict
        Name of each contrast to the factor of each coefficient in it, as ``{"T-N": {"T": 1, "N": -1}}``.

    Returns
    -------
    LinearFit
        With one column for each contrast. A gene without one of its coefficients has NaN.

    Raises
    ------
    OmicsInputError
        A coefficient that the fit does not have, or a contrast of nothing.

    Notes
    -----
    As ``limma::contrasts.fit``, but with each gene's own covariance: limma takes the correlations of the complete
    design for genes with missing values or weights, which is exact only for coefficients of different samples.
    """
    factors = np.zeros((len(fit.columns), len(wanted)))
    for j, (name, parts) in enumerate(wanted.items()):
        for column, factor in parts.items():
            if column not in fit.columns:
                raise OmicsInputError(f"Contrast {name} names the coefficient {column}, which the design lacks.")
            factors[fit.columns.index(column), j] = factor
        if not factors[:, j].any():
            raise OmicsInputError(f"Contrast {name} is of nothing.")
    used = factors != 0
    known = ~np.isnan(fit.coefficients)
    lacking = (~known).astype(float) @ used > 0
    coefficients = np.where(lacking, np.nan, np.nan_to_num(fit.coefficients) @ factors)
    covariance = factors.T @ np.nan_to_num(fit.covariance) @ factors
    if lacking.any():
        gone = lacking[:, :, None] | lacking[:, None, :]
        covariance = np.where(gone, np.nan, covariance)
    return replace(fit, columns=tuple(wanted), coefficients=coefficients, covariance=covariance)
