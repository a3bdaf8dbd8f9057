"""The best cutoff of a marker for survival or for an outcome of two values; always exploratory."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from typing import Any

from django.utils.translation import gettext_lazy as _

from analysis.charts import cutpoint as chart
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.headline.claims import Claim
from analysis.kinds import cutpoint_search
from analysis.kinds.base import Figure, Output, ParameterError, Part, computed_in_parts
from analysis.kinds.cutpoint_search import HIGH, LOW, Search, for_outcome, for_survival, outcome_draws, survival_draws
from analysis.kinds.groups import MIN_EVENTS, MIN_PATIENTS
from analysis.kinds.roc import DIRECTIONS, NON_RESPONDER, RESPONDER
from analysis.kinds.tables import ResultTable, shown
from analysis.kinds.wording import ALPHA, p_cell
from analysis.rscripts.cutpoint import cutpoint_script
from analysis.stats.cutoff_bootstrap import Draw
from analysis.stats.errors import StatsInputError
from analysis.tables.framing import Framing, events, follow_up_options
from analysis.tables.table import Table, TableError

RESPONSE = "response"
MOST_RESAMPLES = 100_000
# Patients times resamples in one part: some two seconds. A run of up to two of them is computed in one piece.
PART_WORK = 2_000_000
OF_SURVIVAL, OF_OUTCOME = frozenset({"endpoint", "minprop"}), frozenset({"outcome", "positive", "direction"})
OF_BOTH = frozenset({"marker", "resamples", "seed"})
CAUTION = (
    "The cutoff was chosen because it separates best here. Its uncorrected p and its estimates are better than they "
    "will be in other patients, who alone can confirm it."
)


class Cutpoint:
    code = "cutpoint"
    label = _("Best cutoff of a marker")
    version = 1
    template = "analysis/kinds/tables.html"
    fewest_parts = 2

    def check(self, parameters: Mapping[str, Any]) -> None:
        unknown = set(parameters) - OF_BOTH - OF_SURVIVAL - OF_OUTCOME
        if unknown:
            raise ParameterError(sorted(unknown)[0], "is no parameter of a best cutoff.")
        if not isinstance(parameters.get("marker"), str):
            raise ParameterError("marker", "name the marker, such as ihc:FAP@tumour.")
        if ("endpoint" in parameters) == ("outcome" in parameters):
            raise ParameterError("endpoint", "give an endpoint, such as PFS, or the outcome response, and not both.")
        if not isinstance(parameters.get("endpoint", ""), str):
            raise ParameterError("endpoint", "is a name, such as PFS.")
        if parameters.get("outcome", RESPONSE) != RESPONSE:
            raise ParameterError("outcome", f"is {RESPONSE}.")
        if parameters.get("positive", RESPONDER) not in (RESPONDER, NON_RESPONDER):
            raise ParameterError("positive", f"is {RESPONDER} or {NON_RESPONDER}.")
        check_search(parameters)
        self.request(parameters)

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        names = (parameters["marker"],)
        return FrameRequest(
            variables=names,
            required=names,
            endpoint=parameters.get("endpoint"),
            response="outcome" in parameters,
        )

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        return computed_in_parts(self, frame, parameters)

    def parts(self, frame: Frame, parameters: Mapping[str, Any]) -> list[Part]:
        """Stretches of the resamples of one seed; none where no cutoff is looked for."""
        n, search = len(frame.rows), search_of(parameters)
        if n < 2 * MIN_PATIENTS or not _are_numbers(frame.column(parameters["marker"])):
            return []
        step = search.resamples if n * search.resamples <= 2 * PART_WORK else max(1, PART_WORK // n)
        return [
            {"first": first, "count": min(step, search.resamples - first), "seed": search.seed}
            for first in range(0, search.resamples, step)
        ]

    def compute_part(self, frame: Frame, parameters: Mapping[str, Any], part: Part) -> Output:
        values, search, draw = frame.column(parameters["marker"]), search_of(parameters), Draw(**part)
        try:
            if "outcome" in parameters:
                return {"cutoffs": outcome_draws(_cases(frame, parameters), values, search, draw)}
            return {"cutoffs": survival_draws(frame.times(), frame.column("event"), values, search, draw)}
        except StatsInputError:
            # The search itself says what is wrong with these patients.
            return {"cutoffs": [None] * draw.count}

    def reduce(self, frame: Frame, parameters: Mapping[str, Any], outputs: list[Output]) -> Output:
        name = parameters["marker"]
        base = {
            "endpoint": parameters.get("endpoint"),
            "outcome": parameters.get("outcome"),
            "time_unit": frame.time_unit,
            "variable": name,
            "label": frame.columns[name]["label"],
            "unit": frame.columns[name]["unit"],
            "operator": ">",
            "status": "exploratory",
            "dropped": frame.dropped(),
            "notes": frame.notes,
        }
        if "outcome" in parameters:
            base |= _asked_of_outcome(frame, parameters)
        if not frame.rows:
            return base | _nobody("Nobody has all the facts that this analysis needs.")
        values = frame.column(name)
        if not _are_numbers(values):
            return base | _nobody("No cutoff: the marker is not a number.")
        search, drawn = search_of(parameters), [cutoff for output in outputs for cutoff in output["cutoffs"]]
        if "outcome" not in parameters:
            return base | for_survival(frame.times(), frame.column("event"), values, search, drawn)
        return base | for_outcome(_cases(frame, parameters), values, search, drawn)

    def headline(self, output: Output) -> list[Claim]:
        return _claims(output)

    def figures(self, output: Output) -> list[Figure]:
        if output["refused"] or all(candidate["p"] is None for candidate in output["candidates"]):
            return []
        title = f"Cutoff of {output['label']} for {_target(output)}"
        return [Figure("cutoffs", title, chart.chart(output, title=title))]

    def tables(self, output: Output) -> list[ResultTable]:
        return [] if output["refused"] else [_chosen(output), _all_cutoffs(output)]

    def add_options(self, parser: ArgumentParser) -> None:
        follow_up_options(parser)
        parser.add_argument("--marker", metavar="COLUMN", help="the number that is split; high means above the cutoff")
        parser.add_argument("--outcome", metavar="COLUMN", help="an outcome of two values, in place of follow-up")
        parser.add_argument("--positive", metavar="VALUE", help="the value of --outcome that makes a case (1 or yes)")
        parser.add_argument("--direction", choices=DIRECTIONS, help='of --outcome: "<" where cases are higher (auto)')
        parser.add_argument("--minprop", type=float, metavar="SHARE", help="smallest share on either side (0.1)")
        parser.add_argument("--resamples", type=int, default=1000, metavar="N", help="of the bootstrap")

    def from_table(self, table: Table | None, options: Namespace) -> tuple[Frame, dict[str, Any]]:
        if table is None:
            raise TableError("Name the file of the table.")
        if not options.marker:
            raise TableError("Name the marker: --marker COLUMN.")
        parameters: dict[str, Any] = {"marker": options.marker, "resamples": options.resamples, "seed": options.seed}
        build = _outcome_frame if options.outcome else _survival_frame
        frame, own = build(table, options)
        try:
            check_search(parameters | own)
        except ParameterError as error:
            raise TableError(f"--{error}") from error
        return frame, parameters | own

    def r_script(self, frame: Frame, parameters: Mapping[str, Any], output: Output, *, name: str) -> str:
        return cutpoint_script(frame, output, name=name, least_patients=MIN_PATIENTS, least_events=MIN_EVENTS)


CUTPOINT = Cutpoint()


def check_search(parameters: Mapping[str, Any]) -> None:
    is_survival = "endpoint" in parameters
    strange = (OF_OUTCOME if is_survival else OF_SURVIVAL) & set(parameters)
    if strange:
        belongs = "an outcome" if is_survival else "survival"
        raise ParameterError(sorted(strange)[0], f"belongs to the best cutoff for {belongs}.")
    minprop = parameters.get("minprop", 0.1)
    if not _is_number(minprop) or not 0 < minprop < 0.5:
        raise ParameterError("minprop", "is a share of the patients between 0 and one half.")
    if parameters.get("direction", "auto") not in DIRECTIONS:
        raise ParameterError("direction", f"is one of {', '.join(DIRECTIONS)}.")
    resamples, seed = parameters.get("resamples", 1000), parameters.get("seed", 1)
    if not _is_whole(resamples) or not 100 <= resamples <= MOST_RESAMPLES:
        raise ParameterError("resamples", f"is a whole number from 100 to {MOST_RESAMPLES}.")
    if not _is_whole(seed) or not 0 <= seed < 2**31:
        raise ParameterError("seed", "is a whole number from 0 to 2147483647.")


def search_of(parameters: Mapping[str, Any]) -> Search:
    names = ("minprop", "direction", "resamples", "seed")
    return Search(**{name: parameters[name] for name in names if name in parameters})


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _asked_of_outcome(frame: Frame, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A cohort's column says who responded, a table's who is a case."""
    if parameters["outcome"] in frame.columns:
        return {"positive": parameters["positive"], "outcome_column": parameters["outcome"], "case_code": True}
    positive = parameters.get("positive", RESPONDER)
    return {
        "positive": positive,
        "outcome_column": "responder",
        "case_code": positive == RESPONDER,
        "definition": frame.constants.get("response", ""),
    }


