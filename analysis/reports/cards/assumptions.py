"""What the methods of a result suppose, and whether it holds: read from the result, nothing is tested here."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from analysis.kinds.base import Output
from analysis.kinds.groups import MIN_EVENTS, MIN_PATIENTS
from analysis.kinds.hazard_terms import called
from analysis.kinds.wording import ALPHA, p_text
from analysis.reports import blocks
from analysis.reports.blocks import Block, Row
from analysis.reports.making import Item

# Fewer events than this for each term of a model, and its coefficients are hardly to be relied on.
_EVENTS_PER_TERM = 10


def assumption_checks(item: Item) -> list[Block]:
    rows = [
        *_sizes(item.output),
        *_hazards(item.output),
        *_events_per_term(item.output),
        *_distributions(item.output),
        *_warnings(item.output),
    ]
    if not rows:
        return []
    columns = [_("Assumption"), _("Finding"), _("Judgement")]
    return [blocks.table(_("Assumption checks"), columns, rows)]


def _sizes(output: Output) -> Iterator[Row]:
    if output.get("refused"):
        yield blocks.row(_("Enough data for a test"), str(output["refused"]), _("no test"), is_strong=True)
        return
    groups = output.get("groups") or []
    if len(groups) > 1 and all("events" in group for group in groups):
        smallest = min(groups, key=lambda group: (group["n"], group["events"]))
        said = _("smallest group %(name)s: %(n)s patients, %(events)s events") % {
            "name": smallest["name"],
            "n": smallest["n"],
            "events": min(group["events"] for group in groups),
        }
        enough = _("enough (%(n)s patients, %(events)s events)") % {"n": MIN_PATIENTS, "events": MIN_EVENTS}
        yield blocks.row(_("Enough data for a test"), said, enough)


def _hazards(output: Output) -> Iterator[Row]:
    found = output.get("ph")
    if not found or output.get("refused"):
        return
    tests = found if isinstance(found, list) else [found | {"term": ""}]
    for test in tests:
        term = f", {called(test['term'], output.get('covariates', []))}" if test["term"] else ""
        holds = test["p"] >= ALPHA
        yield blocks.row(
            _("Proportional hazards (Grambsch–Therneau)") + term,
            f"χ² {test['chi2']:.2f}, {test['df']} df, {p_text(test['p'])}",
            _("not contradicted") if holds else _("does not hold: the hazard ratio is a mean over time"),
            is_strong=not holds,
        )


def _events_per_term(output: Output) -> Iterator[Row]:
    share = output.get("events_per_variable")
    if share is None:
        return
    enough = share >= _EVENTS_PER_TERM
    said = _("%(share)s (%(events)s events, %(terms)s terms)") % {
        "share": f"{share:.1f}",
        "events": output["events"],
        "terms": len(output["terms"]),
    }
    judged = _("at least %(n)s") if enough else _("fewer than %(n)s: the coefficients are unsure")
    yield blocks.row(_("Events per term"), said, judged % {"n": _EVENTS_PER_TERM}, is_strong=not enough)


def _distributions(output: Output) -> Iterator[Row]:
    labelled = [(row.get("label", ""), check) for row in output.get("rows", []) for check in row.get("checks", [])]
    labelled += [
        (method["label"], check)
        for method in output.get("methods", [])
        for check in (method["test"] or {}).get("checks", [])
    ]
    seen = set()
    for label, check in labelled:
        if (label, check["what"]) in seen:
            continue
        seen.add((label, check["what"]))
        judged = _("holds") if check["holds"] else _("does not hold: the test was chosen accordingly")
        yield blocks.row(f"{label}: {check['what']}", f"{check['test']}, {p_text(check['p'])}", judged)
    for column in output.get("columns", []):
        normal = column.get("normality") if isinstance(column, dict) else None
        if normal:
            judged = _("not contradicted") if normal["p"] >= ALPHA else _("does not hold")
            yield blocks.row(
                _("%(label)s: normality") % {"label": column["label"]},
                f"{normal['test']}, {p_text(normal['p'])}",
                judged,
            )


def _warnings(output: Output) -> Iterator[Row]:
    for words in output.get("warnings", []):
        yield blocks.row(_("Warning"), str(words), _("see the finding"), is_strong=True)
