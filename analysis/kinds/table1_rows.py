"""The rows of a Table 1: how a variable is spread in each group, the test of it, and how far the groups differ."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.kinds.compare_tables import BY_MEANS
from analysis.kinds.comparing import AUTO, NO_TEST, compared, described
from analysis.kinds.grouping import too_few
from analysis.kinds.tables import shown
from analysis.stats.arrays import FloatArray
from analysis.stats.category_test import CategoryTest, compare_categories
from analysis.stats.contingency import TableTest
from analysis.stats.errors import StatsInputError
from analysis.stats.smd import smd_of_counts, smd_of_means
from analysis.stats.t_tests import summarise

NUMBER, CATEGORY = "number", "category"
NO_COUNTS: dict[str, Any] = {"chi2": None, "chi2_yates": None, "fisher": None, "least_expected": None}
Row = dict[str, Any]


def number_row(base: Row, samples: dict[str, FloatArray], missing: Mapping[str, int]) -> Row:
    """A measurement: mean ± SD where the rule took means to compare, else median [quartiles]."""
    tested = compared(samples, AUTO)
    as_mean = tested["test"] in BY_MEANS
    everybody = np.concatenate(list(samples.values()))
    groups = [
        {"name": name} | _number(sample, as_mean=as_mean) | {"missing": missing[name]}
        for name, sample in samples.items()
    ]
    overall = _number(everybody, as_mean=as_mean) | {"missing": sum(missing.values())}
    spread = {"level": None, "kind": NUMBER, "n": len(everybody), "groups": groups, "overall": overall}
    return base | spread | NO_COUNTS | tested | _smd_of_samples(list(samples.values()))


def category_rows(
    base: Row,
    levels: Sequence[str],
    counts: Mapping[str, Sequence[int]],
    missing: Mapping[str, int],
    *,
    refused: str | None,
    exact_where_few: bool = True,
) -> list[Row]:
    """One row per level, each with the test of them all. `counts`: per group how many have each level."""
    table = np.array([list(row) for row in counts.values()], dtype=float)
    tested = _tested(table, refused, exact_where_few=exact_where_few)
    names = list(counts)
    spread = base | {"kind": CATEGORY, "n": int(table.sum())}
    return [
        spread
        | {
            "level": level,
            "groups": [
                {"name": name} | _share(table[i], at) | {"missing": missing[name]} for i, name in enumerate(names)
            ],
            "overall": _share(table.sum(axis=0), at) | {"missing": sum(missing.values())},
        }
        | tested
        for at, level in enumerate(levels)
    ]


def nobody(names: Sequence[str], missing: Mapping[str, int]) -> Row:
    """A variable that no patient has a value of."""
    empty = {"n": 0, "count": 0, "share": None, "text": "—"}
    groups = [{"name": name} | empty | {"missing": missing[name]} for name in names]
    spread = {"level": None, "kind": CATEGORY, "n": 0, "groups": groups}
    overall = empty | {"missing": sum(missing.values())}
    refused: Row = {"refused": "No test: nobody has a value.", "smd": None, "smds": []}
    return spread | {"overall": overall} | NO_TEST | NO_COUNTS | refused


def size_refusal(counts: Mapping[str, Sequence[int]]) -> str | None:
    return too_few({name: sum(row) for name, row in counts.items()})


def _number(sample: FloatArray, *, as_mean: bool) -> Row:
    found = described(sample)
    if not found["n"]:
        return found | {"text": "—"}
    if as_mean:
        return found | {"text": f"{shown(found['mean'])} ± {shown(found['sd'])}"}
    return found | {"text": f"{shown(found['median'])} [{shown(found['q1'])}–{shown(found['q3'])}]"}


def _share(row: FloatArray, at: int) -> Row:
    n, count = int(row.sum()), int(row[at])
    share = count / n if n else None
    percent = "—" if share is None else f"{100 * share:.1f}%"
    return {"n": n, "count": count, "share": share, "text": f"{count} ({percent})"}


def _smd_of_samples(samples: list[FloatArray]) -> Row:
    if min(len(sample) for sample in samples) < 2:
        return {"smd": None, "smds": []}
    return _smd(lambda: smd_of_means([summarise(sample, "group") for sample in samples]))


def _smd(found: Any) -> Row:
    """The mean over the pairs of groups, and the pairs."""
    try:
        pairs = found()
    except StatsInputError:
        return {"smd": None, "smds": []}
    return {"smd": float(pairs.mean()), "smds": [float(pair) for pair in pairs]}


def _tested(table: FloatArray, refused: str | None, *, exact_where_few: bool) -> Row:
    smd = _smd(lambda: smd_of_counts(table))
    if refused:
        return NO_TEST | NO_COUNTS | smd | {"refused": refused}
    try:
        found = compare_categories(table, exact_where_few=exact_where_few)
    except StatsInputError as error:
        return NO_TEST | NO_COUNTS | smd | {"refused": f"No test: {error}"}
    return NO_TEST | smd | _of_category(found)


def _of_category(found: CategoryTest) -> Row:
    fisher = found.fisher
    ratio = fisher if fisher and fisher.odds_ratio is not None else None
    return {
        "test": found.test,
        "statistic": found.statistic,
        "df": found.df,
        "p": found.p,
        "why": found.why,
        "chi2": _chi2(found.pearson),
        "chi2_yates": _chi2(found.yates) if found.yates else None,
        "fisher": {name: getattr(fisher, name) for name in ("p", "odds_ratio", "low", "high")} if fisher else None,
        "least_expected": found.least_expected,
        "difference": ratio.odds_ratio if ratio else None,
        "low": ratio.low if ratio else None,
        "high": ratio.high if ratio else None,
        "estimate": "odds ratio (conditional)" if ratio else "",
        "warnings": _warnings(found),
    }


def _warnings(found: CategoryTest) -> list[str]:
    if not found.expects_few or found.statistic is None:
        return []
    instead = "Fisher's exact p stands beside it" if found.fisher else found.no_fisher
    return [f"{found.expects_few}, so the chi-square is rough. {instead.rstrip('.')}."]


def _chi2(test: TableTest) -> Row:
    return {"chi2": test.chi2, "df": test.df, "p": test.p}
