"""Groups of samples by a gene or a score, comparisons of groups, correlations."""

from collections.abc import Mapping, Set
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from analysis.discovery.loading import Expression
from analysis.discovery.method import GROUPS, SCORES, Earlier, Given, Method, Outcome, Role
from analysis.discovery.methods.tables import GROUP, SAMPLE, counted, groups_of, listed, scores_of
from analysis.discovery.parameters import Parameter
from analysis.discovery.sources import EXPRESSION
from analysis.omics.errors import OmicsInputError
from analysis.omics.genes import match_symbols
from analysis.stats.correlation import spearman
from analysis.stats.errors import StatsInputError
from analysis.stats.multiplicity import benjamini_hochberg
from analysis.stats.rank_tests import mann_whitney

HIGH, LOW = "high", "low"
ALPHA = 0.05
TWO = 2


def column_of(one: Earlier) -> pd.DataFrame:
    """All scores of a step, or the one named behind the colon."""
    scores = scores_of(one.outcome.table)
    if one.part and one.part not in scores:
        raise OmicsInputError(f"{one.name} has no score {one.part}; it has {', '.join(scores)}.")
    return scores[[one.part]] if one.part else scores


def _values(given: Given) -> tuple[pd.DataFrame, list[str]]:
    """Samples x values of genes and scores, and the genes that the expression lacks."""
    expression: Expression | None = given.one("expression")
    genes = list(given.parameters["genes"])
    parts, missing = [], []
    if genes and expression is not None:
        frame = expression.within(given.parameters["within"]).frame
        match = match_symbols(genes, list(frame.index))
        missing = list(match.missing)
        parts.append(frame.loc[list(match.found.values())].T)
    parts += [column_of(one) for one in given.all("values")]
    found = pd.concat(parts, axis=1)
    twice = found.columns[found.columns.duplicated()]
    if len(twice):
        raise OmicsInputError(f"{twice[0]} is named twice.")
    if found.empty:
        raise OmicsInputError(f"None of the genes is in the expression: {listed(missing)}.")
    return found, missing


def _notes(missing: list[str]) -> tuple[str, ...]:
    return (f"Not in the expression: {listed(missing)}.",) if missing else ()


def _group_by(given: Given) -> Outcome:
    gene, score = given.parameters["gene"], given.one("score")
    if score is not None:
        column = column_of(score)
        if column.shape[1] != 1:
            raise OmicsInputError(f"{score.name} has {column.shape[1]} scores: name one as {score.name}:SCORE.")
        values = column.iloc[:, 0]
    else:
        expression: Expression = given.one("expression")
        frame = expression.within(given.parameters["within"]).frame
        found = match_symbols([gene], list(frame.index)).found
        if not found:
            raise OmicsInputError(f"The expression {expression.name} has no gene {gene}.")
        values = frame.loc[found[gene]].rename(gene)
    known = values.dropna()
    if known.empty:
        raise OmicsInputError(f"No sample has a value of {values.name}.")
    cut = float(known.median())
    groups = np.where(known > cut, HIGH, LOW)
    high = int((groups == HIGH).sum())
    table = pd.DataFrame({SAMPLE: known.index, GROUP: groups, "value": known.to_numpy()})
    return Outcome(
        table,
        (f"{known.name} above its median of {cut:.6g} is high: {high} high, {len(known) - high} low.",),
        {"by": str(known.name), "median": cut, HIGH: high, LOW: len(known) - high},
    )


