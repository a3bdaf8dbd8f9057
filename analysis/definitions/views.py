"""Defining an analysis by form: the kinds, the form of one, its correction, and putting it away."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analysis.access import access_analysis, access_run, visible_analyses
from analysis.datasets.candidates import candidates_of
from analysis.definitions.catalogue import catalogue_of
from analysis.definitions.forms import DefinitionForm, RetireForm
from analysis.definitions.history import definition_history
from analysis.definitions.registry import DEFINITIONS, definition_of
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_create, analysis_redefine, analysis_restore, analysis_retire
from analysis.kinds.registry import KINDS, kind_of
from analysis.plans.services import standing_plan
from analysis.subcohorts.access import visible_subcohorts
from registry.cohorts.access import access_cohort, visible_cohorts
from registry.cohorts.models import Cohort
from registry.log.access import visible_changes
from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL


@require_GET
@allow(*CLINICAL)
def choose_cohort(request: HttpRequest) -> HttpResponse:
    cohorts = list(visible_cohorts(acting_user(request)))
    if len(cohorts) == 1:
        return redirect("analysis:define", cohorts[0].code)
    context = {"cohorts": cohorts, "simulated": any(cohort.is_simulated for cohort in cohorts)}
    return render(request, "analysis/definitions/cohorts.html", context)


@require_GET
@allow(*CLINICAL)
def choose_kind(request: HttpRequest, code: str) -> HttpResponse:
    cohort = access_cohort(acting_user(request), code)
    kinds = [{"kind": kind, "answers": DEFINITIONS[kind.code].answers} for kind in KINDS.values()]
    context = {"cohort": cohort, "kinds": kinds, "simulated": cohort.is_simulated}
    return render(request, "analysis/definitions/kinds.html", context)


@allow(*CLINICAL)
def define(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    user = acting_user(request)
    cohort = access_cohort(user, code)
    if kind not in DEFINITIONS:
        raise Http404
    like = access_analysis(user, code, request.GET["like"]) if request.GET.get("like") else None
    form = DefinitionForm(
        request.POST or None,
        definition=definition_of(kind),
        catalogue=catalogue_of(cohort, user),
        asked=like.parameters if like and like.kind == kind else _candidates(request, cohort),
        subcohorts=visible_subcohorts(user, cohort),
        chosen=like.subcohort if like else None,
        others=visible_analyses(user).filter(cohort=cohort),
    )
    made: list[Analysis] = []

    def write() -> None:
        given = form.cleaned_data
        made.append(
            analysis_create(
                cohort=cohort,
                title=given["title"],
                kind=kind,
                parameters=given["parameters"],
                subcohort=form.subcohort,
                waits_for_plan=given["waits_for_plan"],
                by=Actor.of(user),
            )
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("The analysis “%(title)s” is defined.") % {"title": made[0].title})
        return redirect("analysis:plan", code, made[0].slug) if made[0].waits_for_plan else redirect(made[0])
    context: dict[str, Any] = {
        "cohort": cohort,
        "kind": kind_of(kind),
        "definition": definition_of(kind),
        "form": form,
        "like": like,
        "simulated": cohort.is_simulated,
    }
    return render(request, "analysis/definitions/form.html", context)


def _candidates(request: HttpRequest, cohort: Cohort) -> dict[str, Any]:
    """?genes=RUN:STEP:LIST, of a discovery"""
    run, _colon, wanted = request.GET.get("genes", "").partition(":")
    step, _colon, listed = wanted.partition(":")
    if not run.isdecimal():
        return {}
    result = access_run(acting_user(request), int(run)).result
    found = candidates_of(result, step, listed, cohort) if result else None
    return {"covariates": found.variables} if found else {}


@allow(*CLINICAL)
def edit(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    user = acting_user(request)
    analysis = access_analysis(user, code, slug)
    form = DefinitionForm(
        request.POST or None,
        definition=definition_of(analysis.kind),
        catalogue=catalogue_of(analysis.cohort, user),
        asked=analysis.parameters,
        subcohorts=visible_subcohorts(user, analysis.cohort),
        chosen=analysis.subcohort,
        analysis=analysis,
    )

    def write() -> Analysis:
        given = form.cleaned_data
        return analysis_redefine(
            analysis=analysis,
            expected_version=given["version"],
            title=given["title"],
            parameters=given["parameters"],
            subcohort=form.subcohort,
            by=Actor.of(user),
            reason=given["reason"],
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("The definition is changed."))
        return redirect(analysis)
    context: dict[str, Any] = {
        "cohort": analysis.cohort,
        "analysis": analysis,
        "kind": kind_of(analysis.kind),
        "definition": definition_of(analysis.kind),
        "form": form,
        "plan": standing_plan(analysis),
        "simulated": analysis.cohort.is_simulated,
    }
    return render(request, "analysis/definitions/form.html", context)


@require_GET
@allow(*CLINICAL)
def history(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    user = acting_user(request)
    analysis = access_analysis(user, code, slug)
    context = {
        "analysis": analysis,
        "cohort": analysis.cohort,
        "versions": definition_history(analysis, visible_changes(user)),
        "plans": analysis.plans.select_related("signature").order_by("-pk"),
        "simulated": analysis.cohort.is_simulated,
    }
    return render(request, "analysis/definitions/history.html", context)


@allow(*CLINICAL)
def retire(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Retires an analysis that is in use, and restores one that is not."""
    user = acting_user(request)
    analysis = access_analysis(user, code, slug)
    form = RetireForm(request.POST or None, analysis=analysis)
    service = analysis_restore if analysis.retired_reason else analysis_retire

    def write() -> Analysis:
        given = form.cleaned_data
        return service(analysis=analysis, expected_version=given["version"], by=Actor.of(user), reason=given["reason"])

    if request.method == "POST" and form.saves(write):
        said = _("The analysis is asked again.") if analysis.retired_reason else _("The analysis is retired.")
        messages.success(request, said)
        return redirect(analysis)
    context = {"analysis": analysis, "cohort": analysis.cohort, "form": form, "simulated": analysis.cohort.is_simulated}
    return render(request, "analysis/definitions/retire.html", context)
