"""What a paper says of the methods for times to an event. A mark such as [@cox] is the paper to cite."""

from collections.abc import Mapping
from typing import Any

from analysis.kinds.base import Output
from analysis.kinds.groups import MIN_EVENTS, MIN_PATIENTS
from analysis.stats.printing import significant

Parameters = Mapping[str, Any]

_INTERVALS = {
    "log": "on the log scale",
    "log-log": "on the log(−log) scale",
    "plain": "without transformation",
}


def survival(parameters: Parameters, output: Output) -> list[str]:
    said = [
        f"Survival ({output['time_unit']}) was described by the Kaplan–Meier estimator [@kaplan-meier], with Greenwood's "
        f"variance and 95% confidence intervals {_INTERVALS.get(output.get('conf_type', 'log'), 'by ' + str(output.get('conf_type')))}; medians have the "
        "interval that follows from that of the curve [@brookmeyer]."
    ]
    if output.get("landmark") is not None:
        said.append(
            f"Patients at risk at the landmark of {output['landmark']:g} {output['time_unit']} were followed from there "
            "[@landmark]."
        )
    if output.get("variable"):
        said += [_split(output), *_compared(output)]
    if output.get("tau"):
        said.append(f"Restricted mean times run to {output['tau']:.4g} {output['time_unit']} [@rmst].")
    if output.get("readers"):
        said.append(
            "Whether the conclusion depends on the reader was examined by repeating the comparison, in the same patients "
            "and at the same cutoff, under each reader, their mean and the consensus."
        )
    return said


def _split(output: Output) -> str:
    cutoff = output.get("cutoff")
    if not cutoff:
        return f"Groups are the categories of {output['label']}."
    chosen = {
        "registered": "registered before the outcomes were joined",
        "published": "taken from the literature",
        "median": "the median of these patients, and therefore exploratory",
        "optimal": "chosen here for the largest standardised log-rank statistic [@maxstat], and therefore exploratory; "
        "its p is corrected for that choice [@lausen]",
        "value": "given as a number, not registered, and therefore exploratory",
    }[cutoff["method"]]
    unit = f" {output['unit']}" if output.get("unit") else ""
    return f"High means {output['label']} > {significant(cutoff['value'], 6)}{unit}; the cutoff was {chosen}."


def _compared(output: Output) -> list[str]:
    return [
        "Groups were compared by the log-rank test [@logrank]; hazard ratios are from Cox regression [@cox] with Efron's "
        "handling of ties [@efron] and Wald intervals; proportional hazards were tested by scaled Schoenfeld residuals "
        f"[@ph]. No test is given where a group has fewer than {MIN_PATIENTS} patients or {MIN_EVENTS} events."
    ]


def risk_score(parameters: Parameters, output: Output) -> list[str]:
    model = output.get("model")
    if not model:
        return survival(parameters, output)
    return [*survival(parameters, output), _registered(model)]


def _registered(model: Mapping[str, Any]) -> str:
    terms = " + ".join(f"{term['coefficient']:g} × {term['name']}" for term in model["terms"])
    units = ", ".join(dict.fromkeys(term.get("unit", model["unit"]) or "no unit" for term in model["terms"]))
    return (
        f"The risk score {model['code']}, version {model['number']}, is {terms}, with values in {units}; "
        f"source: {model['source']}. Its coefficients were applied as they are and not fitted to these patients."
    )


def validation(parameters: Parameters, output: Output) -> list[str]:
    model = output.get("model")
    said = [_registered(model)] if model else []
    said.append(
        "Discrimination is Harrell's concordance [@harrell] with its infinitesimal-jackknife interval; the slope is the "
        "coefficient of the score in a Cox model [@cox] of these patients, compared with 1 and with 0 by Wald tests."
    )
    for name, sentences in (("survival", survival), ("timeroc", timeroc)):
        part = output.get(name)
        if part and not part["refused"]:
            said += sentences({"times": sorted({row["time"] for row in part.get("times", [])})}, part)
    return said


def cox(parameters: Parameters, output: Output) -> list[str]:
    ties = output["ties"]
    names = {"efron": "Efron's approximation [@efron]", "breslow": "Breslow's approximation [@breslow]"}
    said = [
        "The endpoint was modelled by Cox proportional-hazards regression [@cox], ties by "
        f"{names.get(ties, f'the {ties} likelihood')}, with Wald intervals and the likelihood-ratio, Wald and score tests of "
        "the whole model; discrimination is Harrell's concordance [@harrell]; proportional hazards were tested term by "
        "term and together by scaled Schoenfeld residuals [@ph]."
    ]
    if output.get("strata"):
        said.append(f"The baseline hazard was stratified by {', '.join(output['strata'])}.")
    if output.get("cluster"):
        said.append(f"Standard errors are robust, clustered by {output['cluster']} [@lin-wei].")
    if output.get("landmark") is not None:
        said.append(f"Follow-up begins at the landmark of {output['landmark']:g} {output['time_unit']} [@landmark].")
    return [*said, "Only patients with every covariate known are in the model (complete cases)."]


def competing(parameters: Parameters, output: Output) -> list[str]:
    said = [
        f"Cumulative incidences of {output['endpoint']}, with {output['competing_endpoint']} as competing event, are "
        "Aalen–Johansen estimates [@aalen-johansen]."
    ]
    if output.get("variable"):
        said.append(
            "Groups were compared by Gray's test [@gray] and, for the cause-specific hazard, by the log-rank test [@logrank]."
        )
    if parameters.get("covariates"):
        said.append(
            "Covariates were modelled by the subdistribution hazard of Fine and Gray [@fine-gray] and by the cause-specific "
            "hazard [@cox]."
        )
    return said


def timeroc(parameters: Parameters, output: Output) -> list[str]:
    times = ", ".join(f"{float(at):g}" for at in parameters["times"])
    return [
        f"The discrimination of {output['endpoint']} at {times} {output['time_unit']} is the area under the cumulative/dynamic "
        "ROC curve, weighted by the inverse probability of censoring, with intervals from the independent representation of "
        "the estimator [@blanche]; areas of the same patients were compared by the same representation."
    ]
