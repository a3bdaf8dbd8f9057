"""A Cox model of every covariate alone, with p adjusted for their number."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from analysis.charts import forest, volcano
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.headline.claims import Claim
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.kinds.groups import MIN_EVENTS, MIN_PATIENTS
from analysis.kinds.hazard_terms import too_few
from analysis.kinds.many_columns import (
    check_columns,
    column_options,
    columns_of_table,
    described,
    holds_words,
    matrix_of,
)
from analysis.kinds.screen_tables import screen_tables
from analysis.kinds.tables import ResultTable
from analysis.rscripts.screen import screen_script
from analysis.stats import screen as stats
from analysis.stats.errors import StatsInputError
from analysis.stats.limits import wald_limits
from analysis.stats.multiplicity import adjust
from analysis.tables.table import Table, TableError

MOST_COLUMNS = 100_000
TIES = ("efron", "breslow")
ADJUSTMENTS = {"bh": "BH", "holm": "holm", "bonferroni": "bonferroni"}
BY = ("q", "p")
THRESHOLD = 0.05
# Claims are compared from result to result: of many covariates only those that were chosen.
MOST_CLAIMS, MOST_DRAWN = 30, 20
WORDS = "It holds words, not numbers."
FEW = f"Fewer than {MIN_PATIENTS} patients with a value, or {MIN_EVENTS} events among them."


class ScreenOfCovariates:
    code = "screen"
    label = _("Screen of covariates")
    version = 1
    template = "analysis/kinds/tables.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        own = frozenset({"ties", "adjust", "by", "threshold"})
        check_columns(parameters, own, what="screen", most=MOST_COLUMNS)
        _check_rule(parameters)
        self.request(parameters)

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        return FrameRequest(variables=tuple(parameters["covariates"]), endpoint=parameters["endpoint"])

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        n, events = len(frame.rows), sum(bool(event) for event in frame.column("event")) if frame.rows else 0
        base: Output = {
            "endpoint": parameters["endpoint"],
            "time_unit": frame.time_unit,
            "n": n,
            "events": events,
            "dropped": frame.dropped(),
            "notes": list(frame.notes),
            "warnings": [],
            "ties": parameters.get("ties", "efron"),
            "adjust": parameters.get("adjust", "bh"),
            "by": parameters.get("by", "q"),
            "threshold": parameters.get("threshold", THRESHOLD),
            "rows": [],
            "chosen": [],
            "refused": too_few(n, events),
        }
        if base["refused"]:
            return base
        try:
            rows = _rows(frame, list(parameters["covariates"]), base)
        except StatsInputError as error:
            return base | {"refused": f"No screen: {error}"}
        tested = sum(row["p"] is not None for row in rows)
        chosen = [row for row in rows if row["p"] is not None and row[base["by"]] < base["threshold"]]
        return base | {
            "rows": rows,
            "tested": tested,
            "chosen": [row["term"] for row in sorted(chosen, key=lambda row: row["p"])],
            "refused": None if tested else "No screen: no covariate has an estimate.",
        }

    def headline(self, output: Output) -> list[Claim]:
        claims = [Claim("n", "Patients", output["n"]), Claim("events", "Events", output["events"])]
        if output["refused"]:
            return claims
        rule = f"{output['by']} < {output['threshold']:g}"
        claims += [
            Claim("tested", "Covariates with an estimate", output["tested"]),
            Claim("chosen", f"Covariates with {rule}", len(output["chosen"])),
        ]
        return claims + [
            Claim(
                f"hr_{row['term']}",
                f"Hazard ratio, {row['label']}, per SD",
                row["hr_sd"],
                row["low_sd"],
                row["high_sd"],
                verdict=f"{row['label']}: {_verdict(row, output)}",
            )
            for row in _claimed(output)
        ]

    def figures(self, output: Output) -> list[Figure]:
        if output["refused"]:
            return []
        title = f"{output['tested']} covariates, each alone, for {output['endpoint']}"
        found = [Figure("volcano", title, volcano.chart(output))]
        if drawn := _by_p(output, set(output["chosen"]))[:MOST_DRAWN]:
            terms = [row | {"unit": "SD", **{key: row[f"{key}_sd"] for key in ("hr", "low", "high")}} for row in drawn]
            found.append(Figure("forest", f"Chosen for {output['endpoint']}", forest.chart(output | {"terms": terms})))
        return found

    def tables(self, output: Output) -> list[ResultTable]:
        return screen_tables(output)

    def add_options(self, parser: ArgumentParser) -> None:
        column_options(parser)
        parser.add_argument("--ties", default="efron", choices=TIES, help="events at the same time")
        parser.add_argument("--adjust", default="bh", choices=list(ADJUSTMENTS), help="how q allows for all of them")
        parser.add_argument("--by", default="q", choices=BY, help="what chooses a covariate: adjusted q, or p alone")
        parser.add_argument("--threshold", type=float, default=THRESHOLD, metavar="A", help="chosen below it (0.05)")

    def from_table(self, table: Table | None, options: Namespace) -> tuple[Frame, dict[str, Any]]:
        framing, names = columns_of_table(table, options)
        parameters: dict[str, Any] = {"endpoint": options.time, "covariates": names}
        parameters |= {key: getattr(options, key) for key in ("ties", "adjust", "by", "threshold")}
        try:
            _check_rule(parameters)
        except ParameterError as error:
            raise TableError(f"--{error}") from error
        return framing.frame().complete("time", "event"), parameters

    def r_script(self, frame: Frame, parameters: Mapping[str, Any], output: Output, *, name: str) -> str:
        return screen_script(frame, output, ADJUSTMENTS[output["adjust"]], name=name)


SCREEN = ScreenOfCovariates()


def _check_rule(parameters: Mapping[str, Any]) -> None:
    rules = (("ties", "efron", TIES), ("adjust", "bh", tuple(ADJUSTMENTS)), ("by", "q", BY))
    for name, usual, allowed in rules:
        if parameters.get(name, usual) not in allowed:
            raise ParameterError(name, f"is one of {', '.join(allowed)}.")
    threshold = parameters.get("threshold", THRESHOLD)
    if not isinstance(threshold, int | float) or isinstance(threshold, bool) or not 0 < threshold <= 1:
        raise ParameterError("threshold", "is a number above 0 and at most 1.")


def _rows(frame: Frame, names: list[str], base: Output) -> list[dict[str, Any]]:
    x = matrix_of(frame, names)
    event = np.array(frame.column("event"), float)
    known = ~np.isnan(x)
    few = (known.sum(axis=0) < MIN_PATIENTS) | (known[event == 1].sum(axis=0) < MIN_EVENTS)
    found = stats.screen(frame.times(), event, np.where(few, np.nan, x), names=names, ties=base["ties"])
    q = adjust(found.p, ADJUSTMENTS[base["adjust"]])
    rows = []
    for i, name in enumerate(names):
        refused = WORDS if holds_words(frame, name) else FEW if few[i] else found.refused[i]
        counts = {"n": int(known[:, i].sum()), "events": int(known[event == 1, i].sum())}
        row = described(frame, name) | counts | {"refused": refused or None}
        if refused:
            rows.append(row | dict.fromkeys(_NUMBERS))
            continue
        sd = float(np.std(x[known[:, i], i], ddof=1))
        numbers = {key: float(getattr(found, key)[i]) for key in ("coef", "se", "hr", "low", "high", "z", "p")}
        with np.errstate(over="ignore"):
            ends = (numbers["coef"], *wald_limits(numbers["coef"], numbers["se"]))
            per_sd = dict(zip(("hr_sd", "low_sd", "high_sd"), (float(np.exp(end * sd)) for end in ends), strict=True))
        rows.append(row | numbers | {"q": float(q[i]), "sd": sd} | per_sd)
    return rows


_NUMBERS = ("coef", "se", "hr", "low", "high", "z", "p", "q", "sd", "hr_sd", "low_sd", "high_sd")


def _by_p(output: Output, wanted: set[str]) -> list[dict[str, Any]]:
    return sorted((row for row in output["rows"] if row["term"] in wanted), key=lambda row: row["p"])


def _claimed(output: Output) -> list[dict[str, Any]]:
    tested = [row for row in output["rows"] if row["p"] is not None]
    return tested if len(tested) <= MOST_CLAIMS else _by_p(output, set(output["chosen"]))[:MOST_CLAIMS]


def _verdict(row: dict[str, Any], output: Output) -> str:
    if row[output["by"]] >= output["threshold"]:
        return "no effect shown"
    return f"{'higher' if row['coef'] > 0 else 'lower'} hazard"
