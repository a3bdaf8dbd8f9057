"""Time-dependent ROC curves: do markers tell who has the event by a time?"""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from analysis.charts import auc_over_time, time_roc
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.headline.claims import Claim
from analysis.headline.ranking import Ranking
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.kinds.tables import ResultTable
from analysis.kinds.timeroc_areas import (
    FollowUp,
    area,
    area_row,
    better_direction,
    censoring_check,
    differences,
    over_time,
)
from analysis.kinds.timeroc_tables import timeroc_tables
from analysis.kinds.wording import ALPHA, p_text
from analysis.rscripts.timeroc import timeroc_script
from analysis.tables.framing import Framing, follow_up_options, listed, numbers_listed
from analysis.tables.table import Table, TableError

DIRECTIONS = ("<", ">", "auto")
COMPETING_NOTE = (
    "Who had a competing event by a time counts as a control at that time, beside those still without any event."
)


class TimeDependentRoc:
    code = "timeroc"
    label = _("Time-dependent ROC of markers")
    version = 2
    template = "analysis/kinds/tables.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        unknown = set(parameters) - {"endpoint", "markers", "times", "direction"}
        if unknown:
            raise ParameterError(sorted(unknown)[0], "is no parameter of a time-dependent ROC analysis.")
        if not isinstance(parameters.get("endpoint"), str):
            raise ParameterError("endpoint", "name the endpoint, such as OS.")
        markers = parameters.get("markers")
        if not isinstance(markers, list | tuple) or not markers or len(set(markers)) != len(markers):
            raise ParameterError("markers", "name at least one marker, each once.")
        check_times(parameters.get("times"))
        if parameters.get("direction", "<") not in DIRECTIONS:
            raise ParameterError("direction", f"is one of {', '.join(DIRECTIONS)}.")
        self.request(parameters)

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        markers = tuple(parameters["markers"])
        return FrameRequest(variables=markers, required=markers, endpoint=parameters["endpoint"])

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        names, times = list(parameters["markers"]), sorted(float(at) for at in parameters["times"])
        competing = parameters.get("competing")
        others = np.array(frame.column(competing), bool) if competing else None
        follow_up = FollowUp(np.array(frame.times(), float), np.array(frame.column("event"), bool), others)
        markers, rows, curves = [], [], {}
        for name in names:
            described, values = _marker(frame, name, follow_up, parameters.get("direction", "<"))
            for at in times:
                curve, refused = area(follow_up, values, at) if values else (None, described["refused"])
                curves[name, at] = curve
                row = area_row(curve, follow_up, at, described["direction"], refused)
                rows.append({"marker": name, "label": described["label"]} | row)
            described["over_time"] = over_time(follow_up, values, times) if values else []
            markers.append(described)
        is_refused = all(row["refused"] for row in rows)
        sentences = list(dict.fromkeys(row["refused"] for row in rows if row["refused"]))
        return {
            "endpoint": parameters["endpoint"],
            "time_unit": frame.time_unit,
            "n": len(frame.rows),
            "events": int(follow_up.event.sum()),
            "n_competing": None if others is None else int(others.sum()),
            "dropped": frame.dropped(),
            "notes": [*frame.notes, *([COMPETING_NOTE] if competing else [])],
            "markers": markers,
            "times": rows,
            "comparisons": differences(curves, {name: frame.columns[name]["label"] for name in names}),
            "refused": " ".join(sentences) if is_refused else None,
            "warnings": [] if is_refused else _warnings(markers, rows),
        }

    def headline(self, output: Output) -> list[Claim]:
        return timeroc_claims(output)

    def rankings(self, output: Output) -> list[Ranking]:
        return [
            Ranking(
                f"largest AUC at {when(time, output)}",
                {_area_name(row): row["label"] for row in output["times"] if row["time"] == time},
            )
            for time in dict.fromkeys(row["time"] for row in output["times"])
        ]

    def figures(self, output: Output) -> list[Figure]:
        drawn = [row for row in output["times"] if not row["refused"]]
        if not drawn:
            return []
        labels = ", ".join(dict.fromkeys(row["label"] for row in drawn))
        return [
            Figure("roc", f"Time-dependent ROC of {labels} for {output['endpoint']}", time_roc.chart(output)),
            Figure("auc", f"AUC of {labels} for {output['endpoint']} over time", auc_over_time.chart(output)),
        ]

    def tables(self, output: Output) -> list[ResultTable]:
        return timeroc_tables(output)

    def add_options(self, parser: ArgumentParser) -> None:
        follow_up_options(parser)
        parser.add_argument("--marker", metavar="COLUMN,COLUMN", help="numbers, each with curves of its own")
        parser.add_argument("--times", metavar="T,T", help="times by which cases had the event")
        parser.add_argument(
            "--competing", metavar="VALUE", help="the value of the event column that is a competing event, a control"
        )

        parser.add_argument(
            "--direction",
            default="<",
            choices=DIRECTIONS,
            help="<: higher values go with the event; >: lower ones; auto: of each marker as its concordance says",
        )

    def from_table(self, table: Table | None, options: Namespace) -> tuple[Frame, dict[str, Any]]:
        if table is None:
            raise TableError("Name the file of the table.")
        if not options.marker or not options.times:
            raise TableError("Name the markers and the times: --marker COLUMN,COLUMN and --times T,T.")
        markers, times = listed(options.marker), numbers_listed(options.times, "times")
        try:
            check_times(times)
        except ParameterError as error:
            raise TableError(f"--{error}") from error
        framing = Framing(table)
        parameters: dict[str, Any] = {
            "endpoint": options.time,
            "markers": markers,
            "times": times,
            "direction": options.direction,
        }
        if options.competing is not None:
            # With a code for each kind of end, 1 is the event unless another is named.
            options = Namespace(**vars(options) | {"event_value": options.event_value or "1"})
            if options.competing == options.event_value:
                raise TableError(f"--competing {options.competing!r} is the event itself.")
        framing.follow_up(options)
        if options.competing is not None:
            parameters["competing"] = f"{options.event} is {options.competing}"
            framing.flag(parameters["competing"], options.event, options.competing)
        framing.numbers(*markers)
        return framing.frame().complete("time", "event", *markers), parameters

    def r_script(self, frame: Frame, parameters: Mapping[str, Any], output: Output, *, name: str) -> str:
        return timeroc_script(frame.time_name, parameters, output, name=name)


