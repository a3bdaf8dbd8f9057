"""Measurements compared between groups of patients, or between pairs of measurements."""

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from analysis.charts import boxes
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.headline.claims import Claim
from analysis.kinds import cutpoints
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.kinds.compare_tables import compare_tables
from analysis.kinds.comparing import ALPHA, AUTO, NO_TEST, TESTS, compared, compared_pairs, described, unfit
from analysis.kinds.grouping import (
    RESPONSE,
    Grouping,
    check_group,
    group_variables,
    grouping,
    is_number,
)
from analysis.kinds.summaries import rows_of_summaries, summaries
from analysis.kinds.survival import cutoff_wish
from analysis.kinds.tables import ResultTable
from analysis.rscripts.compare import compare_script
from analysis.stats.arrays import FloatArray
from analysis.stats.multiplicity import benjamini_hochberg
from analysis.tables.framing import Framing, listed
from analysis.tables.table import Table, TableError

SUMMARY_LABEL = "value"


class Compare:
    code = "compare"
    label = _("Groups compared")
    version = 2
    template = "analysis/kinds/tables.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        unknown = set(parameters) - {"group", "values", "test", "cutoff"}
        if unknown:
            raise ParameterError(sorted(unknown)[0], "is no parameter of a comparison of groups.")
        check_group(parameters)
        values = parameters.get("values")
        if not isinstance(values, list | tuple) or not values or len(set(values)) != len(values):
            raise ParameterError("values", "name at least one measurement, each once.")
        if parameters["group"] in values:
            raise ParameterError("values", f"{parameters['group']} tells the groups and is not compared.")
        test = parameters.get("test", AUTO)
        if test not in TESTS:
            raise ParameterError("test", f"is one of {', '.join(TESTS)}.")
        if unfit(test, 2, is_paired=False):
            raise ParameterError("test", f"{test} compares pairs; a cohort's groups are of different patients.")
        self.request(parameters)

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        groups = group_variables(parameters)
        return FrameRequest(
            variables=(*groups, *parameters["values"]),
            required=groups,
            response=parameters["group"] == RESPONSE,
            cutoffs=cutpoints.wishes(parameters["group"], parameters) if "cutoff" in parameters else (),
        )

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        if parameters.get("from_summary"):
            return _of_summaries(frame, parameters["values"][0])
        base = {
            "test": parameters.get("test", AUTO),
            "paired": parameters.get("paired"),
            "from_summary": False,
            "notes": frame.notes,
            "warnings": [],
        }
        groups = grouping(frame, parameters) if frame.rows else "Nobody has all the facts that this analysis needs."
        if isinstance(groups, str):
            described = {"group": parameters["group"], "group_label": "", "names": [], "levels": {}, "cutoff": None}
            return base | described | {"n": 0, "dropped": frame.dropped(), "rows": [], "refused": groups}
        rows = _adjusted([_row(frame, groups, value, parameters) for value in parameters["values"]])
        lost = Counter(frame.dropped())
        for row in rows:
            lost.update(row["dropped"])
        return (
            base
            | groups.as_json()
            | {
                "n": _patients(frame, groups, parameters),
                "dropped": dict(sorted(lost.items())),
                "rows": rows,
                "warnings": [f"{row['label']}: {text}" for row in rows for text in row["warnings"]],
                "refused": _refused(rows),
            }
        )

    def headline(self, output: Output) -> list[Claim]:
        return [Claim("n", "Patients", output["n"])] + [
            claim for row in output["rows"] for claim in _claims(row, output)
        ]

    def figures(self, output: Output) -> list[Figure]:
        if not any(group["n"] for row in output["rows"] for group in row["groups"]):
            return []
        labels = ", ".join(dict.fromkeys(row["label"] for row in output["rows"]))
        by = f" by {output['group_label']}" if output["group_label"] else ""
        return [Figure("groups", f"{labels}{by}", boxes.chart(output))]

    def tables(self, output: Output) -> list[ResultTable]:
        return compare_tables(output)

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument("--group", metavar="COLUMN", help="the column that tells the groups")
        parser.add_argument("--cutoff", metavar="median|VALUE", help="where a group that is a number is split")
        parser.add_argument("--values", metavar="COLUMN,COLUMN", help="the measurements to compare")
        parser.add_argument("--paired", metavar="COLUMN", help="rows of one value of this column are a pair")
        parser.add_argument("--test", default=AUTO, choices=TESTS, help="by the rule (auto), or this one")
        parser.add_argument(
            "--from-summary", metavar="n,mean,sd;n,mean,sd", help="without a file: printed sizes, means and SDs"
        )

    def from_table(self, table: Table | None, options: Namespace) -> tuple[Frame, dict[str, Any]]:
        if options.from_summary:
            if table is not None or options.group or options.paired:
                raise TableError("Give a file with --group and --values, or --from-summary, not both.")
            if options.test != AUTO:
                raise TableError("--from-summary gives the tests with and without equal variances; leave out --test.")
            return summaries(options.from_summary), {
                "from_summary": True,
                "values": [options.values or SUMMARY_LABEL],
            }
        if table is None:
            raise TableError("Name the file of the table, or give --from-summary.")
        return _of_table(table, options)

    def r_script(self, frame: Frame, parameters: Mapping[str, Any], output: Output, *, name: str) -> str:
        return compare_script(output, name=name)


