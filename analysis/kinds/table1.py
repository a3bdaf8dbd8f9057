"""Table 1: the patients of each group by their baseline, with the study's tests and standardised differences."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from analysis.charts import balance, shares
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.headline.claims import Claim
from analysis.kinds import cutpoints
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.kinds.comparing import ALPHA
from analysis.kinds.counts import COLUMNS, ROWS, counts_frame, rows_of_counts
from analysis.kinds.grouping import (
    RESPONSE,
    Grouping,
    category,
    check_group,
    group_variables,
    grouping,
    is_number,
)
from analysis.kinds.survival import ordered
from analysis.kinds.table1_columns import frame_of_columns
from analysis.kinds.table1_rows import category_rows, nobody, number_row, size_refusal
from analysis.kinds.table1_tables import table1_tables, variables
from analysis.kinds.tables import ResultTable
from analysis.rscripts.rows import cell
from analysis.rscripts.table1 import table1_script
from analysis.tables.table import Table, TableError

COUNTS_LABEL = "category"
SHARES_NOTE = "n (%) of the patients with a known value; mean ± SD, or median [quartiles] where ranks were compared."


class Table1:
    code = "table1"
    label = _("Table 1: patients by group")
    version = 2
    template = "analysis/kinds/tables.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        unknown = set(parameters) - {"group", "columns", "categorical", "cutoff"}
        if unknown:
            raise ParameterError(sorted(unknown)[0], "is no parameter of a Table 1.")
        check_group(parameters)
        columns = parameters.get("columns")
        if not isinstance(columns, list | tuple) or not columns or len(set(columns)) != len(columns):
            raise ParameterError("columns", "name at least one variable, each once.")
        if parameters["group"] in columns:
            raise ParameterError("columns", f"{parameters['group']} tells the groups and is not compared.")
        categorical = parameters.get("categorical", [])
        if not isinstance(categorical, list | tuple) or not set(categorical) <= set(columns):
            raise ParameterError("categorical", "lists those of the columns whose numbers are categories.")
        self.request(parameters)

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        groups = group_variables(parameters)
        return FrameRequest(
            variables=(*groups, *parameters["columns"]),
            required=groups,
            response=parameters["group"] == RESPONSE,
            cutoffs=cutpoints.wishes(parameters["group"], parameters) if "cutoff" in parameters else (),
        )

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        if parameters.get("from_counts"):
            return _of_counts(frame, parameters["columns"][0])
        base = {
            "from_counts": False,
            "n": len(frame.rows),
            "dropped": frame.dropped(),
            "notes": [*frame.notes, SHARES_NOTE],
            "warnings": parameters.get("warnings", []),
        }
        groups = grouping(frame, parameters) if frame.rows else "Nobody has all the facts that this analysis needs."
        if isinstance(groups, str):
            described = {"group": parameters["group"], "group_label": "", "names": [], "levels": {}, "cutoff": None}
            return base | described | {"sizes": [], "rows": [], "refused": groups}
        rows = [row for name in parameters["columns"] for row in _rows(frame, groups, name, parameters)]
        sizes = [{"name": name, "n": len(groups.rows_of(name))} for name in groups.names]
        return (
            base
            | groups.as_json()
            | {
                "sizes": sizes,
                "rows": rows,
                "warnings": [*base["warnings"], *_warnings(rows)],
                "refused": _refused(rows),
            }
        )

    def headline(self, output: Output) -> list[Claim]:
        return [Claim("n", "Patients", output["n"])] + [claim for row in variables(output) for claim in _claims(row)]

    def figures(self, output: Output) -> list[Figure]:
        if not output["rows"]:
            return []
        if output["from_counts"]:
            return [Figure("shares", f"{output['rows'][0]['label']} by group", shares.chart(output))]
        if not any(isinstance(row["smd"], float) for row in variables(output)):
            return []
        title = f"Standardised differences by {output['group_label']}"
        return [Figure("balance", title, balance.chart(output | {"rows": variables(output)}))]

    def tables(self, output: Output) -> list[ResultTable]:
        return table1_tables(output)

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument("--group", metavar="COLUMN", help="the column that tells the groups")
        parser.add_argument("--cutoff", metavar="median|VALUE", help="where a group that is a number is split")
        parser.add_argument(
            "--columns",
            metavar="COLUMN,factor(COLUMN)",
            help="the variables, all of them if left out; factor(): a category",
        )
        parser.add_argument(
            "--from-counts", metavar="a,b;c,d", help="without a file: printed counts, a group between semicolons"
        )
        parser.add_argument(
            "--groups-in", default=ROWS, choices=(ROWS, COLUMNS), help="of --from-counts: columns turns the table round"
        )

    def from_table(self, table: Table | None, options: Namespace) -> tuple[Frame, dict[str, Any]]:
        if options.from_counts:
            if table is not None or options.group:
                raise TableError("Give a file with --group, or --from-counts, not both.")
            parameters = {"from_counts": True, "columns": [options.columns or COUNTS_LABEL]}
            return counts_frame(options.from_counts, options.groups_in), parameters
        if table is None:
            raise TableError("Name the file of the table, or give --from-counts.")
        return frame_of_columns(table, options)

    def r_script(self, frame: Frame, parameters: Mapping[str, Any], output: Output, *, name: str) -> str:
        return table1_script(output, name=name)


TABLE1 = Table1()


def _rows(frame: Frame, groups: Grouping, name: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    column, cells = frame.columns[name], frame.column(name)
    base = {"variable": name, "label": column["label"], "unit": column["unit"], "dropped": {}}
    members = {group: [cells[i] for i in groups.rows_of(group)] for group in groups.names}
    missing = {group: sum(value is None for value in found) for group, found in members.items()}
    known = {group: [value for value in found if value is not None] for group, found in members.items()}
    if not any(known.values()):
        return [base | nobody(groups.names, missing)]
    is_category = name in parameters.get("categorical", []) or not all(
        is_number(value) for value in cells if value is not None
    )
    if not is_category:
        return [number_row(base, {group: np.array(found, float) for group, found in known.items()}, missing)]
    labels = column.get("levels") or {}
    # How a level is called, and how the rows write it as a file.
    marks = {str(labels.get(str(value), category(value))): cell(value) for found in known.values() for value in found}
    named = {group: [str(labels.get(str(value), category(value))) for value in found] for group, found in known.items()}
    levels = ordered(marks)
    counts = {group: [found.count(level) for level in levels] for group, found in named.items()}
    rows = category_rows(base, levels, counts, missing, refused=size_refusal(counts))
    return [row | {"mark": marks[row["level"]]} for row in rows]


def _refused(rows: list[dict[str, Any]]) -> str | None:
    """Said of the whole where no variable has a p."""
    reasons = [row["refused"] for row in rows]
    return str(reasons[0]) if reasons and None not in reasons else None


def _warnings(rows: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(f"{row['label']}: {text}" for row in rows for text in row["warnings"]))


def _of_counts(frame: Frame, label: str) -> Output:
    rows = rows_of_counts(frame, label)
    names = [row["patient"] for row in frame.rows]
    sizes = [{"name": group["name"], "n": group["n"]} for group in rows[0]["groups"]]
    return {
        "from_counts": True,
        "group": None,
        "group_label": "",
        "names": names,
        "levels": {},
        "cutoff": None,
        "sizes": sizes,
        "n": sum(size["n"] for size in sizes),
        "dropped": {},
        "notes": ["Computed from printed counts; each group is what stands between semicolons, unless turned round."],
        "warnings": _warnings(rows),
        "rows": rows,
        "refused": _refused(rows),
    }


def _claims(row: dict[str, Any]) -> list[Claim]:
    place, label = row["variable"], row["label"]
    claims = []
    if row["p"] is None:
        claims.append(Claim(f"{place}_p", f"p of {label}", None, verdict=f"no test of {label}"))
    else:
        verdict = f"{label} differs" if row["p"] < ALPHA else f"no difference of {label} shown"
        claims.append(Claim(f"{place}_p", f"p of {label} ({row['test']})", row["p"], verdict=verdict))
    if row["smd"] is not None and np.isfinite(float(row["smd"])):
        claims.append(Claim(f"{place}_smd", f"Standardised difference of {label}", row["smd"]))
    return claims
