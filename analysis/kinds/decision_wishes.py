"""Decision curves of a table: the options, and the frame they ask for."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from analysis.frames.frame import Frame
from analysis.kinds.base import ParameterError
from analysis.kinds.model_terms import LOG, PLAIN, Term, term_of
from analysis.tables.framing import Framing, events, follow_up_options, listed
from analysis.tables.table import Table, TableError

# No column of a table that somebody would use has this name.
CASE = "is case"


def decision_options(parser: ArgumentParser) -> None:
    follow_up_options(parser)
    parser.add_argument("--horizon", type=float, metavar="T", help="the time by which the event counts")
    parser.add_argument("--outcome", metavar="COLUMN", help="instead of follow-up: who is a case")
    parser.add_argument("--positive", metavar="VALUE", help="the value of that column which is a case")
    parser.add_argument(
        "--models", metavar="NAME=A,B;NAME=C", help="models to fit, of columns, log(column) and factor(column)"
    )
    parser.add_argument("--marker", metavar="A,B", help="columns, each as a model of its own")
    parser.add_argument("--risk", metavar="A,B", help="columns that are probabilities already")
    parser.add_argument("--from", dest="lowest", type=float, metavar="P", help="lowest threshold (0.01)")
    parser.add_argument("--to", type=float, metavar="P", help="highest threshold (0.99)")
    parser.add_argument("--by", type=float, metavar="P", help="step between thresholds (0.01)")
    parser.add_argument("--rule", default=">", choices=[">", ">="], help="positive is a risk above, or at, a threshold")


def decision_from_table(
    table: Table | None, options: Namespace, check: Callable[[Mapping[str, Any]], None]
) -> tuple[Frame, dict[str, Any]]:
    if table is None:
        raise TableError("Name the file of the table.")
    framing = Framing(table)
    parameters: dict[str, Any] = {"rule": options.rule}
    if options.outcome:
        if options.time or options.event or options.horizon is not None:
            raise TableError("Give --outcome, or --time, --event and --horizon, not both.")
        parameters |= {"outcome": options.outcome, "positive": options.positive or "1"}
    else:
        framing.follow_up(options)
        if options.horizon is None:
            raise TableError("Name the time by which the event counts: --horizon T.")
        parameters |= {"endpoint": options.event, "horizon": options.horizon}
    parameters["models"] = _models(options)
    parameters["risks"] = listed(options.risk) if options.risk else []
    parameters |= {
        name: value
        for name, value in (("from", options.lowest), ("to", options.to), ("by", options.by))
        if value is not None
    }
    try:
        check(parameters)
    except ParameterError as error:
        raise TableError(f"--{error}") from error
    _add_columns(framing, table, parameters)
    frame = framing.frame()
    if options.outcome:
        frame = _with_cases(frame, table, options)
    return frame, parameters


def _models(options: Namespace) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in options.models.split(";") if options.models else []:
        name, sign, covariates = part.partition("=")
        if not sign or not name.strip():
            raise TableError(f"--models {part!r}: write NAME=COLUMN,COLUMN.")
        if name.strip() in found:
            raise TableError(f"--models: {name.strip()!r} is named twice.")
        found[name.strip()] = listed(covariates)
    for marker in listed(options.marker) if options.marker else []:
        if marker in found:
            raise TableError(f"--marker {marker!r} is the name of a model.")
        found[marker] = [marker]
    return found


def _add_columns(framing: Framing, table: Table, parameters: Mapping[str, Any]) -> None:
    for texts in parameters["models"].values():
        for text in texts:
            _add_term(framing, table, term_of(text, table.header))
    for column in parameters["risks"]:
        framing.numbers(column)
        _in_range(table, column, "is no probability", lambda value: 0 <= value <= 1)


def _add_term(framing: Framing, table: Table, term: Term) -> None:
    # Follow-up has these names in the frame.
    if term.column in ("time", "event", CASE):
        raise TableError(f"Column {term.column!r} cannot be a covariate under that name.")
    if term.call == PLAIN or term.call == LOG:
        framing.numbers(term.column)
        if term.call == LOG:
            _in_range(table, term.column, "has no logarithm", lambda value: value > 0)
    else:
        framing.either(term.column)


def _in_range(table: Table, column: str, fault: str, is_right: Callable[[float], bool]) -> None:
    for number, value in zip(table.numbers, table.numeric(column), strict=True):
        if value is not None and not is_right(value):
            raise TableError(f"Column {column}, row {number}: {value:g} {fault}.")


def _with_cases(frame: Frame, table: Table, options: Namespace) -> Frame:
    cases = events(table, options.outcome, options.positive)
    rows = [row | {CASE: case} for row, case in zip(frame.rows, cases, strict=True)]
    return replace(frame, rows=rows, columns=frame.columns | {CASE: {"label": options.outcome, "unit": ""}})