COMPARE = Compare()


def _of_table(table: Table, options: Namespace) -> tuple[Frame, dict[str, Any]]:
    if not options.group or not options.values:
        raise TableError("Name the groups and what is compared: --group COLUMN and --values COLUMN,COLUMN.")
    values = listed(options.values)
    for role, column in (("--group", options.group), ("--paired", options.paired)):
        if column in values:
            raise TableError(f"{role} {column!r} is also among --values.")
    if options.group == options.paired:
        raise TableError("--paired names the column of the patients, not that of the groups.")
    framing = Framing(table)
    parameters = {"group": options.group, "values": values, "test": options.test}
    if options.cutoff:
        if options.cutoff == "optimal":
            raise TableError("--cutoff optimal needs survival: a group is split here at the median or at a number.")
        framing.numbers(options.group)
        parameters["cutoff"] = cutoff_wish(options.cutoff)
    else:
        framing.texts(options.group)
    framing.numbers(*values)
    needed = [options.group]
    if options.paired:
        framing.texts(options.paired)
        needed.append(options.paired)
        parameters["paired"] = options.paired
    frame = framing.frame().complete(*needed)
    groups = grouping(frame, parameters) if frame.rows else ""
    if isinstance(groups, Grouping):
        _check_test(groups, options)
        if options.paired:
            _check_pairs(table, groups, options)
    return frame, parameters


def _check_test(groups: Grouping, options: Namespace) -> None:
    wrong = unfit(options.test, len(groups.names), is_paired=bool(options.paired))
    # One group alone is too few data, not a wrong wish.
    if wrong and len(groups.names) > 1:
        raise TableError(f"--test {options.test}: {wrong} The groups of {groups.column}: {', '.join(groups.names)}.")


def _check_pairs(table: Table, groups: Grouping, options: Namespace) -> None:
    cells = zip(table.numbers, table.texts(options.paired), table.texts(options.group), strict=True)
    rows = [(number, patient) for number, patient, group in cells if None not in (patient, group)]
    seen: dict[tuple[str | None, str], int] = {}
    for (number, patient), group in zip(rows, groups.of_rows, strict=True):
        first = seen.setdefault((patient, group), number)
        if first != number:
            raise TableError(
                f"Column {options.paired}, row {number}: {patient!r} stands already in row {first} with the same "
                f"{groups.column} ({group})."
            )


