"""Kind ``limma``: moderated t of one coefficient, with the priors, a trend, outlying variances, and thresholds."""

import re
from typing import Any

import numpy as np

from analysis.omics.expression import LOG2
from analysis.omics.linear_models import LinearFit, fit_linear_models
from analysis.omics.moderated import ModeratedFit, moderate, p_beyond
from analysis.omics.top_table import TopTable, top_table
from tests.parity.matrices import KEYS as MATRIX_KEYS
from tests.parity.matrices import design, expression, keys_at
from tests.parity.recipes import Analysis

KEYS = MATRIX_KEYS | {"coefficient"}
TREAT = re.compile(r"treat_lfc(?P<threshold>[\d.]+)_P_first\d+$")
COUNT = re.compile(r"n_adjP_lt_(?P<level>[\d.]+?)(?:_absLFC_gt_(?P<change>[\d.]+))?$")
LIMITS = re.compile(r"confint_first(?P<n>\d+)$")


def compute(analysis: Analysis) -> dict[str, Any]:
    """The whole document."""
    fit = fit_linear_models(expression(analysis, LOG2), design(analysis))
    coefficient = analysis.recipe["coefficient"]
    tested = fit.columns.index(coefficient)
    plain, table = _moderated(fit, coefficient)
    return {
        "df_residual": np.unique(fit.df_residual).item(),
        "sigma_all": fit.sigma,
        "ordinary_t_all": fit.coefficients[:, tested] / fit.unscaled_sd[:, tested] / fit.sigma,
        "var_prior": plain.prior_variance,
        **_priors(plain, table),
        "trend": lambda: _priors(*_moderated(fit, coefficient, trend=True)),
        "robust": lambda: _priors(*_moderated(fit, coefficient, robust=True)),
        **_named_settings(analysis, fit, table, tested),
    }


def _moderated(fit: LinearFit, coefficient: str, **options: bool) -> tuple[ModeratedFit, TopTable]:
    moderated = moderate(fit, **options)
    return moderated, top_table(moderated, coefficient)


def _priors(moderated: ModeratedFit, table: TopTable) -> dict[str, Any]:
    return {
        "s2_prior": moderated.prior.scale,
        "s2_prior_all": moderated.prior.scale,
        "df_prior": moderated.prior.df,
        "df_prior_all": moderated.prior.df,
        "s2_post_all": moderated.posterior_variance,
        "topTable": columns(table),
        **{f"{name}_all": values for name, values in columns(table).items()},
    }


def columns(table: TopTable) -> dict[str, Any]:
    return {
        "logFC": table.log_fold_change,
        "CI.L": table.lower,
        "CI.R": table.upper,
        "AveExpr": table.mean_expression,
        "t": table.t,
        "P": table.p,
        "adjP_BH": table.adjusted_p,
        "B": table.log_odds,
    }


def _named_settings(analysis: Analysis, fit: LinearFit, table: TopTable, tested: int) -> dict[str, Any]:
    """Values whose setting is part of their name."""
    found: dict[str, Any] = {}
    for key in keys_at(analysis):
        if treat := TREAT.match(key):
            name = f"treat_lfc{treat['threshold']}_P_all"
            found[name] = p_beyond(fit, float(treat["threshold"]))[:, tested]
        elif count := COUNT.match(key):
            kept = table.adjusted_p < float(count["level"])
            kept &= np.abs(table.log_fold_change) > float(count["change"] or -1)
            found[key] = int(kept.sum())
        elif limits := LIMITS.match(key):
            found[key] = {name: values[: int(limits["n"])] for name, values in columns(table).items()}
    return found
