"""What a pipeline is asked, and the rows that it reads."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.frames.frame import Frame
from analysis.kinds.base import ParameterError
from analysis.kinds.many_columns import column_options, columns_of_table
from analysis.kinds.survival import is_time
from analysis.pipeline.parts import PARTS
from analysis.tables.conditions import kept
from analysis.tables.covariates import Covariates, add_covariates, covariates
from analysis.tables.framing import Framing, numbers_listed
from analysis.tables.table import Table, TableError, read_table

SCORE, POINTS = "risk score", "nomogram points"
STUDIES = ("gao-2025",)
PENALTIES = {"min": "lambda_min", "1se": "lambda_1se"}


@dataclass(frozen=True)
class Wish:
    """`unit` is that of the candidates: coefficients mean nothing in another."""

    endpoint: str
    candidates: tuple[str, ...]
    clinical: Covariates
    times: tuple[float, ...]
    unit: str
    by: str
    threshold: float
    folds: int
    seed: int
    penalty: str
    resamples: int
    study: str


@dataclass(frozen=True)
class Rows:
    """A file with the frame made of it."""

    name: str
    sha256: str
    frame: Frame


def pipeline_options(parser: ArgumentParser) -> None:
    column_options(parser)
    parser.add_argument("--clinical", metavar="a,factor(c)", help="what the score has to add to")
    parser.add_argument("--times", metavar="T,…", help="of ROC, nomogram, calibration and decision curves")
    parser.add_argument("--endpoint", default="", metavar="NAME", help="what the event is called, such as OS")
    parser.add_argument("--external", type=Path, metavar="FILE", help="another cohort with the same columns")
    parser.add_argument("--unit", default="", help="unit of the candidates, such as TPM")
    parser.add_argument("--by", default="p", choices=("p", "q"), help="what chooses a candidate in the screen")
    parser.add_argument("--threshold", type=float, default=0.05, metavar="A", help="below it (0.05)")
    parser.add_argument("--folds", type=int, default=10, metavar="N", help="of the lasso")
    parser.add_argument("--penalty", default="min", choices=list(PENALTIES), help="lambda.min or lambda.1se")
    parser.add_argument("--resamples", type=int, default=200, metavar="N", help="of the calibration")
    parser.add_argument("--study", default="", choices=("", *STUDIES), help="say what agrees with that study")
    parser.add_argument("--out", type=Path, metavar="DIR", help="report, figures and steps; goes on where it stopped")


def asked(options: Namespace) -> tuple[Wish, Rows, Rows | None]:
    """TableError for a wish or a table that makes no sense."""
    if options.file is None:
        raise TableError("Name the file of the table.")
    if options.out is None:
        raise TableError("Name the folder for the report: --out DIR.")
    if not options.times:
        raise TableError("Name the times of ROC, nomogram and calibration: --times 12,36,60.")
    table = kept(read_table(options.file), options.where)
    clinical = covariates(options.clinical, table) if options.clinical else Covariates()
    if clinical.interactions:
        raise TableError("--clinical: products are for `analyse cox` only.")
    framing, names = columns_of_table(table, options, *clinical.names)
    if both := sorted({*names} & {*clinical.names}):
        raise TableError(f"--clinical: {both[0]} is a candidate too.")
    if strange := sorted({SCORE, POINTS} & {*names, *clinical.names}):
        raise TableError(f"Column {strange[0]} has the name of what is computed here: rename it in the table.")
    add_covariates(framing, clinical)
    wish = _wish(options, tuple(names), clinical)
    _check(wish)
    main = Rows(table.name, table.sha256, _units(framing.frame(), wish).complete("time", "event").canonical())
    return wish, main, _external(options, wish)


def _wish(options: Namespace, names: tuple[str, ...], clinical: Covariates) -> Wish:
    times = tuple(sorted(numbers_listed(options.times, "times")))
    return Wish(
        endpoint=options.endpoint or options.event,
        candidates=names,
        clinical=clinical,
        times=times,
        unit=options.unit,
        by=options.by,
        threshold=options.threshold,
        folds=options.folds,
        seed=options.seed,
        penalty=PENALTIES[options.penalty],
        resamples=options.resamples,
        study=options.study,
    )


def _check(wish: Wish) -> None:
    if not all(is_time(time) and time > 0 for time in wish.times):
        raise TableError("--times: are one or more times above zero.")
    # Names of a cohort's variables have another form than those of a table's columns: they are not what is checked.
    model = {"endpoint": "e", "covariates": ["baseline:age"]}
    own: dict[str, dict[str, Any]] = {
        "screen": {"by": wish.by, "threshold": wish.threshold},
        "lasso": {"folds": wish.folds, "seed": wish.seed},
        "nomogram": {"times": list(wish.times)},
        "calibration": {"horizon": wish.times[0], "resamples": wish.resamples, "seed": wish.seed},
    }
    for kind, parameters in own.items():
        try:
            PARTS[kind].check(model | parameters)
        except ParameterError as error:
            raise TableError(f"--{error}") from error


def _external(options: Namespace, wish: Wish) -> Rows | None:
    """The candidates that are not there are found out only when it is known which ones make the score."""
    if options.external is None:
        return None
    table = read_table(options.external)
    framing = Framing(table)
    framing.follow_up(options)
    framing.numbers(*(name for name in wish.candidates if name in table.header))
    add_covariates(framing, _there(wish.clinical, table))
    frame = _units(framing.frame(), wish).complete("time", "event").canonical()
    return Rows(table.name, table.sha256, frame)


def _there(clinical: Covariates, table: Table) -> Covariates:
    return replace(clinical, names=[name for name in clinical.names if name in table.header])


def _units(frame: Frame, wish: Wish) -> Frame:
    named = {name: column | {"unit": wish.unit} for name, column in frame.columns.items() if name in wish.candidates}
    return replace(frame, columns=frame.columns | named)


def narrowed(frame: Frame, names: Iterable[str]) -> Frame:
    """The rows that have all of the columns, with these and follow-up only."""
    wanted = [frame.time_name, "event", *dict.fromkeys(names)]
    rows = [{"patient": row["patient"], **{name: row[name] for name in wanted}} for row in frame.rows]
    columns = {name: frame.columns[name] for name in wanted if name in frame.columns}
    return replace(frame, rows=rows, columns=columns, notes=[]).complete(*wanted)
