"""The REMARK profile: what journals ask of a prognostic marker study, item by item, and what is still missing."""

from django.utils.translation import gettext as _

from analysis.remark.checklist import SOURCES
from analysis.remark.profile import Answer, remark
from analysis.reports import blocks
from analysis.reports.blocks import Section
from analysis.reports.making import Making


def remark_profile(making: Making) -> Section | None:
    profile = remark(making.cohort, [item.analysis for item in making.items])
    said = _("%(n)s of 20 items are complete (%(percent)s %%).") % {"n": profile.complete, "percent": profile.percent}
    gaps = [f"{item.number}. {item.topic}: {gap.text}" for item, gap in profile.gaps]
    missing = [blocks.head(_("Still to be done")), blocks.bullets(gaps)] if gaps else []
    return blocks.section(
        "remark",
        _("REMARK profile"),
        [
            blocks.text(said, is_strong=True),
            *missing,
            blocks.table(
                _("The twenty items"),
                [_("Item"), _("What is reported")],
                [_row(answer) for answer in profile.answers],
                notes=SOURCES,
            ),
        ],
    )


def _row(answer: Answer) -> blocks.Row:
    said = " ".join([*answer.sentences, answer.note]).strip()
    return blocks.row(f"{answer.item.number}. {answer.item.topic}", said or "—")
