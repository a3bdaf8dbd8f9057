"""Groups by their printed size, mean and standard deviation: what a paper allows to be computed again."""

from collections.abc import Callable
from typing import Any

from analysis.frames.frame import Frame
from analysis.kinds.comparing import NO_TEST, WELCH, WELCH_ANOVA
from analysis.kinds.grouping import too_few
from analysis.stats.errors import StatsInputError
from analysis.stats.group_test import STUDENT
from analysis.stats.many_group_test import ANOVA
from analysis.stats.many_groups import anova_from_summaries, welch_anova_from_summaries
from analysis.stats.t_tests import Summary, t_test_from_summary
from analysis.tables.table import TableError

WRITE = 'write "n,mean,sd;n,mean,sd"'
Test = Callable[[list[Summary]], dict[str, Any]]


def summaries(text: str) -> Frame:
    """`37,44.61,6.07;27,40.39,5.60` as a frame with a row per group. TableError names the group."""
    groups = [_summary(place, part) for place, part in enumerate(text.split(";"), start=1)]
    if len(groups) < 2:
        raise TableError(f"--from-summary {text!r} holds one group only: {WRITE}.")
    return Frame(groups)


def _summary(place: int, text: str) -> dict[str, Any]:
    try:
        n, mean, sd = (float(part) for part in text.split(","))
    except ValueError:
        raise TableError(f"--from-summary, group {place}: {text.strip()!r} is not three numbers; {WRITE}.") from None
    if n != round(n) or n < 2 or abs(mean) == float("inf") or mean != mean or not 0 <= sd < float("inf"):
        raise TableError(f"--from-summary, group {place}: n is a whole number from 2 on, and sd is not below 0.")
    return {"patient": f"group {place}", "n": int(n), "mean": mean, "sd": sd}


def rows_of_summaries(frame: Frame, label: str) -> list[dict[str, Any]]:
    """With equal variances and without: a row for each, for print does not say which of them was used."""
    groups = [{"name": row["patient"], "n": row["n"], "mean": row["mean"], "sd": row["sd"]} for row in frame.rows]
    found = [Summary(row["n"], row["mean"], row["sd"]) for row in frame.rows]
    tests: dict[str, Test] = (
        {STUDENT: _student, WELCH: _welch} if len(found) == 2 else {ANOVA: _anova, WELCH_ANOVA: _welch_anova}
    )
    why = {True: "Supposes equal variances.", False: "Does not suppose equal variances."}
    refused = too_few({group["name"]: group["n"] for group in groups})
    return [
        {"value": label, "label": label, "unit": "", "n": sum(group["n"] for group in groups), "dropped": {}}
        | {"groups": groups}
        | (NO_TEST | {"refused": refused} if refused else _tested(test, found))
        | {"test": name, "why": f"{why[name in (STUDENT, ANOVA)]} From printed summaries, so normality is not known."}
        for name, test in tests.items()
    ]


def _tested(test: Test, found: list[Summary]) -> dict[str, Any]:
    try:
        return NO_TEST | test(found)
    except StatsInputError as error:
        return NO_TEST | {"refused": f"No test: {error}"}


def _student(found: list[Summary]) -> dict[str, Any]:
    return _t(found, equal_var=True)


def _welch(found: list[Summary]) -> dict[str, Any]:
    return _t(found, equal_var=False)


def _t(found: list[Summary], *, equal_var: bool) -> dict[str, Any]:
    test = t_test_from_summary(*found, equal_var=equal_var)
    kept = ("statistic", "df", "p", "difference", "low", "high")
    return {name: getattr(test, name) for name in kept} | {"estimate": "difference of means, group 1 less group 2"}


def _anova(found: list[Summary]) -> dict[str, Any]:
    test = anova_from_summaries(found)
    return {"statistic": test.f, "df": test.df1, "df2": test.df2, "p": test.p}


def _welch_anova(found: list[Summary]) -> dict[str, Any]:
    test = welch_anova_from_summaries(found)
    return {"statistic": test.f, "df": test.df1, "df2": test.df2, "p": test.p}
