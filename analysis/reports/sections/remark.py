"""The REMARK profile: what journals ask of a prognostic marker study, item by item, and what is still missing."""

from collections.abc import Iterable, Iterator
from itertools import groupby

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
                list(_rows(profile.answers)),
                notes=SOURCES,
            ),
        ],
    )


def _rows(answers: Iterable[Answer]) -> Iterator[blocks.Row]:
    for section, of_section in groupby(answers, key=lambda answer: str(answer.item.section)):
        yield blocks.group(section)
        yield from (_row(answer) for answer in of_section)


def _row(answer: Answer) -> blocks.Row:
    """A line for each sentence: every analysis that is cited begins one."""
    said = "\n".join([*answer.sentences, answer.note]).strip()
    return blocks.row(f"{answer.item.number}. {answer.item.topic}", said or "—")