def _cases(frame: Frame, parameters: Mapping[str, Any]) -> list[bool]:
    asked = _asked_of_outcome(frame, parameters)
    return [value == asked["case_code"] for value in frame.column(asked["outcome_column"])]


def _are_numbers(values: list[Any]) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _nobody(sentence: str) -> Output:
    return {"n": 0, "events": 0, **cutpoint_search.NOTHING, "refused": sentence}


def _survival_frame(table: Table, options: Namespace) -> tuple[Frame, dict[str, Any]]:
    for name in ("positive", "direction"):
        if getattr(options, name) is not None:
            raise TableError(f"--{name} belongs to --outcome COLUMN.")
    framing = Framing(table)
    framing.follow_up(options)
    framing.numbers(options.marker)
    own = {"endpoint": options.time} | ({} if options.minprop is None else {"minprop": options.minprop})
    return framing.frame().complete("time", "event", options.marker), own


def _outcome_frame(table: Table, options: Namespace) -> tuple[Frame, dict[str, Any]]:
    for name in ("time", "event", "event_value", "minprop"):
        if getattr(options, name) is not None:
            raise TableError(f"--{name.replace('_', '-')} belongs to survival: leave it out beside --outcome.")
    if options.outcome == options.marker:
        raise TableError(f"Column {options.marker} is both marker and outcome.")
    framing = Framing(table)
    framing.numbers(options.marker)
    plain = framing.frame()
    cases = events(table, options.outcome, options.positive)
    rows = [row | {options.outcome: case} for row, case in zip(plain.rows, cases, strict=True)]
    columns = plain.columns | {options.outcome: {"label": options.outcome, "unit": ""}}
    own = {"outcome": options.outcome, "positive": options.positive or "1", "direction": options.direction or "auto"}
    return replace(plain, rows=rows, columns=columns).complete(options.outcome, options.marker), own


