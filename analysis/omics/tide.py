"""TIDE: dysfunction and exclusion of T cells, and the markers reported beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.omics.errors import OmicsInputError
from analysis.omics.matrices import Provenance, expression, input_hash, merged, not_negative

VERSION = "1"
# Rows of the spread table whose mean divides the scores.
SPREAD_OF = {
    "Melanoma": ("SKCM.RNASeq",),
    "NSCLC": ("LUSC.RNASeq.norm_subtract", "LUAD.RNASeq.norm_subtract"),
    "Other": ("SKCM.RNASeq",),
}
VALIDATED = ("Melanoma", "NSCLC")
NOT_VALIDATED = "TIDE was validated in melanoma and lung cancer only; other cancers take melanoma's spread."
SCALED = ("Dysfunction", "Exclusion")
EXCLUDING = ("MDSC", "CAF", "TAM M2")
INSTABILITY = ("MSI", "MSS")
# Entrez identifiers.
CTL = {"CD8A": "925", "CD8B": "926", "GZMA": "3001", "GZMB": "3002", "PRF1": "5551"}
MARKERS = {
    "IFNG": {"IFNG": "3458", "STAT1": "6772", "IDO1": "3620", "CXCL10": "3627", "CXCL9": "4283", "HLA-DRA": "3122"},
    "CD8": {"CD8A": "925", "CD8B": "926"},
    "CD274": {"CD274": "29126"},
}
SAME_SIGN = 0.8
FEWEST_MAPPED = 10
MANY_MISSING = 0.1


@dataclass(frozen=True)
class TideScores:
    """Samples in rows; the columns are those of TIDE's own table.

    ``No benefits``, ``Responder`` and ``CTL.flag`` are true or false, the others numbers.
    """

    scores: pd.DataFrame
    provenance: Provenance


def tide(
    table: pd.DataFrame,
    signatures: pd.DataFrame,
    spread: pd.DataFrame,
    *,
    cancer: str = "Other",
    pretreated: bool = False,
    entrez: Mapping[str, str] | None = None,
) -> TideScores:
    """Scores of each sample of a cohort.

    Parameters
    ----------
    table : DataFrame, genes x samples
        Linear expression, or values already centred over a cohort (both signs).
    signatures : DataFrame, Entrez identifiers x (Dysfunction, Exclusion, MDSC, CAF, TAM M2, MSI, MSS)
        Supplied by the user; blanks are genes that a signature does not have.
    spread : DataFrame, cohorts x (Dysfunction, Exclusion)
        Standard deviations of the two correlations in reference cohorts, supplied by the user.
    cancer : {"Melanoma", "NSCLC", "Other"}
    pretreated : bool
        Whether patients had immunotherapy before: then exclusion alone counts.
    entrez : mapping, optional
        Entrez identifier of each symbol; rows without one are dropped. Without it the rows are Entrez identifiers.

    Raises
    ------
    OmicsInputError
        Values are not finite, there is one sample, the cancer type is unknown, a column or cohort is missing, or fewer
        than half of the genes (or 10) are known.

    Notes
    -----
    Rows of one gene become their mean. Where more than 80 % of values have one sign, log2(x + 1) is centred over the
    samples. Pearson correlations with the signatures are divided by the spread; a sample whose five genes of cytotoxic
    T cells all lie above the cohort's mean has its dysfunction as the score, any other its exclusion. Liver cancer is
    "Other", which takes melanoma's spread. Jiang et al., Nat Med 2018; 24: 1550-1558.
    """
    if cancer not in SPREAD_OF:
        raise OmicsInputError(f"The cancer type is one of {', '.join(SPREAD_OF)}, not {cancer!r}.")
    known = _signatures(signatures)
    by_gene = _by_entrez(expression(table), entrez)
    if by_gene.shape[1] < 2:
        raise OmicsInputError("TIDE needs a cohort of at least two samples: a single one has nothing to be centred on.")
    centred, transformed = _centred(by_gene)
    warnings = [] if cancer in VALIDATED else [NOT_VALIDATED]
    scores = _correlations(centred, known)
    scores[list(SCALED)] = scores[list(SCALED)] / _spread(spread, cancer)
    killers = centred.reindex(list(CTL.values())).dropna()
    if len(killers) < len(CTL):
        warnings.append("Genes of cytotoxic T cells are missing: " + _names(CTL, killers.index))
    scores["CTL.flag"] = killers.min() > 0
    scores["CTL"] = killers.mean()
    by_dysfunction = scores["CTL.flag"] & (not pretreated)
    scores["TIDE"] = scores["Dysfunction"].where(by_dysfunction, scores["Exclusion"])
    scores["Responder"] = scores["TIDE"] < 0
    for name, genes in MARKERS.items():
        found = centred.index.intersection(list(genes.values()))
        if len(found) < len(genes):
            warnings.append(f"Genes of {name} are missing and count as the cohort's mean: " + _names(genes, found))
        scores[name] = centred.loc[found].sum() / len(genes)
    scores["MSI Score"] = _instability(centred, known, warnings)
    scores["No benefits"] = (scores["TIDE"] > 1) & (scores["IFNG"] < -1)
    return TideScores(
        scores.sort_values("TIDE", ascending=False),
        Provenance(
            "TIDE",
            VERSION,
            len(known.index.intersection(centred.index)),
            len(known),
            input_hash(by_gene),
            {"cancer": cancer, "pretreated": pretreated, "log2_and_centred": transformed},
            tuple(warnings),
        ),
    )


def _signatures(table: pd.DataFrame) -> pd.DataFrame:
    lacking = [name for name in (*SCALED, *EXCLUDING, *INSTABILITY) if name not in table]
    if lacking:
        raise OmicsInputError(f"The signatures lack the column {', '.join(lacking)}.")
    return table.set_axis(_identifiers(table.index), axis=0).astype(float)


def _spread(table: pd.DataFrame, cancer: str) -> pd.Series:
    rows = SPREAD_OF[cancer]
    lacking = [name for name in rows if name not in table.index]
    if lacking:
        raise OmicsInputError(f"The spread lacks the cohort {lacking[0]}.")
    return table.loc[list(rows), list(SCALED)].mean()


def _identifiers(index: pd.Index) -> pd.Index:
    return index.astype(str).str.strip().str.removesuffix(".0")


def _by_entrez(table: pd.DataFrame, entrez: Mapping[str, str] | None) -> pd.DataFrame:
    if entrez is None:
        return merged(table.set_axis(_identifiers(table.index), axis=0), "mean")
    identifiers = [entrez.get(name) for name in table.index]
    mapped = np.array([identifier is not None for identifier in identifiers])
    if mapped.sum() < max(FEWEST_MAPPED, len(table) / 2):
        raise OmicsInputError(
            f"Only {mapped.sum()} of {len(table)} genes have an Entrez identifier: symbols are wanted."
        )
    kept = table[mapped]
    return merged(
        kept.set_axis([str(identifier) for identifier in identifiers if identifier is not None], axis=0), "mean"
    )


def _centred(table: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """The table as TIDE takes it, and whether it had to be transformed."""
    values = table.to_numpy()
    if max((values > 0).mean(), (values < 0).mean()) <= SAME_SIGN:
        return table, False
    logs = np.log2(not_negative(table) + 1)
    return logs.sub(logs.mean(axis=1), axis=0), True


def _correlations(centred: pd.DataFrame, signatures: pd.DataFrame) -> pd.DataFrame:
    found = {}
    for name in (*SCALED, *EXCLUDING):
        signature = signatures[name].dropna()
        shared = signature.index.intersection(centred.index)
        if len(shared) < FEWEST_MAPPED:
            raise OmicsInputError(f"Only {len(shared)} genes of the signature {name} are in the expression.")
        x = centred.loc[shared].to_numpy()
        y = signature[shared].to_numpy()
        x, y = x - x.mean(axis=0), y - y.mean()
        length = np.sqrt((x**2).sum(axis=0) * (y @ y))
        if not length.min() > 0:
            sample = centred.columns[length.argmin()]
            raise OmicsInputError(f"The sample {sample} has the same value in all genes of {name}.")
        found[name] = y @ x / length
    return pd.DataFrame(found, index=centred.columns)


def _instability(centred: pd.DataFrame, signatures: pd.DataFrame, warnings: list[str]) -> pd.Series:
    """Probability of microsatellite instability by a logistic model."""
    model = signatures[list(INSTABILITY)].dropna()
    shared = model.index.intersection(centred.index)
    if len(shared) < (1 - MANY_MISSING) * len(model):
        warnings.append(f"{len(model) - len(shared)} of {len(model)} genes of the MSI score are missing.")
    logits = centred.loc[shared].T @ model.loc[shared]
    return 1 / (1 + np.exp(logits["MSS"] - logits["MSI"]))


def _names(genes: Mapping[str, str], found: Sequence[str] | pd.Index) -> str:
    return ", ".join(name for name, identifier in genes.items() if identifier not in found) + "."
