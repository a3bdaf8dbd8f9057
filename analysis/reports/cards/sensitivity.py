"""Would the conclusion be another under one reader, one step of the cutoff away, or in complete cases only?

Computed from the very frame of the result, by the same functions: whoever re-executes the run finds the same numbers.
"""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from analysis.canonical import plain
from analysis.kinds.groups import survival_by_group
from analysis.kinds.survival import HIGH, LOW
from analysis.kinds.wording import interval_text, p_cell
from analysis.reports import blocks
from analysis.reports.blocks import Block, Row
from analysis.reports.cards.cutoff_steps import steps
from analysis.reports.making import Item
from analysis.reports.wording import said
from analysis.stats.errors import StatsInputError
from analysis.templatetags.claims import number

# Those whose computation takes milliseconds: a bootstrap is not drawn a second time for a report.
_RECOMPUTED = {"survival", "risk_score", "cox", "roc"}


def sensitivity(item: Item, complete: frozenset[str] | None) -> list[Block]:
    """`complete`: patients with every variable that any analysis uses; None where none uses any."""
    rows = [*_readers(item.output), *_cutoffs(item), *_searched(item.output)]
    found = []
    if rows:
        columns = [_("Under"), _("High, low"), _("Events"), _("Hazard ratio (95% CI)"), _("Log-rank p")]
        found.append(blocks.table(_("Sensitivity"), columns, rows, numbers=range(1, 5)))
    found += _complete_cases(item, complete)
    return found


def _readers(output: dict[str, Any]) -> list[Row]:
    readers = output.get("readers")
    if not readers or not readers["lines"]:
        return []
    note = _("%(n)s patients with a value under each; round %(rounds)s") % {
        "n": readers["n"],
        "rounds": ", ".join(readers["rounds"]),
    }
    return [
        blocks.group(_("Reader"), note=note),
        *[
            _line(line["name"], line["n_high"], line["n_low"], line["events"], line["hr"], line["p"], line["refused"])
            for line in readers["lines"]
        ],
    ]


def _cutoffs(item: Item) -> list[Row]:
    output = item.output
    cutoff = output.get("cutoff")
    if not isinstance(cutoff, dict) or not output.get("values") or not output.get("members"):
        return []
    values, around = output["values"], steps(output["values"], cutoff["value"])
    by_patient = {row["patient"]: row for row in item.frame.rows}
    followed = [by_patient[member["patient"]] for member in output["members"]]
    if "landmark" in output:
        return []  # time runs from another day than in the frame
    times = [row[item.frame.time_name] for row in followed]
    events = [row["event"] for row in followed]
    rows = [blocks.group(_("Cutoff"), note=_("one step down, as analysed, one step up"))]
    for at in (around.down and around.down.cutoff, cutoff["value"], around.up and around.up.cutoff):
        if at is None:
            continue
        groups = [HIGH if value > at else LOW for value in values]
        found = plain(survival_by_group(times, events, groups, [LOW, HIGH]))
        test = found["logrank"]
        name = f"> {number(at)}" + (_(" (as analysed)") if at == cutoff["value"] else "")
        p = test["p"] if test else None
        rows.append(
            _line(name, groups.count(HIGH), groups.count(LOW), found["events"], found["hr"], p, found["refused"])
        )
    return rows


def _searched(output: dict[str, Any]) -> list[Row]:
    """The neighbours of the best cutoff, from the search itself."""
    candidates = output.get("candidates")
    if not candidates or not output.get("endpoint"):
        return []
    place = next(i for i, candidate in enumerate(candidates) if candidate["cutoff"] == output["cutoff"])
    rows = [blocks.group(_("Cutoff"), note=_("neighbours of the best, uncorrected"))]
    for candidate in candidates[max(0, place - 1) : place + 2]:
        is_best = candidate["cutoff"] == output["cutoff"]
        rows.append(
            blocks.row(
                f"> {number(candidate['cutoff'])}" + (_(" (the best)") if is_best else ""),
                f"{candidate['n_high']}, {candidate['n_low']}",
                str(output["events"]),
                number(candidate["hr"]) if candidate["hr"] is not None else "—",
                p_cell(candidate["p"]),
            )
        )
    return rows


def _line(name: str, high: int, low: int, events: int, hr: Any, p: float | None, refused: str | None) -> Row:
    if refused:
        return blocks.row(name, f"{high}, {low}", str(events), refused, "—")
    ratio = interval_text(hr["hr"], hr["low"], hr["high"]) if hr else "—"
    return blocks.row(name, f"{high}, {low}", str(events), ratio, p_cell(p))


def _complete_cases(item: Item, complete: frozenset[str] | None) -> list[Block]:
    if complete is None or item.analysis.kind not in _RECOMPUTED or item.result is None or item.output.get("refused"):
        return []
    frame = item.frame
    rows = [row for row in frame.rows if row["patient"] in complete]
    if len(rows) == len(frame.rows):
        words = _("Complete cases: all of its %(n)s patients have every variable that the cohort's analyses use.")
        return [blocks.text(words % {"n": len(rows)})]
    try:
        output = plain(item.kind.compute(replace(frame, rows=rows), item.analysis.parameters))
    except StatsInputError as error:
        return [blocks.text(_("Complete cases: %(why)s") % {"why": error})]
    now = {claim.name: claim.as_json() for claim in item.kind.headline(output)}
    lines = [
        blocks.row(
            claim["label"], said(claim), said(now.get(claim["name"])), (now.get(claim["name"]) or {}).get("verdict", "")
        )
        for claim in item.result.claims
    ]
    columns = [_("Claim"), _("As analysed"), _("Complete cases"), _("Verdict in complete cases")]
    note = _("Complete: every variable that an analysis of this cohort uses is known (%(n)s of %(all)s patients).")
    notes = [note % {"n": len(rows), "all": len(frame.rows)}, str(output.get("refused") or "")]
    return [blocks.table(_("Complete cases"), columns, lines, numbers=(1, 2), notes=notes)]
