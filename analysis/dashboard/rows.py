"""A result as rows of the dashboard: one per marker, term or time, with nothing that the result does not hold."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.charts.words import Number, cutoff_method
from analysis.frames.variables import VariableNameError, parse
from analysis.stats.printing import significant

Output = Mapping[str, Any]
_MOST_SCREENED = 20


@dataclass(frozen=True)
class Estimate:
    """Limits may be "Inf", as a result writes them."""

    value: Number
    low: Number
    high: Number


@dataclass(frozen=True)
class Row:
    """One line of the table.

    ``part`` tells the rows of one result apart; ``claim`` is the claim whose history belongs to it; ``marker`` is set
    where the row is about one number that can be split at other cutoffs.
    """

    part: str
    family: str
    label: str
    detail: str = ""
    n: int = 0
    events: int | None = None
    medians: tuple[tuple[str, float | None], ...] = ()
    hr: Estimate | None = None
    auc: Estimate | None = None
    p: float | None = None
    # "corrected" where the p allows for the choice of the cutoff, which is the only one shown then
    p_kind: str = ""
    why_no_p: str = ""
    is_exploratory: bool = False
    claim: str = ""
    figure: str = ""
    marker: str = ""


def rows_of(kind: str, output: Output) -> list[Row]:
    make = _MAKERS.get(kind)
    return list(make(output)) if make else []


def is_shown(kind: str) -> bool:
    return kind in _MAKERS


def _split(output: Output) -> Iterator[Row]:
    """Survival, by groups or by a marker at a cutoff, or by a risk score."""
    hr, test, cutoff = output.get("hr"), output.get("logrank"), output.get("cutoff")
    corrected = cutoff["p_corrected"] if cutoff else None
    # The best of many cutoffs has no p of its own: the one shown knows of all of them.
    p = corrected if corrected is not None else test["p"] if test else None
    yield Row(
        part="all",
        family=str(output["endpoint"]),
        label=str(output["label"]),
        detail=_cutoff_text(output),
        n=output["n"],
        events=output["events"],
        medians=_medians(output),
        hr=_hazard(hr),
        p=p,
        p_kind="corrected" if corrected is not None else "",
        why_no_p="" if p is not None else output.get("refused") or "There are no groups to compare.",
        is_exploratory=bool(cutoff and cutoff["status"] == "exploratory"),
        claim=f"hr_{hr['compared']}" if hr else "logrank_p",
        figure="km",
        marker=output["variable"] if cutoff and _is_variable(output["variable"]) else "",
    )


def _medians(output: Output) -> tuple[tuple[str, float | None], ...]:
    """High before low, as papers say it; the names of categories as they come."""
    found = [(str(group["name"]), group["median"]) for group in output["groups"]]
    return tuple(reversed(found) if output.get("cutoff") else found)


def _cutoff_text(output: Output) -> str:
    cutoff = output.get("cutoff")
    if not cutoff:
        return ""
    unit = output.get("unit") or ""
    return f"> {significant(cutoff['value'])} {unit}".rstrip() + f", {cutoff_method(cutoff['method'])}"


def _is_variable(name: object) -> bool:
    try:
        parse(str(name))
    except VariableNameError:
        return False
    return True


def _cox(output: Output) -> Iterator[Row]:
    common = {"family": str(output["endpoint"]), "n": output["n"], "events": output["events"], "figure": "forest"}
    if output["refused"]:
        yield Row(part="model", label="Cox model", why_no_p=output["refused"], claim="model_p", **common)
    for term in output["terms"]:
        yield Row(
            part=str(term["term"]),
            label=str(term["label"]),
            detail=f"per {term['unit']}, in a model" if term.get("unit") else "in a model",
            hr=_hazard(term),
            p=term["p"],
            claim=f"hr_{term['term']}",
            **common,
        )


def _screened(output: Output) -> Iterator[Row]:
    """Of few covariates all, per standard deviation; of many what was chosen, whose p allow for all of them."""
    family = str(output["endpoint"])
    if output["refused"]:
        yield Row(
            part="screen",
            family=family,
            label="Screen",
            n=output["n"],
            events=output["events"],
            why_no_p=output["refused"],
            claim="chosen",
        )
    few = len(output["rows"]) <= _MOST_SCREENED
    for row in output["rows"]:
        if row["p"] is None or not (few or row["term"] in output["chosen"][:_MOST_SCREENED]):
            continue
        yield Row(
            part=str(row["term"]),
            family=family,
            label=str(row["label"]),
            detail=f"per SD, one of {output['tested']} alone",
            n=row["n"],
            events=row["events"],
            hr=Estimate(row["hr_sd"], row["low_sd"], row["high_sd"]),
            p=row["p"] if few else row["q"],
            p_kind="" if few else "corrected",
            claim=f"hr_{row['term']}",
            figure="volcano",
        )


def _chosen(output: Output) -> Iterator[Row]:
    """A model whose covariates were chosen in the same patients: its p know nothing of that, and are not shown."""
    common = {"family": str(output["endpoint"]), "n": output["n"], "events": output["events"], "figure": "forest"}
    terms = output["final"]["terms"] if output["final"] else []
    if not terms:
        why = output["refused"] or "No covariate was chosen."
        yield Row(part="model", label="Stepwise model", why_no_p=why, claim="criterion", **common)
    for term in terms:
        yield Row(
            part=str(term["term"]),
            label=str(term["label"]),
            detail="in a stepwise model",
            hr=_hazard(term),
            why_no_p="The covariate was chosen in these patients.",
            is_exploratory=True,
            claim=f"hr_{term['term']}",
            **common,
        )


def _searched(output: Output) -> Iterator[Row]:
    family = str(output["endpoint"] or _response(output))
    found = output["cutoff"]
    yield Row(
        part="all",
        family=family,
        label=str(output["label"]),
        detail="best cutoff" if found is None else f"best cutoff > {significant(found)} {output['unit']}".rstrip(),
        n=output["n"],
        events=output.get("events", output.get("n_cases")),
        hr=_hazard(output.get("hr")),
        auc=_area(output.get("auc")),
        p=output["p_corrected"],
        p_kind="corrected",
        why_no_p=output["refused"] or "",
        is_exploratory=True,
        claim="cutoff",
        figure="cutoffs",
    )


def _response(output: Output) -> str:
    if "outcome_column" in output and output["outcome_column"] != "responder":
        return str(output["outcome"])
    return "response"


def _roc(output: Output) -> Iterator[Row]:
    for marker in output["markers"]:
        statuses = {point["status"] for point in marker["points"]}
        yield Row(
            part=str(marker["name"]),
            family=str(output["outcome"]),
            label=str(marker["label"]),
            detail=_side(marker, str(output.get("case", output["positive"]))),
            n=marker["n"],
            events=marker["n_cases"],
            auc=_area(marker),
            p=marker["p"],
            why_no_p=marker["refused"] or "",
            # A curve is drawn without any cutoff; one whose only point is Youden's shows an exploratory one.
            is_exploratory=statuses == {"exploratory"},
            claim=f"auc_{marker['name']}",
            figure="roc",
            marker="" if marker["refused"] else str(marker["name"]),
        )


def _side(marker: Mapping[str, Any], case: str) -> str:
    return "" if marker["refused"] else f"{'higher' if marker['direction'] == '<' else 'lower'} = {case}"


def _over_time(output: Output) -> Iterator[Row]:
    for at in output["times"]:
        yield Row(
            part=f"{at['marker']}-{at['time']:g}",
            family=str(output["endpoint"]),
            label=str(at["label"]),
            detail=f"by {at['time']:g} {output['time_unit']}".rstrip(),
            n=output["n"],
            events=output["events"],
            auc=_area(at),
            p=at["p"],
            why_no_p="" if at["p"] is not None else at["refused"] or "The area has no standard error.",
            claim=f"auc_{at['marker']}_{at['time']:g}",
            figure="roc",
        )


def _hazard(ratio: Mapping[str, Any] | None) -> Estimate | None:
    return None if ratio is None or ratio["hr"] is None else Estimate(ratio["hr"], ratio["low"], ratio["high"])


def _area(area: Mapping[str, Any] | None) -> Estimate | None:
    return None if area is None or area["auc"] is None else Estimate(area["auc"], area["low"], area["high"])


_MAKERS: dict[str, Callable[[Output], Iterator[Row]]] = {
    "survival": _split,
    "risk_score": _split,
    "cox": _cox,
    "screen": _screened,
    "stepwise": _chosen,
    "cutpoint": _searched,
    "roc": _roc,
    "timeroc": _over_time,
}