def _compare_groups(given: Given) -> Outcome:
    values, missing = _values(given)
    step: Earlier | None = given.one("groups")
    expression: Expression | None = given.one("expression")
    groups = groups_of(step.outcome.table) if step else dict(expression.groups) if expression else {}
    mine = {sample: groups[sample] for sample in values.index if sample in groups}
    names = sorted(set(mine.values()))
    if len(names) != TWO:
        raise OmicsInputError(f"Two groups are compared; the samples are in {len(names)}: {listed(names) or 'none'}.")
    first, second = names
    chosen = values.loc[list(mine)]
    side = pd.Series(mine)
    rows = []
    for name in chosen:
        column = chosen[name].dropna()
        a, b = (column[side[column.index] == group].to_numpy() for group in names)
        row = {"value": name, f"n_{first}": len(a), f"n_{second}": len(b)}
        row |= {f"median_{group}": float(np.median(x)) if len(x) else np.nan for group, x in ((first, a), (second, b))}
        try:
            row["p"] = mann_whitney(a, b).p
        except StatsInputError:
            row["p"] = np.nan
        rows.append(row)
    table = pd.DataFrame(rows)
    table["q"] = benjamini_hochberg(table["p"].to_numpy(dtype=np.float64))
    higher = np.where(table[f"median_{first}"] > table[f"median_{second}"], first, second)
    table["higher_in"] = np.where(table["q"] < ALPHA, higher, "")
    shifted = [f"{row.value} in {row.higher_in}" for row in table.itertuples() if row.higher_in]
    n = {group: int((side == group).sum()) for group in names}
    return Outcome(
        table,
        (
            f"{first} (n = {n[first]}) against {second} (n = {n[second]}), Mann–Whitney; "
            f"{counted(len(table), 'value')}.",
            f"Higher at q < {ALPHA:g}: {listed(shifted, 20) or 'none'}.",
        ),
        {"n": n, "values": len(table), "found": len(shifted)},
        warnings=_notes(missing),
        extra={"values": chosen.assign(**{GROUP: side}).rename_axis(SAMPLE).reset_index()},
    )


def _correlate(given: Given) -> Outcome:
    values, missing = _values(given)
    if values.shape[1] < TWO:
        raise OmicsInputError("A correlation is of two values or more.")
    rows = []
    for a, b in combinations(values.columns, TWO):
        pair = values[[a, b]].dropna()
        try:
            found = spearman(pair[a], pair[b])
            rows.append({"a": a, "b": b, "n": found.n, "rho": found.value, "p": found.p})
        except StatsInputError:
            rows.append({"a": a, "b": b, "n": len(pair), "rho": np.nan, "p": np.nan})
    table = pd.DataFrame(rows)
    table["q"] = benjamini_hochberg(table["p"].to_numpy(dtype=np.float64))
    strongest = table.reindex(table["rho"].abs().sort_values(ascending=False, kind="stable").index).head(5)
    said = "; ".join(f"{row.a} and {row.b} {row.rho:.2f}" for row in strongest.itertuples() if np.isfinite(row.rho))
    return Outcome(
        table,
        (f"{counted(len(table), 'pair')}, Spearman. Strongest: {said or 'none'}.",),
        {"pairs": len(table), "values": list(values.columns)},
        warnings=_notes(missing),
    )


def _lacks_values(asked: Mapping[str, Any], roles: Set[str]) -> str:
    if not asked["genes"] and "values" not in roles:
        return "names neither genes of an expression nor values of a step"
    return "names genes, and no expression to take them from" if asked["genes"] and "expression" not in roles else ""


def _lacks_group(asked: Mapping[str, Any], roles: Set[str]) -> str:
    if (asked["gene"] is None) == ("score" not in roles):
        return "names a gene or a score, one of both"
    return "names a gene, and no expression to take it from" if asked["gene"] and "expression" not in roles else ""


_GENES = {"genes": Parameter(str, [], listed=True), "within": Parameter(str, None)}
_VALUES = {
    "expression": Role((EXPRESSION,), required=False),
    "values": Role((SCORES,), required=False, several=True, part="column"),
}
GROUP_BY = Method(
    "group_by",
    "Groups by the median",
    "1",
    _group_by,
    {"expression": Role((EXPRESSION,), required=False), "score": Role((SCORES,), required=False, part="column")},
    {"gene": Parameter(str, None), "within": Parameter(str, None)},
    gives=GROUPS,
    check=_lacks_group,
)
COMPARE_GROUPS = Method(
    "compare_groups",
    "Comparison of groups",
    "1",
    _compare_groups,
    {**_VALUES, "groups": Role((GROUPS,), required=False)},
    _GENES,
    check=_lacks_values,
)
CORRELATE = Method("correlate", "Correlations", "1", _correlate, _VALUES, _GENES, check=_lacks_values)
