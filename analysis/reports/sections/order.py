"""The sections of a report, in the order of its pages: to add one, write its file and name its builder here."""

from collections.abc import Callable

from analysis.reports.blocks import Section
from analysis.reports.making import Making
from analysis.reports.sections.agreement import agreement
from analysis.reports.sections.flow import flow
from analysis.reports.sections.methods import methods
from analysis.reports.sections.missing import missing
from analysis.reports.sections.provenance import provenance
from analysis.reports.sections.remark import remark_profile
from analysis.reports.sections.results import results
from analysis.reports.sections.summary import summary

# None where the cohort has nothing to say in it.
Builder = Callable[[Making], Section | None]

# A report in which nothing changed has these alone: the rest would be that of the report before.
FIRST_PAGE: tuple[Builder, ...] = (summary,)
SECTIONS: tuple[Builder, ...] = (
    *FIRST_PAGE,
    flow,
    missing,
    agreement,
    results,
    remark_profile,
    methods,
    provenance,
)
