"""What the headline, pages and reports say of competing risks."""

from typing import Any

from analysis.headline.claims import Claim
from analysis.kinds.base import Output
from analysis.kinds.hazard_terms import term_claims, term_table
from analysis.kinds.tables import ResultTable, shown
from analysis.kinds.wording import ALPHA, p_cell, p_text

RATIOS = {"fine_gray": "Subdistribution hazard ratio", "cause_specific": "Cause-specific hazard ratio"}
CLAIMS = {"fine_gray": ("shr", "incidence"), "cause_specific": ("cshr", "hazard")}


def competing_claims(output: Output, threshold: float = ALPHA) -> list[Claim]:
    endpoint, label = output["endpoint"], output["label"]
    claims = [
        Claim("n", "Patients", output["n"]),
        Claim("events", f"Events: {endpoint}", output["events"]),
        Claim("competing", f"Competing events: {output['competing_endpoint']}", output["competing"]),
    ]
    test = output["gray"]
    if output["variable"] and test is None:
        claims.append(Claim("gray_p", "Gray's p", None, verdict="no test"))
    elif test:
        verb = "splits" if test["p"] < threshold else "does not split"
        claims.append(Claim("gray_p", "Gray's p", test["p"], verdict=f"{label} {verb} the incidence of {endpoint}"))
    claims += [_at_time(group, at, output) for group in output["groups"] for at in group["at"]]
    for name, ratio in RATIOS.items():
        if output[name]:
            prefix, of = CLAIMS[name]
            claims += term_claims(output[name]["terms"], prefix=prefix, ratio=ratio, of=of, threshold=threshold)
    return claims


def _at_time(group: dict[str, Any], at: dict[str, Any], output: Output) -> Claim:
    when = f"{at['time']:g} {output['time_unit']}".rstrip()
    name, label = f"cif_{group['name']}_{at['time']:g}", f"Incidence of {output['endpoint']} by {when}, {group['name']}"
    return Claim(name, label, at["cif"], at["low"], at["high"])


def competing_tables(output: Output) -> list[ResultTable]:
    if not output["groups"]:
        return []
    tables = [_groups(output)]
    if output["groups"][0]["at"]:
        tables.append(_at_times(output))
    if output["gray"] or output["gray_competing"]:
        tables.append(_tests(output))
    for suffix, event in (("", output["endpoint"]), ("_competing", output["competing_endpoint"])):
        for name, ratio in RATIOS.items():
            model = output[f"{name}{suffix}"]
            if model and model["terms"]:
                title = f"{ratio}s for {event}"
                tables.append(term_table(f"{name}{suffix}", title, model["terms"], _notes(name, model)))
    return tables


def _groups(output: Output) -> ResultTable:
    rows = [
        [group["name"], *(shown(group[count]) for count in ("n", "events", "competing", "censored"))]
        for group in output["groups"]
    ]
    title = f"{output['endpoint']}, competing with {output['competing_endpoint']}"
    return ResultTable("groups", title, [output["label"], "Patients", "Events", "Competing", "Censored"], rows)


def _at_times(output: Output) -> ResultTable:
    rows = [
        [
            f"{group['name']}, {at['time']:g} {output['time_unit']}".rstrip(),
            shown(at["n_risk"]),
            *(part for found in (at, at["competing"]) for part in (_share(found["cif"]), _limits(found))),
        ]
        for group in output["groups"]
        for at in group["at"]
    ]
    columns = ["By", "At risk", output["endpoint"], "95% CI", output["competing_endpoint"], "95% CI"]
    note = "Aalen–Johansen estimates; limits on the log scale. A dash: nobody of the group was watched that long."
    return ResultTable("times", "Cumulative incidence", columns, rows, [note])


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"


def _limits(found: dict[str, Any]) -> str:
    return "—" if found["low"] is None else f"{_share(found['low'])}–{_share(found['high'])}"


def _tests(output: Output) -> ResultTable:
    rows = [
        [f"{name}, {event}", shown(test["chi2"]), shown(test["df"]), p_cell(test["p"])]
        for suffix, event in (("", output["endpoint"]), ("_competing", output["competing_endpoint"]))
        for name, test in (
            ("Gray's test of the incidence", output[f"gray{suffix}"]),
            ("Log-rank test of the cause-specific hazard", output[f"logrank{suffix}"]),
        )
        if test
    ]
    return ResultTable("tests", "Tests between the groups", ["Test", "χ²", "df", "p"], rows)


def _notes(name: str, model: dict[str, Any]) -> list[str]:
    counts = f"{model['n']} patients, {model['events']} events."
    if name == "fine_gray":
        return [f"{counts} Fine and Gray's model with Breslow's ties; its proportionality is not tested."]
    ph = model["ph"][-1] if model["ph"] else None
    tested = f" Proportional hazards: χ² {shown(ph['chi2'])}, {ph['df']} df, {p_text(ph['p'])}." if ph else ""
    return [f"{counts} Cox model with Efron's ties; the other event censors.{tested}"]
