from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analysis.access import visible_analyses
from analysis.definitions.catalogue import catalogue_of
from analysis.engine.freshness import freshness_of
from analysis.subcohorts.access import access_subcohort, visible_subcohorts
from analysis.subcohorts.forms import SubCohortForm, condition_forms
from analysis.subcohorts.membership import membership, moved_since
from analysis.subcohorts.models import SubCohort
from analysis.subcohorts.services import subcohort_define, subcohort_retire, subcohort_update
from registry.clinical.forms import RetireForm
from registry.cohorts.access import access_cohort
from registry.log.access import visible_changes
from registry.log.actors import Actor
from registry.log.history import steps
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL


@require_GET
@allow(*CLINICAL)
def subcohorts(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    cohort = access_cohort(user, code)
    rows = [(item, membership(cohort, item.name, item.parsed)) for item in visible_subcohorts(user, cohort)]
    context = {"cohort": cohort, "rows": rows, "simulated": cohort.is_simulated}
    return render(request, "analysis/subcohorts/list.html", context)


@require_GET
@allow(*CLINICAL)
def subcohort(request: HttpRequest, code: str, part: str) -> HttpResponse:
    user = acting_user(request)
    found = access_subcohort(user, code, part)
    members = membership(found.cohort, found.name, found.parsed)
    analyses = list(visible_analyses(user).filter(subcohort=found))
    moved = {item.analysis.pk: item for item in moved_since(found, members.members, analyses)}
    context = {
        "cohort": found.cohort,
        "subcohort": found,
        "members": members,
        "analyses": [(analysis, freshness_of(analysis), moved.get(analysis.pk)) for analysis in analyses],
        "simulated": found.cohort.is_simulated,
    }
    return render(request, "analysis/subcohorts/page.html", context)


@require_GET
@allow(*CLINICAL)
def subcohort_history(request: HttpRequest, code: str, part: str) -> HttpResponse:
    user = acting_user(request)
    found = access_subcohort(user, code, part)
    changes = visible_changes(user).filter(cohort=found.cohort, domain=found.domain)
    context = {"cohort": found.cohort, "title": found.name, "steps": steps(changes)}
    return render(request, "registry/history.html", context)


@allow(*CLINICAL)
def subcohort_new(request: HttpRequest, code: str) -> HttpResponse:
    return _edit(request, SubCohort(cohort=access_cohort(acting_user(request), code)))


@allow(*CLINICAL)
def subcohort_edit(request: HttpRequest, code: str, part: str) -> HttpResponse:
    return _edit(request, access_subcohort(acting_user(request), code, part))


@allow(*CLINICAL)
def subcohort_retire_page(request: HttpRequest, code: str, part: str) -> HttpResponse:
    user = acting_user(request)
    found = access_subcohort(user, code, part)
    form = RetireForm(request.POST or None, initial={"version": found.version})

    def write() -> object:
        data = form.cleaned_data
        by = Actor.of(user)
        return subcohort_retire(subcohort=found, expected_version=data["version"], by=by, reason=data["reason"])

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("The sub-cohort is retired."))
        return redirect("analysis:subcohorts", code)
    context = {"cohort": found.cohort, "form": form, "title": _("Retire the sub-cohort?"), "statement": found.name}
    return render(request, "registry/fact_form.html", context | {"danger": _("Retire")})


def _edit(request: HttpRequest, part: SubCohort) -> HttpResponse:
    """One page to define and to change; "preview" shows who would belong and saves nothing."""
    user = acting_user(request)
    variables = list(catalogue_of(part.cohort, user).offers.values())
    form = SubCohortForm(request.POST or None, instance=part)
    lines = condition_forms(request.POST or None, part, variables)
    context: dict[str, Any] = {"cohort": part.cohort, "subcohort": part, "form": form, "lines": lines}
    context["simulated"] = part.cohort.is_simulated
    # Both, so that every error is told at once.
    if request.method == "POST" and all([form.is_valid() or "preview" in request.POST, lines.is_valid()]):
        if "preview" in request.POST:
            name = str(request.POST.get("name") or _("this sub-cohort"))
            context["members"] = membership(part.cohort, name, lines.conditions)
        elif form.saves(lambda: _write(form, lines.conditions, part, Actor.of(user))):
            messages.success(request, _("Saved."))
            return redirect("analysis:subcohort", part.cohort.code, part.code or form.cleaned_data["code"])
    return render(request, "analysis/subcohorts/form.html", context)


def _write(form: SubCohortForm, conditions: list[Any], part: SubCohort, by: Actor) -> SubCohort:
    name, wanted = form.cleaned_data["name"], [item.as_json() for item in conditions]
    if part.pk is None:
        code = form.cleaned_data["code"]
        return subcohort_define(cohort=part.cohort, code=code, name=name, conditions=wanted, by=by)
    return subcohort_update(
        subcohort=part,
        name=name,
        conditions=wanted,
        expected_version=form.expected_version,
        by=by,
        reason=form.given_reason,
    )
