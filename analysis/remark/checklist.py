"""The twenty items of REMARK, in short; the full wording is in McShane 2005 and Altman 2012."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SOURCES = (
    "McShane LM et al. J Natl Cancer Inst 2005;97:1180–4",
    "Altman DG et al. PLoS Med 2012;9:e1001216",
)


@dataclass(frozen=True)
class Item:
    number: int
    section: Promise
    topic: Promise
    # only people can say it: what the database holds is never enough
    needs_words: bool = False


_INTRODUCTION, _METHODS, _RESULTS, _DISCUSSION = _("Introduction"), _("Methods"), _("Results"), _("Discussion")

ITEMS = (
    Item(1, _INTRODUCTION, _("Marker, objectives, hypotheses stated beforehand"), needs_words=True),
    Item(2, _METHODS, _("Patients: characteristics, source, criteria")),
    Item(3, _METHODS, _("Treatments and how they were chosen"), needs_words=True),
    Item(4, _METHODS, _("Specimens: material, controls, preservation, storage"), needs_words=True),
    Item(5, _METHODS, _("Assay: reagents, quality control, scoring, blinding")),
    Item(6, _METHODS, _("Case selection, period, end and median of follow-up"), needs_words=True),
    Item(7, _METHODS, _("Clinical endpoints, precisely defined")),
    Item(8, _METHODS, _("All candidate variables")),
    Item(9, _METHODS, _("Rationale of the sample size"), needs_words=True),
    Item(10, _METHODS, _("Statistical methods, assumptions, missing data")),
    Item(11, _METHODS, _("Handling of marker values and cutpoints")),
    Item(12, _RESULTS, _("Flow of patients, numbers and events")),
    Item(13, _RESULTS, _("Distributions of characteristics and marker, missing values")),
    Item(14, _RESULTS, _("Marker against standard prognostic variables")),
    Item(15, _RESULTS, _("Univariable analyses of marker and outcome")),
    Item(16, _RESULTS, _("Multivariable analyses with intervals")),
    Item(17, _RESULTS, _("Marker and standard variables together in one model")),
    Item(18, _RESULTS, _("Further investigations: assumptions, sensitivity, validation")),
    Item(19, _DISCUSSION, _("Interpretation and limitations"), needs_words=True),
    Item(20, _DISCUSSION, _("Implications for research and clinical value"), needs_words=True),
)
BY_NUMBER = {item.number: item for item in ITEMS}