def _row(frame: Frame, groups: Grouping, value: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    column = frame.columns[value]
    complete = frame.complete(value)
    dropped = Counter(complete.dropped()) - Counter(frame.dropped())
    base = {"value": value, "label": column["label"], "unit": column["unit"]}
    if not all(is_number(cell) for cell in complete.column(value)):
        refused = "Not a number: its categories are compared in a Table 1."
        return base | {"n": 0, "dropped": {}, "groups": []} | NO_TEST | {"refused": refused}
    if paired := parameters.get("paired"):
        samples, alone = _pairs(frame, groups, value, paired)
        if alone:
            dropped[f"{column['label']}: without a partner in {paired}"] = alone
        tested = compared_pairs(samples, parameters.get("test", AUTO))
        n = len(next(iter(samples.values()), []))
    else:
        samples = _samples(frame, groups, value)
        tested = compared(samples, parameters.get("test", AUTO))
        n = sum(len(group) for group in samples.values())
    described_groups = [{"name": name} | described(group) | {"values": group} for name, group in samples.items()]
    return base | {"n": n, "dropped": dict(sorted(dropped.items())), "groups": described_groups} | tested


def _samples(frame: Frame, groups: Grouping, value: str) -> dict[str, FloatArray]:
    cells = frame.column(value)
    return {
        name: np.array([cells[i] for i in groups.rows_of(name) if cells[i] is not None], float) for name in groups.names
    }


def _patients(frame: Frame, groups: Grouping, parameters: Mapping[str, Any]) -> int:
    """Who has at least one of the values, of pairs on both sides."""
    values, paired = parameters["values"], parameters.get("paired")
    if paired:
        return len({patient for value in values for patient in _complete(frame, groups, value, paired)[0]})
    return sum(any(row[value] is not None for value in values) for row in frame.rows)


def _pairs(frame: Frame, groups: Grouping, value: str, paired: str) -> tuple[dict[str, FloatArray], int]:
    """Per group the values of those who have one in every group, in the order of rows; and how many rows are alone."""
    found, alone = _complete(frame, groups, value, paired)
    return {name: np.array([cells[name] for cells in found.values()], float) for name in groups.names}, alone


def _complete(frame: Frame, groups: Grouping, value: str, paired: str) -> tuple[dict[str, dict[str, float]], int]:
    found: dict[str, dict[str, float]] = {}
    for row, group in zip(frame.rows, groups.of_rows, strict=True):
        if row[value] is not None:
            found.setdefault(row[paired], {})[group] = row[value]
    complete = {patient: cells for patient, cells in found.items() if len(cells) == len(groups.names)}
    return complete, sum(len(cells) for cells in found.values()) - len(complete) * len(groups.names)


def _adjusted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    q = benjamini_hochberg([np.nan if row["p"] is None else row["p"] for row in rows])
    return [row | {"q": None if row["p"] is None else float(value)} for row, value in zip(rows, q, strict=True)]


def _refused(rows: list[dict[str, Any]]) -> str | None:
    """Said of the whole where no value has a p."""
    reasons = [row["refused"] for row in rows]
    return None if None in reasons else str(reasons[0])


def _of_summaries(frame: Frame, label: str) -> Output:
    rows = rows_of_summaries(frame, label)
    names = [row["patient"] for row in frame.rows]
    return {
        "group": None,
        "group_label": "",
        "names": names,
        "levels": {},
        "cutoff": None,
        "test": AUTO,
        "paired": None,
        "from_summary": True,
        "n": rows[0]["n"],
        "dropped": {},
        "notes": ["Computed from printed sizes, means and standard deviations."],
        "warnings": [],
        "rows": rows,
        "refused": _refused(rows),
    }


def _claims(row: dict[str, Any], output: Output) -> list[Claim]:
    several = len(output["rows"]) > 1
    place, said = row["value"], row["label"]
    if output["from_summary"]:
        place, said, several = f"{place} {row['test']}", f"{said} by {row['test']}", False
    if row["p"] is None:
        return [Claim(f"{place}_p", f"p of {said}", None, verdict=f"no test of {row['label']}")]
    judged = row["q"] if several else row["p"]
    verdict = f"{row['label']} differs" if judged < ALPHA else f"no difference of {row['label']} shown"
    claims = [Claim(f"{place}_p", f"p of {said} ({row['test']})", row["p"], verdict="" if several else verdict)]
    if several:
        claims.append(Claim(f"{place}_adjusted_p", f"p of {said}, adjusted for many", row["q"], verdict=verdict))
    if row["difference"] is not None:
        wording = f"{row['label']}: {row['estimate']}"
        claims.append(Claim(f"{place}_difference", wording, row["difference"], row["low"], row["high"], row["unit"]))
    return claims
