"""Survival of all patients, by a marker split at a cutoff, or by a category."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from analysis.charts import histogram, kaplan_meier
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.frames.variables import parse
from analysis.headline.claims import Claim
from analysis.kinds import cutpoints
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.kinds.groups import survival_by_group
from analysis.kinds.reader_sensitivity import reader_claims, reader_sensitivity
from analysis.kinds.wording import ALPHA

LOW, HIGH, ALL = "low", "high", "all patients"


class Survival:
    code = "survival"
    label = _("Survival")
    version = 1
    template = "analysis/kinds/survival.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        unknown = set(parameters) - {"endpoint", "marker", "cutoff", "group"}
        if unknown:
            raise ParameterError(sorted(unknown)[0], "is no parameter of a survival analysis.")
        if not isinstance(parameters.get("endpoint"), str):
            raise ParameterError("endpoint", "name the endpoint, such as PFS.")
        if "marker" in parameters and "group" in parameters:
            raise ParameterError("marker", "give a marker to split or a group, not both.")
        if "cutoff" in parameters and "marker" not in parameters:
            raise ParameterError("cutoff", "only a marker is split at a cutoff.")
        cutpoints.check_cutoff(parameters)
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
        name = _variable(parameters)
        column = frame.columns[name] if name else {"label": ALL, "unit": ""}
        base = {
            "endpoint": parameters["endpoint"],
            "time_unit": "months",
            "variable": name,
            "label": column["label"],
            "unit": column["unit"],
            "dropped": frame.dropped(),
            "notes": frame.notes,
        }
        if not frame.rows:
            return base | refused("Nobody has all the facts that this analysis needs.")
        if name is None:
            everybody = split_survival(frame, [ALL] * len(frame.rows), [ALL])
            return base | everybody | {"cutoff": None, "values": None, "refused": None}
        if "group" in parameters:
            return base | _by_category(frame, name)
        return base | _by_marker(frame, name, parameters)

    def headline(self, output: Output) -> list[Claim]:
        return survival_claims(output)

    def figures(self, output: Output) -> list[Figure]:
        return survival_figures(output)


SURVIVAL = Survival()


def _variable(parameters: Mapping[str, Any]) -> str | None:
    name = parameters.get("marker") or parameters.get("group")
    return str(name) if name else None


def _by_category(frame: Frame, name: str) -> Output:
    values = [str(value) for value in frame.column(name)]
    labels = frame.columns[name].get("levels", {})
    named = [str(labels.get(value, value)) if isinstance(labels, dict) else value for value in values]
    return split_survival(frame, named, sorted(set(named))) | {"cutoff": None, "values": None}


def _by_marker(frame: Frame, name: str, parameters: Mapping[str, Any]) -> Output:
    values = frame.column(name)
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return refused("The marker is not a number: compare its categories as a group instead.")
    cutoff = cutpoints.choose(frame, values, name, parameters)
    if cutoff is None:
        return refused(f"No {parameters['cutoff']} cutoff of this marker is declared in this cohort.")
    groups = [HIGH if value > cutoff.value else LOW for value in values]
    found = split_survival(frame, groups, [LOW, HIGH]) | {"cutoff": cutoff.as_json(), "values": values}
    readers = reader_sensitivity(frame, name, cutoff.value)
    # Only where a closed round is behind the marker: without one, the output is what it always was.
    return found if readers is None else found | {"readers": readers}


def split_survival(frame: Frame, groups: list[str], order: list[str]) -> Output:
    found = survival_by_group(frame.column("months"), frame.column("event"), groups, order)
    members = [{"patient": row["patient"], "group": group} for row, group in zip(frame.rows, groups, strict=True)]
    return found | {"members": members}


def refused(sentence: str) -> Output:
    return {
        "n": 0,
        "events": 0,
        "groups": [],
        "risk_table": {"times": [], "rows": []},
        "logrank": None,
        "hr": None,
        "hrs": [],
        "ph": None,
        "warnings": [],
        "members": [],
        "values": None,
        "cutoff": None,
        "refused": sentence,
    }


def survival_claims(output: Output) -> list[Claim]:
    endpoint, label = output["endpoint"], output["label"]
    claims = [Claim("n", "Patients", output["n"]), Claim("events", "Events", output["events"])]
    test = output["logrank"]
    if output["refused"] or (test is None and output["variable"]):
        claims.append(Claim("logrank_p", "Log-rank p", None, verdict="no test"))
    elif test:
        verb = "splits" if test["p"] < ALPHA else "does not split"
        claims.append(Claim("logrank_p", "Log-rank p", test["p"], verdict=f"{label} {verb} {endpoint}"))
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
            unit="months",
        )
        for group in output["groups"]
    ]
    if output["cutoff"]:
        claims.append(Claim("cutoff", "Cutoff", output["cutoff"]["value"], unit=output["unit"]))
    if output.get("readers"):
        claims += reader_claims(output["readers"], label, endpoint)
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
            cutoff_label=f"{output['cutoff']['method']} cutoff",
        )
        figures.append(Figure("distribution", f"Distribution of {output['label']}", spec))
    return figures
