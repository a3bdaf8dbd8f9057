"""Survival of all patients, by a marker split at a cutoff, or by a category."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

from django.utils.translation import gettext_lazy as _

from analysis.charts import histogram, kaplan_meier
from analysis.charts.words import cutoff_method
from analysis.frames.frame import Frame
from analysis.frames.landmark import from_landmark, since
from analysis.frames.request import FrameRequest
from analysis.frames.variables import parse
from analysis.headline.claims import Claim
from analysis.kinds import cutpoints
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.kinds.groups import NO_TESTS, CurveWish, survival_by_group
from analysis.kinds.reader_sensitivity import reader_claims, reader_sensitivity
from analysis.kinds.wording import ALPHA
from analysis.rscripts.survival import survival_script
from analysis.stats.errors import StatsInputError
from analysis.stats.limits import SCALES
from analysis.tables.framing import Framing, follow_up_options, landmark_option, numbers_listed
from analysis.tables.table import Table, TableError

LOW, HIGH, ALL = "low", "high", "all patients"


class Survival:
    code = "survival"
    label = _("Survival")
    version = 2
    template = "analysis/kinds/survival.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        unknown = set(parameters) - {"endpoint", "marker", "cutoff", "group", "times", "conf_type", "tau", "landmark"}
        if unknown:
            raise ParameterError(sorted(unknown)[0], "is no parameter of a survival analysis.")
        if not isinstance(parameters.get("endpoint"), str):
            raise ParameterError("endpoint", "name the endpoint, such as PFS.")
        if "marker" in parameters and "group" in parameters:
            raise ParameterError("marker", "give a marker to split or a group, not both.")
        if "cutoff" in parameters and "marker" not in parameters:
            raise ParameterError("cutoff", "only a marker is split at a cutoff.")
        cutpoints.check_cutoff(parameters)
        _check_wish(parameters)
        self.request(parameters)

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        name = _variable(parameters)
        names = (name,) if name else ()
        cutoffs = cutpoints.wishes(name, parameters) if name and "marker" in parameters else ()
        read = names if name and "marker" in parameters and parse(name).source == "ihc" else ()
        return FrameRequest(
            variables=names, required=names, endpoint=parameters["endpoint"], cutoffs=cutoffs, by_reader=read
        )

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        name, at = _variable(parameters), parameters.get("landmark")
        column = frame.columns[name] if name else {"label": ALL, "unit": ""}
        if at is not None:
            frame = from_landmark(frame, at)
        base = {
            "endpoint": since(parameters["endpoint"], at, frame.time_unit),
            "time_unit": frame.time_unit,
            "variable": name,
            "label": column["label"],
            "unit": column["unit"],
            "dropped": frame.dropped(),
            "notes": frame.notes,
        }
        if at is not None:
            base["landmark"] = at
        if not frame.rows:
            return base | refused("Nobody has all the facts that this analysis needs.")
        if name is None:
            everybody = split_survival(frame, [ALL] * len(frame.rows), [ALL], wish_of(parameters))
            return base | everybody | {"cutoff": None, "values": None, "refused": None}
        if "group" in parameters:
            return base | _by_category(frame, name, wish_of(parameters))
        return base | _by_marker(frame, name, parameters)

    def headline(self, output: Output) -> list[Claim]:
        return survival_claims(output)

    def headline_at(self, output: Output, threshold: float) -> list[Claim]:
        return survival_claims(output, threshold)

    def figures(self, output: Output) -> list[Figure]:
        return survival_figures(output)

    def add_options(self, parser: ArgumentParser) -> None:
        follow_up_options(parser)
        parser.add_argument(
            "--group", metavar="COLUMN", help="categories to compare; the first by name is the reference"
        )
        parser.add_argument("--marker", metavar="COLUMN", help="a number to split at --cutoff; high means above it")
        parser.add_argument("--cutoff", metavar="median|optimal|VALUE", help="where the marker is split (median)")
        parser.add_argument("--times", metavar="T,T", help="times at which survival is given")
        parser.add_argument("--conf-type", default="log", choices=sorted(SCALES), help="scale of the intervals")
        parser.add_argument("--tau", type=float, metavar="T", help="end of the restricted mean")
        landmark_option(parser)

    def from_table(self, table: Table | None, options: Namespace) -> tuple[Frame, dict[str, Any]]:
        if table is None:
            raise TableError("Name the file of the table.")
        framing = Framing(table)
        framing.follow_up(options)
        parameters: dict[str, Any] = {"endpoint": options.time, "conf_type": options.conf_type}
        if options.marker:
            framing.numbers(options.marker)
            parameters |= {"marker": options.marker, "cutoff": cutoff_wish(options.cutoff)}
        if options.group:
            framing.texts(options.group)
            parameters["group"] = options.group
        if options.marker and options.group:
            raise TableError("Give --marker to split or --group, not both.")
        if options.cutoff and not options.marker:
            raise TableError("--cutoff splits a marker: name it with --marker COLUMN.")
        if options.times:
            parameters["times"] = numbers_listed(options.times, "times")
        if options.tau is not None:
            parameters["tau"] = options.tau
        if options.landmark is not None:
            parameters["landmark"] = options.landmark
        try:
            _check_wish(parameters)
        except ParameterError as error:
            raise TableError(f"--{error}") from error
        needed = [name for name in (options.marker, options.group) if name]
        return framing.frame().complete("time", "event", *needed), parameters

    def r_script(self, frame: Frame, parameters: Mapping[str, Any], output: Output, *, name: str) -> str:
        return survival_script(frame, output, name=name)


SURVIVAL = Survival()


def cutoff_wish(text: str | None) -> float | str:
    if text in (None, "median", "optimal"):
        return text or "median"
    try:
        return float(text)
    except ValueError:
        raise TableError(f"--cutoff {text!r} is neither a number nor median nor optimal.") from None


def wish_of(parameters: Mapping[str, Any]) -> CurveWish:
    times = tuple(float(time) for time in parameters.get("times", ()))
    return CurveWish(times, parameters.get("conf_type", "log"), parameters.get("tau"))


def _check_wish(parameters: Mapping[str, Any]) -> None:
    times, tau, at = parameters.get("times", []), parameters.get("tau"), parameters.get("landmark")
    if not isinstance(times, list | tuple) or not all(is_time(time) for time in times):
        raise ParameterError("times", "are numbers, none below zero.")
    if tau is not None and not (is_time(tau) and tau > 0):
        raise ParameterError("tau", "is a number above zero.")
    if at is not None and not (is_time(at) and at > 0):
        raise ParameterError("landmark", "is a time above zero.")
    if parameters.get("conf_type", "log") not in SCALES:
        raise ParameterError("conf_type", f"is one of {', '.join(sorted(SCALES))}.")


def is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and value >= 0


def _variable(parameters: Mapping[str, Any]) -> str | None:
    name = parameters.get("marker") or parameters.get("group")
    return str(name) if name else None


def _by_category(frame: Frame, name: str, wish: CurveWish) -> Output:
    values = [str(value) for value in frame.column(name)]
    labels = frame.columns[name].get("levels", {})
    named = [str(labels.get(value, value)) if isinstance(labels, dict) else value for value in values]
    found = split_survival(frame, named, ordered(set(named)), wish)
    levels = dict(zip(named, values, strict=True))
    groups = [group | {"level": levels[group["name"]]} for group in found["groups"]]
    return found | {"groups": groups, "cutoff": None, "values": None}


def ordered(names: Iterable[str]) -> list[str]:
    """Numbers by size, words by alphabet: grade 2 comes before grade 10."""
    try:
        return sorted(names, key=float)
    except ValueError:
        return sorted(names)


def _by_marker(frame: Frame, name: str, parameters: Mapping[str, Any]) -> Output:
    values = frame.column(name)
    counted = refused("") | {"n": len(frame.rows), "events": sum(map(bool, frame.column("event")))}
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return counted | {"refused": "The marker is not a number: compare its categories as a group instead."}
    try:
        cutoff = cutpoints.choose(frame, values, name, parameters)
    except StatsInputError as error:
        return counted | {"refused": f"No cutoff: {error}"}
    if cutoff is None:
        return counted | {"refused": f"No {parameters['cutoff']} cutoff of this marker is declared in this cohort."}
    groups = [HIGH if value > cutoff.value else LOW for value in values]
    split = split_survival(frame, groups, [LOW, HIGH], wish_of(parameters))
    found = split | {"cutoff": cutoff.as_json(), "values": values, "group_names": [LOW, HIGH]}
    readers = reader_sensitivity(frame, name, cutoff.value)
    # Only where a closed round is behind the marker: without one, the output is what it always was.
    return found if readers is None else found | {"readers": readers}


def split_survival(
    frame: Frame,
    groups: list[str],
    order: list[str],
    wish: CurveWish = CurveWish(),  # noqa: B008  # frozen
) -> Output:
    found = survival_by_group(frame.times(), frame.column("event"), groups, order, wish)
    members = [{"patient": row["patient"], "group": group} for row, group in zip(frame.rows, groups, strict=True)]
    return found | {"members": members}


def refused(sentence: str) -> Output:
    return {
        "n": 0,
        "events": 0,
        "groups": [],
        "risk_table": {"times": [], "rows": []},
        **NO_TESTS,
        "members": [],
        "values": None,
        "cutoff": None,
        "refused": sentence,
    }


def survival_claims(output: Output, threshold: float = ALPHA) -> list[Claim]:
    endpoint, label = output["endpoint"], output["label"]
    claims = [Claim("n", "Patients", output["n"]), Claim("events", "Events", output["events"])]
    test = output["logrank"]
    if output["refused"] or (test is None and output["variable"]):
        claims.append(Claim("logrank_p", "Log-rank p", None, verdict="no test"))
    elif test:
        corrected = (output["cutoff"] or {}).get("p_corrected")
        # The best of many cutoffs is judged by the p that knows it.
        verb = "splits" if (test["p"] if corrected is None else corrected) < threshold else "does not split"
        claims.append(Claim("logrank_p", "Log-rank p", test["p"], verdict=f"{label} {verb} {endpoint}"))
        if corrected is not None:
            claims.append(Claim("corrected_p", "p corrected for the choice of the cutoff", corrected))
    claims += [
        Claim(
            f"hr_{ratio['compared']}",
            f"Hazard ratio, {ratio['compared']} against {ratio['reference']}",
            ratio["hr"],
            ratio["low"],
            ratio["high"],
            verdict="" if output["refused"] else _direction(ratio),
        )
        for ratio in output["hrs"]
    ]
    claims += [
        Claim(
            f"median_{group['name']}",
            f"Median {endpoint}, {group['name']}",
            group["median"],
            group["median_low"],
            group["median_high"],
            unit=output["time_unit"],
        )
        for group in output["groups"]
    ]
    if output["cutoff"]:
        claims.append(Claim("cutoff", "Cutoff", output["cutoff"]["value"], unit=output["unit"]))
    if output.get("readers"):
        claims += reader_claims(output["readers"], label, endpoint, threshold)
    return claims


def _direction(ratio: dict[str, Any]) -> str:
    return f"{ratio['compared']} does worse" if ratio["hr"] > 1 else f"{ratio['compared']} does better"


def survival_figures(output: Output) -> list[Figure]:
    if not output["groups"]:
        return []
    by = f"by {output['label']}" if output["variable"] else f"of {ALL}"
    title = f"{output['endpoint']} {by}"
    figures = [Figure("km", title, kaplan_meier.chart(output))]
    if output["values"] and output["cutoff"]:
        spec = histogram.chart(
            output["values"],
            label=output["label"],
            unit=output["unit"],
            cutoff=output["cutoff"]["value"],
            cutoff_label=f"{cutoff_method(output['cutoff']['method'])} cutoff",
        )
        figures.append(Figure("distribution", f"Distribution of {output['label']}", spec))
    return figures
