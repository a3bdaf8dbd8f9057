"""The cutoff picker of a result: another cutoff tried on its stored frame, taken away as files, or kept."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from analysis.access import access_analysis
from analysis.cutoffs.picking import Picked, is_splittable, pick
from analysis.cutoffs.presenting import picked_json, picked_stamp, picker_context
from analysis.cutoffs.saving import SaveForm
from analysis.cutoffs.searching import search_define
from analysis.cutoffs.services import cutoff_declare
from analysis.engine.models import Analysis
from analysis.kinds.cutoff_preview import spec_of
from analysis.views.drawings import drawing
from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.models import User
from registry.people.roles import CLINICAL


@require_GET
@allow(*CLINICAL)
def picker(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    user = acting_user(request)
    picked, errors = _picked(user, _analysis(user, code, slug), request.GET)
    is_part = request.headers.get("HX-Target") == "picked"
    return _shown(request, picked, errors, is_part=is_part)


@require_GET
@allow(*CLINICAL)
def preview_file(request: HttpRequest, code: str, slug: str, extension: str) -> HttpResponse:
    """The choice in hand as a picture, as points or as numbers: whatever it is called, its marks go with it."""
    user = acting_user(request)
    picked, errors = _picked(user, _analysis(user, code, slug), request.GET)
    if errors:
        return HttpResponseBadRequest(" ".join(errors), content_type="text/plain; charset=utf-8")
    run = picked.run.pk if picked.run else "-"
    name = f"{code}-{slug}-cutoff-{picked.chosen.cutoff:g}-run{run}"
    if extension == "json":
        response = JsonResponse(picked_json(picked), json_dumps_params={"sort_keys": True, "ensure_ascii": False})
        response["Content-Disposition"] = f'inline; filename="{name}.json"'
        return response
    return drawing(spec_of(picked.marker, picked.chosen), picked_stamp(picked), name, extension)


@require_POST
@allow(*CLINICAL)
def save(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Keeps the choice as an exploratory version: it was made with the outcomes in sight."""
    user = acting_user(request)
    analysis = _analysis(user, code, slug)
    picked, errors = _picked(user, analysis, request.POST)
    form = SaveForm(request.POST)
    if not picked.chosen.is_exploratory:
        errors.append(_("This cutoff is on record already."))
    if errors or not form.is_valid():
        return _shown(request, picked, errors, form=form, status=422)
    saved = cutoff_declare(
        cohort=analysis.cohort,
        variable=picked.marker.name,
        value=picked.chosen.cutoff,
        status="exploratory",
        method=picked.chosen.method,
        source=_("chosen on %(slug)s, run %(run)s") % {"slug": slug, "run": picked.run.pk if picked.run else "-"},
        by=Actor.of(user),
        reason=form.cleaned_data["reason"],
    )
    messages.success(request, _("Saved as exploratory version %(number)s.") % {"number": saved.number})
    query = urlencode({"marker": picked.marker.name, "cutoff": picked.chosen.cutoff})
    return redirect(f"{reverse('analysis:analysis-cutoff', args=[code, slug])}?{query}")


@require_POST
@allow(*CLINICAL)
def search(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    user = acting_user(request)
    analysis = _analysis(user, code, slug)
    picked, _errors = _picked(user, analysis, request.POST)
    made = search_define(analysis=analysis, marker=picked.marker, by=Actor.of(user))
    messages.success(request, _("The search is defined; its result follows by itself."))
    return redirect(made)


def _analysis(user: User, code: str, slug: str) -> Analysis:
    analysis = access_analysis(user, code, slug)
    if not is_splittable(analysis):
        raise Http404
    return analysis


def _picked(user: User, analysis: Analysis, asked: Mapping[str, Any]) -> tuple[Picked, list[str]]:
    """What is asked for; where that makes no sense, what the result itself has, with what was wrong."""
    name = str(asked.get("marker", ""))
    try:
        choice, cutoff = str(asked.get("choice", "")), str(asked.get("cutoff", ""))
        return pick(user, analysis, name, choice=choice, cutoff=cutoff), []
    except ValidationError as error:
        if "marker" in error.message_dict:
            raise Http404 from error
        return pick(user, analysis, name), error.messages


def _shown(
    request: HttpRequest,
    picked: Picked,
    errors: list[str],
    *,
    form: SaveForm | None = None,
    is_part: bool = False,
    status: int = 200,
) -> HttpResponse:
    template = "analysis/cutoff/part.html" if is_part else "analysis/cutoff/page.html"
    context = picker_context(picked, errors) | {"save_form": form or SaveForm()}
    response = render(request, template, context, status=status)
    response["Vary"] = "HX-Target, Cookie"
    return response
