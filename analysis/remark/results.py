"""REMARK items 12 to 18: what was found, each number with its run."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from analysis.kinds.hazard_terms import called
from analysis.kinds.wording import p_cell, p_text
from analysis.remark.content import Cited, Filled, Profiled
from analysis.templatetags.claims import claim_value
from registry.cohorts.completeness import completeness
from registry.outcomes.flow import cohort_flow

_STANDARD = ("age", "sex", "stage", "bclc", "child_pugh", "grade", "afp", "ecog", "mvi", "tumour_size_cm")


def flow(found: Profiled) -> Filled:
    filled, counted = Filled(), cohort_flow(found.cohort)
    filled.say(
        _(
            "%(registered)d registered, %(withdrawn)d withdrawn, %(ineligible)d not eligible, %(pending)d undecided, "
            "%(eligible)d eligible."
        )
        % {name: getattr(counted, name) for name in ("registered", "withdrawn", "ineligible", "pending", "eligible")}
    )
    for endpoint in counted.endpoints:
        filled.say(
            _("%(code)s: %(n)d patients, %(events)d events.")
            % {"code": endpoint.code, "n": endpoint.n, "events": endpoint.events}
        )
    if counted.pending:
        page = reverse("registry:patients") + "?eligibility=pending"
        filled.lacks(_("%(n)d patients wait for facts on their eligibility.") % {"n": counted.pending}, page)
    return filled


def distributions(found: Profiled) -> Filled:
    filled = Filled()
    known = [row for row in completeness(found.cohort, is_eligible=True) if row.known]
    missing = "; ".join(f"{row.label} {row.missing}" for row in known if row.missing)
    if missing:
        filled.say(_("Missing values of %(n)d eligible patients: %(rows)s.") % {"n": known[0].total, "rows": missing})
    elif known:
        filled.say(_("No characteristic of the %(n)d eligible patients lacks a value.") % {"n": known[0].total})
    _cite(filled, found.of_kind("table1"), _("No table of characteristics (Table 1) is defined."))
    return filled


def against_standard(found: Profiled) -> Filled:
    filled = Filled()
    related = [cited for cited in found.of_kind("compare", "correlate", "table1") if _names(cited, "baseline:")]
    _cite(filled, related, _("No analysis compares the marker with standard prognostic variables."))
    return filled


def univariable(found: Profiled) -> Filled:
    filled = Filled()
    _cite(
        filled,
        found.of_kind("survival", "roc", "risk_score", "validation", "timeroc", "screen"),
        _("No analysis of one marker and the outcome is defined."),
    )
    return filled


def multivariable(found: Profiled) -> Filled:
    filled = Filled()
    _cite(filled, _models(found), _("No model of several variables is defined."))
    return filled


def with_standard(found: Profiled) -> Filled:
    filled = Filled()
    both = [
        cited
        for cited in _models(found)
        if any(name in {f"baseline:{code}" for code in _STANDARD} for name in _covariates(cited))
        and any(not name.startswith("baseline:") for name in _covariates(cited))
    ]
    if told := [cited.source for cited in both if _has_told(cited)]:
        filled.say(_("With the numbers of item 16: %(sources)s.") % {"sources": "; ".join(told)})
    without = [cited for cited in both if not _has_told(cited)]
    otherwise = _("No model has the marker together with standard prognostic variables.")
    _cite(filled, without, "" if told else otherwise)
    return filled


def further(found: Profiled) -> Filled:
    filled = Filled()
    for cited in found.analyses:
        filled.say(*(f"{cited.source}: {sentence}" for sentence in _checks(cited.output)))
    _cite(filled, found.of_kind("cutpoint", "agreement", "calibration"), "")
    if not filled.sentences:
        filled.lacks(
            _("No assumption was checked and no sensitivity analysis is defined."), reverse("analysis:analyses")
        )
    return filled


def _checks(output: dict[str, Any]) -> list[str]:
    said = []
    hazards = output.get("ph")
    if isinstance(hazards, dict) and hazards.get("p") is not None:
        said.append(_("proportional hazards %(p)s.") % {"p": p_text(hazards["p"])})
    elif isinstance(hazards, list):
        terms = [
            f"{called(row['term'], output.get('covariates', []))} {p_cell(row['p'])}"
            for row in hazards
            if row.get("p") is not None
        ]
        said += [_("proportional hazards, p by term: %(terms)s.") % {"terms": ", ".join(terms)}] if terms else []
    if output.get("readers"):
        said.append(_("repeated with each reader's own reads."))
    return said


def _models(found: Profiled) -> list[Cited]:
    return [cited for cited in found.of_kind("cox", "competing", "stepwise", "nomogram") if len(_covariates(cited)) > 1]


def _covariates(cited: Cited) -> list[str]:
    return [str(name) for name in cited.analysis.parameters.get("covariates", [])]


def _names(cited: Cited, prefix: str) -> bool:
    return prefix in str(cited.analysis.parameters)


def _has_told(cited: Cited) -> bool:
    """A result of no patient fills no item."""
    values = {claim["name"]: claim["value"] for claim in cited.claims if claim["value"] is not None}
    return bool(values) and values.get("n") != 0


def _cite(filled: Filled, analyses: list[Cited], otherwise: str) -> None:
    for cited in analyses:
        told = [f"{claim['label']} {claim_value(claim)}" for claim in cited.claims if claim["value"] is not None]
        if _has_told(cited):
            filled.say(f"{cited.source}: {'; '.join(told)}.")
        else:
            why = _("%(title)s has a result of nobody.") if told else _("%(title)s has no result yet.")
            filled.lacks(why % {"title": cited.analysis.title}, cited.analysis.get_absolute_url())
    if not analyses and otherwise:
        filled.lacks(otherwise, reverse("analysis:analyses"))
