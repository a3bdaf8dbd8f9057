"""What is not known of the eligible patients, of each variable that an analysis uses."""

from collections import Counter

from django.utils.translation import gettext as _

from analysis.frames.frame import Frame
from analysis.reports import blocks
from analysis.reports.blocks import Section
from analysis.reports.making import Making


def missing(making: Making) -> Section | None:
    if not making.variables:
        return None
    frame = making.everybody
    rows = [_row(frame, name, titles) for name, titles in making.variables.items()]
    notes = [
        _("Of %(n)s eligible patients, %(complete)s have every one of these values.")
        % {"n": len(frame.rows), "complete": len(making.complete)},
        _("As the facts stood when this report was made; data %(data)s.") % {"data": frame.fingerprint()[:12]},
        *frame.notes,
    ]
    columns = [_("Variable"), _("Known"), _("Missing"), _("Missing, by reason"), _("Used by")]
    return blocks.section(
        "missing",
        _("Missing data"),
        [blocks.table(_("Known and missing values of eligible patients"), columns, rows, numbers=(1, 2), notes=notes)],
    )


def _row(frame: Frame, name: str, titles: list[str]) -> blocks.Row:
    absent = [row["patient"] for row in frame.rows if row[name] is None]
    reasons = Counter(frame.absences.get(patient, {}).get(name) or _("not recorded") for patient in absent)
    n = len(frame.rows)
    share = f" ({len(absent) / n:.1%})" if n and absent else ""
    return blocks.row(
        frame.columns[name]["label"],
        str(n - len(absent)),
        f"{len(absent)}{share}",
        "; ".join(f"{why} ({count})" for why, count in reasons.most_common()) or "—",
        "; ".join(titles),
    )
