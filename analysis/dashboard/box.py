"""A row in one line, as it stands in the text of a paper."""

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.charts import words
from analysis.dashboard.rows import Estimate, Output, Row
from analysis.kinds.wording import p_text

P_NAMES = {
    "survival": "log-rank",
    "risk_score": "log-rank",
    "cox": "Wald",
    "roc": "Wilcoxon",
    "timeroc": "Wald",
}


def box_text(kind: str, row: Row, output: Output) -> str:
    """`19.0 vs 38.5 months; HR 1.9 (95% CI 1.2–3.1), log-rank p = 0.006; n 52/51, events 40/28; PH p = 0.31`."""
    parts = [_medians(row, output), _effect(kind, row), _counts(kind, row, output), _hazards(output)]
    text = "; ".join(part for part in parts if part) + "."
    return text[0].upper() + text[1:]


def _medians(row: Row, output: Output) -> str:
    if not row.medians:
        return ""
    names = " vs ".join(name for name, _median in row.medians)
    values = [None if median is None else f"{median:.1f}" for _name, median in row.medians]
    unit = str(output["time_unit"])
    # A unit after "not reached" would say that it is one of time.
    texts = [value or "not reached" for value in values]
    if values[-1] is None:
        texts = [f"{value} {unit}" if value else "not reached" for value in values]
        unit = ""
    return f"{names}: {' vs '.join(texts)} {unit}".rstrip()


def _effect(kind: str, row: Row) -> str:
    estimates = [f"HR {estimate_text(row.hr)}"] if row.hr else []
    estimates += [f"AUC {estimate_text(row.auc)}"] if row.auc else []
    if row.p is None:
        return ", ".join([*estimates, f"no p: {row.why_no_p.rstrip('.')}"])
    name = "corrected" if row.p_kind else P_NAMES.get(kind, "")
    return ", ".join([*estimates, f"{name} {p_text(row.p)}".strip()])


def estimate_text(estimate: Estimate) -> str:
    value, low, high = (words.number(end, digits=2) for end in (estimate.value, estimate.low, estimate.high))
    return f"{value} (95% CI {low}–{high})"


def _counts(kind: str, row: Row, output: Output) -> str:
    groups = list(output.get("groups") or [])
    if output.get("cutoff") and groups:
        groups.reverse()
    if len(groups) > 1:
        n, events = ("/".join(str(group[name]) for group in groups) for name in ("n", "events"))
        return f"n {n}, events {events}"
    counted = "cases" if kind == "roc" else "events"
    return f"n {row.n}" + ("" if row.events is None else f", {counted} {row.events}")


def _hazards(output: Output) -> str:
    ph = output.get("ph")
    return f"PH {p_text(ph['p'])}" if isinstance(ph, dict) else ""


def verdict_of(claims: Sequence[Mapping[str, Any]], row: Row) -> str:
    """What the row's own claim says in words, else what the test of the whole result says."""
    said = {str(claim["name"]): str(claim["verdict"]) for claim in claims if claim["verdict"]}
    names = ("logrank_p", "corrected_p") if row.part == "all" else (row.claim,)
    return next((said[name] for name in names if name in said), said.get(row.claim, ""))