def _target(output: Output) -> str:
    if output["endpoint"]:
        return str(output["endpoint"])
    outcome, positive = output["outcome"], output["positive"]
    return f"{positive}s" if output["outcome_column"] == "responder" else f"{outcome} = {positive}"


def _claims(output: Output) -> list[Claim]:
    claims = [Claim("n", "Patients", output["n"])]
    claims += [
        Claim(name, text, output[name]) for name, text in (("events", "Events"), ("n_cases", "Cases")) if name in output
    ]
    label = output["label"]
    if output["refused"]:
        return [*claims, Claim("corrected_p", "p corrected for the choice of the cutoff", None, verdict="no cutoff")]
    holds = f"splits {_target(output)}" if output["endpoint"] else f"tells {_target(output)} apart"
    found = f"{label} {holds}" if output["p_corrected"] < ALPHA else f"no cutoff of {label} {holds}"
    claims.append(
        Claim("corrected_p", "p corrected for the choice of the cutoff", output["p_corrected"], verdict=found)
    )
    if hr := output.get("hr"):
        claims.append(
            Claim(f"hr_{HIGH}", f"Hazard ratio, {HIGH} against {LOW}, at this cutoff", hr["hr"], hr["low"], hr["high"])
        )
    if auc := output.get("auc"):
        claims.append(Claim("auc", f"AUC of {label}", auc["auc"], auc["low"], auc["high"]))
    drawn = output["bootstrap"]
    return [
        *claims,
        Claim("cutoff", "Best cutoff, exploratory", output["cutoff"], drawn["low"], drawn["high"], unit=output["unit"]),
        Claim("uncorrected_p", "p at this cutoff, as if it had been fixed before", output["p"]),
    ]


def _chosen(output: Output) -> ResultTable:
    drawn, unit = output["bootstrap"], output["unit"]
    rows = [
        ["Best cutoff", f"{output['label']} > {shown(output['cutoff'])} {unit}".rstrip()],
        ["95 % bootstrap interval", f"{shown(drawn['low'])} to {shown(drawn['high'])} {unit}".rstrip()],
        ["Resamples with the same cutoff", f"{drawn['same']:.1%} of {drawn['resamples']}"],
        [output["method"].capitalize(), shown(output["statistic"])],
        ["p corrected for the choice", p_cell(output["p_corrected"])],
        ["p as if fixed before", p_cell(output["p"])],
        ["Patients low, high", f"{output['n_low']}, {output['n_high']}"],
    ]
    if hr := output.get("hr"):
        rows.append(["Hazard ratio, high against low (95 % CI)", _interval(hr["hr"], hr)])
    if ph := output.get("ph"):
        rows.append(["Proportional hazards, p", p_cell(ph["p"])])
    if auc := output.get("auc"):
        rows.append(["AUC (95 % CI)", _interval(auc["auc"], auc)])
        rows += [
            [f"{name.capitalize() if len(name) > 3 else name.upper()} (95 % CI)", _interval(share["value"], share)]
            for name, share in output["point"].items()
        ]
    notes = [CAUTION, f"Uncorrected: {output['test']}. Correction: {output['correction']}."]
    return ResultTable("chosen", "The best cutoff, exploratory", ["", "Value"], rows, notes)


def _interval(value: float, limits: Mapping[str, Any]) -> str:
    return f"{shown(value, 3)} ({shown(limits['low'], 3)} to {shown(limits['high'], 3)})"


def _all_cutoffs(output: Output) -> ResultTable:
    names = {"cutoff": "Cutoff", "n_low": "Low", "n_high": "High", "statistic": "Statistic", "p": "p"}
    names |= {"hr": "Hazard ratio"} if output["endpoint"] else {}
    rows = [
        [p_cell(candidate[name]) if name == "p" else shown(candidate[name]) for name in names]
        for candidate in output["candidates"]
    ]
    return ResultTable("candidates", "Every cutoff looked at", list(names.values()), rows)
