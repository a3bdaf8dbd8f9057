"""What was computed here against what others have published of the same samples."""

from collections.abc import Mapping, Set
from typing import Any

import numpy as np
import pandas as pd

from analysis.discovery.method import COPIES, SCORES, Earlier, Given, Method, Outcome, Role
from analysis.discovery.methods.genome import CALLS
from analysis.discovery.methods.groups import column_of
from analysis.discovery.methods.tables import GENE, SAMPLE, counted, listed, scores_of
from analysis.discovery.parameters import Parameter
from analysis.discovery.sources import GISTIC
from analysis.omics.copy_agreement import copy_agreement
from analysis.omics.errors import OmicsInputError
from analysis.omics.genes import match_symbols
from analysis.omics.gistic import read_gene_calls
from analysis.omics.patients import in_both
from analysis.stats.correlation import pearson, spearman
from analysis.stats.errors import StatsInputError

OWN, PUBLISHED = "own", "published"


def _copy_agreement(given: Given) -> Outcome:
    one: Earlier = given.one("copies")
    if CALLS not in one.outcome.extra:
        raise OmicsInputError(f"{one.name} has no calls by gene and sample: it is of lesions.")
    own, other = one.outcome.extra[CALLS].set_index(GENE), _published(given)
    match = match_symbols(list(own.index), list(other.index))
    samples = in_both(own.columns, other.columns)
    genes = match.found
    if not genes or not samples:
        raise OmicsInputError(
            f"{counted(len(genes), 'gene')} and {counted(len(samples), 'sample')} are in both sets of calls."
        )
    theirs = other.loc[list(genes.values()), list(samples.values())]
    found = copy_agreement(
        own.loc[list(genes), list(samples)], theirs.set_axis(list(genes)).set_axis(list(samples), axis=1)
    )
    table = found.confusion.rename_axis(OWN).rename(columns="published {}".format).reset_index()
    return Outcome(
        table,
        (
            f"{counted(found.n, 'call')} of {counted(len(genes), 'gene')} in {counted(len(samples), 'sample')}: "
            f"{100 * found.equal:.1f} % equal, {100 * found.same_direction:.1f} % in the same direction.",
            f"Cohen's kappa {found.kappa:.3f} with linear weights, {found.kappa_quadratic:.3f} with quadratic ones.",
        ),
        {
            "n": found.n,
            "genes": len(genes),
            "samples": len(samples),
            "equal": found.equal,
            "same_direction": found.same_direction,
            "kappa": _known(found.kappa),
            "kappa_quadratic": _known(found.kappa_quadratic),
        },
        warnings=(
            f"Only here: {counted(len(own) - len(genes), 'gene')}, {counted(own.shape[1] - len(samples), 'sample')}; "
            f"only published: {counted(len(other) - len(genes), 'gene')}, "
            f"{counted(other.shape[1] - len(samples), 'sample')}.",
        ),
        extra={"genes": found.by_gene},
    )


def _published(given: Given) -> pd.DataFrame:
    """Calls of others, genes x samples."""
    published = given.one(PUBLISHED)
    if not isinstance(published, Earlier):
        if given.parameters["suffix"]:
            raise OmicsInputError(
                "suffix is of the columns of a table of scores, and GISTIC's calls have genes in rows."
            )
        return read_gene_calls(published.must("calls"))
    suffix = given.parameters["suffix"]
    scores = scores_of(published.outcome.table)
    chosen = [name for name in scores if name.endswith(suffix)]
    if not chosen:
        raise OmicsInputError(f"{published.name} has no column that ends with {suffix}.")
    return scores[chosen].rename(columns=lambda name: name.removesuffix(suffix)).T


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def _against(given: Given) -> Outcome:
    ours = pd.concat([column_of(one) for one in given.all("values")], axis=1)
    theirs = column_of(given.one(PUBLISHED))
    pairs: Mapping[str, str] = given.parameters["pairs"] or {name: name for name in ours if name in theirs}
    if not pairs:
        raise OmicsInputError(
            f"No score has the same name in both: pairs says which are one. Here: {', '.join(ours)}; "
            f"published: {', '.join(theirs)}."
        )
    for name, published in pairs.items():
        _has_one(ours, name, "What was computed")
        _has_one(theirs, published, given.one(PUBLISHED).name)
    samples = in_both(ours.index, theirs.index)
    mine, other = ours.loc[list(samples)], theirs.loc[list(samples.values())].set_axis(list(samples))
    rows = []
    for name, published in pairs.items():
        pair = pd.concat([mine[name], other[published]], axis=1).dropna().to_numpy()
        rows.append({"score": name, PUBLISHED: published, "n": len(pair), **_correlated(pair[:, 0], pair[:, 1])})
    table = pd.DataFrame(rows)
    said = [f"{row.score} {row.spearman:.3f}" for row in table.itertuples() if np.isfinite(row.spearman)]
    values = mine[list(pairs)].join(other[list(dict.fromkeys(pairs.values()))], rsuffix=f" ({PUBLISHED})")
    return Outcome(
        table,
        (
            f"{counted(len(samples), 'sample')} in common, {counted(len(table), 'score')}.",
            f"Rank correlation (Spearman): {listed(said) or 'none'}.",
        ),
        {"samples": len(samples), "spearman": {row.score: _known(row.spearman) for row in table.itertuples()}},
        warnings=(
            f"Only here: {counted(len(ours) - len(samples), 'sample')}; only published: "
            f"{counted(len(theirs) - len(samples), 'sample')}.",
        ),
        extra={"values": values.rename_axis(SAMPLE).reset_index()},
    )


def _has_one(table: pd.DataFrame, name: str, whose: str) -> None:
    if list(table.columns).count(name) != 1:
        raise OmicsInputError(f"{whose} has no score {name}, or several; there are {', '.join(table)}.")


def _correlated(ours: Any, theirs: Any) -> dict[str, float]:
    try:
        return {"spearman": spearman(ours, theirs).value, "pearson": pearson(ours, theirs).value}
    except StatsInputError:
        return {"spearman": np.nan, "pearson": np.nan}


def _bad_pairs(asked: Mapping[str, Any], _roles: Set[str]) -> str:
    pairs = asked["pairs"] or {}
    if all(isinstance(name, str) for name in pairs.values()):
        return ""
    return 'names in pairs scores of both sides, as { stromal = "StromalScore" }'


COPY_AGREEMENT = Method(
    "copy_agreement",
    "Agreement with published calls of copy number",
    "1",
    _copy_agreement,
    {"copies": Role((COPIES,)), PUBLISHED: Role((GISTIC, SCORES))},
    {"suffix": Parameter(str, "")},
)
AGAINST = Method(
    "against",
    "Agreement with published scores",
    "1",
    _against,
    {"values": Role((SCORES,), several=True, part="column"), PUBLISHED: Role((SCORES,), part="column")},
    {"pairs": Parameter(dict, None)},
    check=_bad_pairs,
)
