"""Correlation of measurements, two by two, each over those who have both."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

from django.utils.translation import gettext_lazy as _

from analysis.charts import correlation_matrix, scatter
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.frames.variables import VariableNameError, parse
from analysis.headline.claims import Claim
from analysis.kinds import correlated
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.kinds.correlated import ADJUSTMENTS, METHODS
from analysis.kinds.tables import ResultTable, shown
from analysis.kinds.wording import ALPHA, p_cell
from analysis.rscripts.correlate import correlate_script
from analysis.tables.framing import Framing, listed
from analysis.tables.table import Table, TableError


class Correlate:
    code = "correlate"
    label = _("Correlation of measurements")
    version = 1
    template = "analysis/kinds/tables.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        unknown = set(parameters) - {"columns", "method", "adjust"}
        if unknown:
            raise ParameterError(sorted(unknown)[0], "is no parameter of a correlation.")
        columns = parameters.get("columns")
        if not isinstance(columns, list | tuple) or len(columns) < 2 or len(set(map(str, columns))) < len(columns):
            raise ParameterError("columns", "name at least two variables, each once.")
        for name in columns:
            try:
                parse(str(name))
            except VariableNameError as error:
                raise ParameterError("columns", str(error)) from error
        if parameters.get("method", "spearman") not in METHODS:
            raise ParameterError("method", f"is one of {', '.join(METHODS)}.")
        if parameters.get("adjust", "bh") not in ADJUSTMENTS:
            raise ParameterError("adjust", f"is one of {', '.join(ADJUSTMENTS)}.")

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        return FrameRequest(variables=tuple(parameters["columns"]))

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        names = list(parameters["columns"])
        used = _with_two(frame, names)
        method, adjust = parameters.get("method", "spearman"), parameters.get("adjust", "bh")
        columns = [correlated.described(used, name) for name in names]
        pairs = [correlated.pair(used, a, b, method) for a, b in combinations(columns, 2)]
        correlated.add_q(pairs, adjust)
        return {
            "method": method,
            "adjust": adjust,
            "columns": columns,
            "n": len(used.rows),
            "dropped": used.dropped(),
            "notes": [*frame.notes, *correlated.notes(method, adjust, len(pairs))],
            "warnings": correlated.warnings(columns, method),
            "pairs": pairs,
            "matrix": correlated.matrix(len(names), pairs),
            "points": correlated.points(used, names) if len(names) == 2 and pairs[0]["r"] is not None else None,
            # Of several pairs each has its own words; together they are refused only if none has a number.
            "refused": pairs[0]["refused"] if len(pairs) == 1 or all(pair["r"] is None for pair in pairs) else None,
        }

    def headline(self, output: Output) -> list[Claim]:
        word = METHODS[output["method"]]
        return [Claim("n", "Rows with two values or more", output["n"])] + [
            Claim(
                f"r_{pair['a']}_{pair['b']}",
                f"{word}, {pair['a_label']} and {pair['b_label']}",
                pair["r"],
                pair["low"],
                pair["high"],
                verdict=_verdict(pair),
            )
            for pair in output["pairs"]
        ]

    def figures(self, output: Output) -> list[Figure]:
        if all(pair["r"] is None for pair in output["pairs"]):
            return []
        labels = [column["label"] for column in output["columns"]]
        if output["points"]:
            return [Figure("scatter", " and ".join(labels), scatter.chart(output))]
        return [Figure("matrix", f"Correlation of {', '.join(labels)}", correlation_matrix.chart(output, ALPHA))]

    def tables(self, output: Output) -> list[ResultTable]:
        rows = [
            [
                f"{pair['a_label']} and {pair['b_label']}",
                str(pair["n"]),
                *(shown(pair[key]) for key in ("r", "low", "high")),
                *(p_cell(pair[key]) for key in ("p", "q")),
            ]
            for pair in output["pairs"]
        ]
        names = ["Pair", "n", METHODS[output["method"]], "95 % CI from", "to", "p", "q"]
        refused = [pair["refused"] for pair in output["pairs"] if pair["refused"]]
        return [ResultTable("pairs", "Correlations", names, rows, list(dict.fromkeys(refused)))]

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--columns", metavar="A,B", help="columns of numbers; each pair uses the rows that have both"
        )
        parser.add_argument("--method", default="spearman", choices=list(METHODS), help="the coefficient (spearman)")
        parser.add_argument("--adjust", default="bh", choices=list(ADJUSTMENTS), help="of the p of all pairs (bh)")

    def from_table(self, table: Table | None, options: Namespace) -> tuple[Frame, dict[str, Any]]:
        if table is None:
            raise TableError("Name the file of the table.")
        if not options.columns:
            raise TableError("Name the columns: --columns A,B.")
        columns = listed(options.columns)
        if len(columns) < 2:
            raise TableError(f"--columns {options.columns!r}: a correlation needs at least two columns.")
        framing = Framing(table)
        framing.numbers(*columns)
        return framing.frame(), {"columns": columns, "method": options.method, "adjust": options.adjust}

    def r_script(self, frame: Frame, parameters: Mapping[str, Any], output: Output, *, name: str) -> str:
        return correlate_script(output, name=name)


CORRELATE = Correlate()


def _with_two(frame: Frame, names: list[str]) -> Frame:
    """Whoever has two values takes part in a pair; of two columns the reason names the one that is missing."""
    if len(names) == 2:
        return frame.complete(*names)
    has_two = [sum(row[name] is not None for name in names) >= 2 for row in frame.rows]
    kept = [row for row, has in zip(frame.rows, has_two, strict=True) if has]
    missing = [
        {"patient": row["patient"], "reason": "fewer than two of the values"}
        for row, has in zip(frame.rows, has_two, strict=True)
        if not has
    ]
    return replace(frame, rows=kept, left_out=[*frame.left_out, *missing])


def _verdict(pair: dict[str, Any]) -> str:
    a, b = pair["a_label"], pair["b_label"]
    p = pair["p"] if pair["q"] is None else pair["q"]
    if p is None:
        return "no test"
    if p >= ALPHA:
        return f"no correlation of {a} and {b} shown"
    return f"{a} rises with {b}" if pair["r"] > 0 else f"{a} falls as {b} rises"