TIMEROC = TimeDependentRoc()


def check_times(times: object) -> None:
    if not isinstance(times, list | tuple) or not times or not all(_is_time(at) for at in times):
        raise ParameterError("times", "are numbers above zero, at least one.")
    if len(set(times)) != len(times):
        raise ParameterError("times", "name each time once.")


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and value > 0


def _marker(frame: Frame, name: str, follow_up: FollowUp, direction: str) -> tuple[dict[str, Any], list[float]]:
    """What is said of a marker, with its values turned so that higher ones go with the event; none where refused."""
    column, values = frame.columns[name], frame.column(name)
    described = {
        "name": name,
        "label": column["label"],
        "unit": column["unit"],
        "direction": "<" if direction == "auto" else direction,
        "refused": _refusal(values),
        "censoring": None,
    }
    if described["refused"]:
        return described, []
    if direction == "auto":
        described["direction"] = better_direction(follow_up, values)
    described["censoring"] = censoring_check(follow_up, values)
    return described, values if described["direction"] == "<" else [-value for value in values]


def _refusal(values: list[Any]) -> str | None:
    if not values:
        return "Nobody has all the facts that this analysis needs."
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
        return "No AUC: the marker is not a number."
    if len(set(values)) == 1:
        return "No AUC: everybody has the same value."
    return None


def _warnings(markers: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[str]:
    found = [f"{row['label']}: {row['refused']}" for row in rows if row["refused"]]
    for marker in markers:
        own = [row["auc"] for row in rows if row["marker"] == marker["name"] and row["auc"] is not None]
        if own and max(own) < 0.5:
            side = "lower" if marker["direction"] == "<" else "higher"
            found.append(f"{marker['label']}: an AUC below 0.5 means that {side} values go with the event.")
        check = marker["censoring"]
        if check and check["p"] < ALPHA:
            found.append(
                f"{marker['label']}: censoring depends on it ({p_text(check['p'])}), and the weights assume that it "
                "does not."
            )
    return found


def timeroc_claims(output: Output) -> list[Claim]:
    claims = [Claim("n", "Patients", output["n"]), Claim("events", "Events", output["events"])]
    claims += [_area_claim(row, output) for row in output["times"]]
    return claims + [_difference_claim(pair, output) for pair in output["comparisons"]]


def when(at: float, output: Output) -> str:
    return f"{at:g} {output['time_unit']}".rstrip()


def _area_claim(row: dict[str, Any], output: Output) -> Claim:
    verdict = "no AUC"
    if not row["refused"]:
        tells = "tells" if row["low"] > 0.5 else "tells, the other way round," if row["high"] < 0.5 else "does not tell"
        verdict = f"{row['label']} {tells} who has the event by then"
    side = "" if row["direction"] == "<" else " (lower = event)"
    label = f"AUC of {row['label']}{side} at {when(row['time'], output)}"
    return Claim(_area_name(row), label, row["auc"], row["low"], row["high"], verdict=verdict)


def _area_name(row: dict[str, Any]) -> str:
    return f"auc_{row['marker']}_{row['time']:g}"


def _difference_claim(pair: dict[str, Any], output: Output) -> Claim:
    a, b = pair["a"], pair["b"]
    verdict = "no test"
    if pair["p"] is not None:
        verdict = f"the areas of {a} and {b} {'differ' if pair['p'] < ALPHA else 'do not differ'}"
    name = "_".join(["difference", *pair["between"], f"{pair['time']:g}"])
    label = f"AUC of {a} less that of {b} at {when(pair['time'], output)}"
    return Claim(name, label, pair["difference"], pair["low"], pair["high"], verdict=verdict)
