"""Where everybody went: from enrolment to each analysis, in numbers that add up."""

from django.utils.translation import gettext as _

from analysis.reports import blocks
from analysis.reports.blocks import Block, Section
from analysis.reports.making import Item, Making
from registry.cohorts.flow import boxes
from registry.outcomes.flow import Flow, cohort_flow


def flow(making: Making) -> Section:
    found = cohort_flow(making.cohort)
    return blocks.section(
        "flow",
        _("Flow of patients"),
        [
            blocks.flow((box.label, box.n, box.out) for box in boxes(found)),
            *_endpoints(found),
            *_analyses(making, found),
        ],
    )


def _endpoints(found: Flow) -> list[Block]:
    if not found.endpoints:
        return []
    rows = [
        blocks.row(
            endpoint.code,
            str(found.eligible),
            _reasons({str(why): n for why, n in endpoint.left_out.items()}),
            str(endpoint.n),
            str(endpoint.events),
        )
        for endpoint in found.endpoints
    ]
    columns = [_("Endpoint"), _("Eligible"), _("Without it, by reason"), _("With it"), _("Events")]
    return [blocks.table(_("Eligible patients by endpoint"), columns, rows, numbers=(1, 3, 4))]


def _analyses(making: Making, found: Flow) -> list[Block]:
    members = found.registered - found.withdrawn
    # What asks about no patient has no flow.
    rows = [_row(item, members) for item in making.answered if item.output.get("n", 0) is not None]
    if not rows:
        return []
    columns = [_("Analysis"), _("In the cohort"), _("Left out, by reason"), _("Analysed"), _("Run")]
    note = _(
        "Analysed and left out make up the cohort. An analysis of several values may have fewer patients for one of "
        "them: its own tables say so."
    )
    return [blocks.table(_("From the cohort to each analysis"), columns, rows, numbers=(1, 3), notes=[note])]


def _row(item: Item, members: int) -> blocks.Row:
    n = item.output.get("n", len(item.frame.rows))
    dropped = _left_out(item, n)
    total = n + sum(dropped.values())
    # The flow is of this moment, a result of the moment of its run: a stale one may be of another number of patients.
    said = str(total) if total == members else _("%(then)s, now %(now)s") % {"then": total, "now": members}
    return blocks.row(item.analysis.full_title, said, _reasons(dropped), str(n), item.run_name)


def _left_out(item: Item, n: int) -> dict[str, int]:
    """Of the result, or of its table where the result counts those alone who lack the table's own conditions."""
    dropped = dict(item.output.get("dropped", {}))
    everybody = len(item.frame.rows) + len(item.frame.left_out)
    without = everybody - n - sum(dropped.values())
    return dropped | ({_("without the values it compares"): without} if without > 0 else {})


def _reasons(counts: dict[str, int]) -> str:
    return "; ".join(f"{why} ({n})" for why, n in counts.items()) or "—"
