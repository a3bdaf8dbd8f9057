"""Kind ``rnaseq``: DESeq2 of one contrast, and limma-voom after filtering and TMM."""

import re
from typing import Any

import numpy as np

from analysis.omics.count_normalization import enough_reads, library_sizes, tmm_factors
from analysis.omics.count_tests import CountTable, differential_counts
from analysis.omics.deseq2 import CountFit, fit_differential_counts
from analysis.omics.design import Design
from analysis.omics.expression import COUNTS, ExpressionMatrix
from analysis.omics.linear_models import contrasts, fit_linear_models
from analysis.omics.moderated import moderate
from analysis.omics.top_table import top_table
from analysis.omics.voom import voom
from tests.parity.kinds.limma import columns
from tests.parity.matrices import KEYS as MATRIX_KEYS
from tests.parity.matrices import design, expression, keys_at
from tests.parity.recipes import Analysis, Case, UnknownKeyError, prepared
from tests.parity.tables import as_labels, label

KEYS = MATRIX_KEYS | {"contrast", "alpha", "fit_type", "method"}
COUNT = re.compile(r"n_padj_lt_(?P<level>[\d.]+)$")
# The log2 counts per million of edgeR: two reads shared out by library size.
PRIOR_COUNT = 2


def compute(analysis: Analysis) -> dict[str, Any]:
    method = analysis.recipe["method"]
    if method == "DESeq2":
        return _deseq2(analysis)
    if method.startswith("limma-voom"):
        return _voom(analysis)
    raise UnknownKeyError(f"rnaseq does not know the method {method!r}.")


def whole(case: Case) -> dict[str, Any]:
    """The genes that are left, which the document tells beside its analyses."""
    table = prepared(case.table, case.recipe)
    genes = as_labels(table.columns[case.recipe["matrix"]["feature"]]).tolist()
    return {"genes": genes, "derived": {"n_genes": len(genes)}}


def _deseq2(analysis: Analysis) -> dict[str, Any]:
    counts = expression(analysis, COUNTS)
    fit = fit_differential_counts(counts, design(analysis), trend=analysis.recipe.get("fit_type", "parametric"))
    table = _tested(analysis, fit)
    normalized = counts.values / fit.size_factors
    levels = (match for key in keys_at(analysis) if (match := COUNT.match(key)))
    return {
        "size_factors": dict(zip(counts.samples, fit.size_factors.tolist(), strict=True)),
        "baseMean": table.mean,
        "dispGeneEst": fit.own_dispersion,
        "dispFit": fit.trend,
        "dispersion_final": fit.dispersion,
        "results": {
            "log2FoldChange": table.log_fold_change,
            "lfcSE": table.error,
            "stat": table.statistic,
            "pvalue": table.p,
            "padj": table.adjusted_p,
        },
        "filter_threshold": table.threshold,
        "n_replaced": int(fit.was_replaced.sum()),
        "normalized_counts_all": list(normalized),
        **{match[0]: int((table.adjusted_p < float(match["level"])).sum()) for match in levels},
    }


def _tested(analysis: Analysis, fit: CountFit) -> CountTable:
    factor, *pair = analysis.recipe["contrast"]
    values = [v if isinstance(v, str) else label(v) for v in analysis.recipe["sample_columns"][factor]]
    compared = np.array([value in pair for value in values])
    weights = _weights(analysis, fit.design)
    return differential_counts(fit, weights, compared=compared, alpha=analysis.recipe["alpha"])


def _weights(analysis: Analysis, model: Design) -> dict[str, float]:
    """Factor, numerator and denominator in terms of indicators of all levels but the first."""
    factor, numerator, denominator = analysis.recipe["contrast"]
    weights = {f"{factor}{numerator}": 1.0, f"{factor}{denominator}": -1.0}
    return {name: weight for name, weight in weights.items() if name in model.columns}


def _voom(analysis: Analysis) -> dict[str, Any]:
    counts, model = expression(analysis, COUNTS), design(analysis)
    # Libraries are scaled before the filter and again after it.
    kept = enough_reads(counts, model, library_sizes(counts) * tmm_factors(counts))
    counts = counts.keep_genes(kept)
    factors, library = tmm_factors(counts), library_sizes(counts)
    made = voom(counts, model, library * factors)
    fit = fit_linear_models(made.expression, model, made.weights)
    moderated = moderate(contrasts(fit, {"contrast": _weights(analysis, model)}))
    return {
        "n_kept": int(kept.sum()),
        "kept_1based": np.flatnonzero(kept) + 1,
        "lib_size": library,
        "tmm_norm_factors": factors,
        "logcpm_all": list(_log_cpm(counts, library * factors)),
        "voom": {
            "weights_all": list(made.weights),
            "E_all": list(made.expression.values),
            "topTable": columns(top_table(moderated, "contrast")),
            "df_prior": moderated.prior.df,
            "s2_prior": moderated.prior.scale,
        },
    }


def _log_cpm(counts: ExpressionMatrix, library: Any) -> Any:
    prior = PRIOR_COUNT * library / library.mean()
    return np.log2((counts.values + prior) / (library + 2 * prior) * 1e6)
