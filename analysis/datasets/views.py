from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analysis.access import visible_analyses
from analysis.datasets.access import access_dataset, listed_datasets, may_change, may_share, visible_datasets
from analysis.datasets.forms import KIND_CHOICES, DatasetForm, FromConfigurationForm
from analysis.datasets.models import Dataset, DatasetKind
from analysis.datasets.services import Added, dataset_retire
from analysis.datasets.uploading import dataset_upload, datasets_from
from analysis.discovery.registry import METHODS
from analysis.discovery.sources import FORMS
from analysis.engine.freshness import freshness_of
from registry.clinical.forms import RetireForm
from registry.cohorts.access import access_cohort
from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL


@require_GET
@allow(*CLINICAL)
def datasets(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    cohort = access_cohort(user, code)
    context = {
        "cohort": cohort,
        "datasets": listed_datasets(user, cohort),
        "kinds": KIND_CHOICES,
        "forms": [{"code": form, "title": METHODS[form].title, "needs": _needs(form)} for form in FORMS],
        "simulated": cohort.is_simulated,
    }
    return render(request, "analysis/datasets/list.html", context)


@allow(*CLINICAL)
def dataset_new(request: HttpRequest, code: str, kind: str, form: str = "") -> HttpResponse:
    user = acting_user(request)
    cohort = access_cohort(user, code)
    if kind not in DatasetKind.values or (kind == DatasetKind.SIGNATURE) != bool(form) or (form and form not in FORMS):
        raise Http404
    asked = DatasetForm(request.POST or None, request.FILES or None, kind=kind, form=form, may_share=may_share(user))
    if request.GET.get("name"):
        asked.initial["name"] = request.GET["name"]
    made: list[Added] = []

    def write() -> None:
        given = asked.cleaned_data
        made.append(
            dataset_upload(
                cohort=None if given.get("everywhere") else cohort,
                name=given["name"],
                block=asked.block(),
                uploads=asked.uploads(),
                origin=given["origin"],
                by=Actor.of(user),
            )
        )

    if request.method == "POST" and asked.saves(write):
        messages.success(request, _said(made))
        return redirect(made[0].dataset)
    context: dict[str, Any] = {
        "cohort": cohort,
        "form": asked,
        "title": METHODS[form].title if form else DatasetKind(kind).label,
        "needs": _needs(form) if form else "",
        "simulated": cohort.is_simulated,
    }
    return render(request, "analysis/datasets/form.html", context)


@allow(*CLINICAL)
def datasets_new(request: HttpRequest, code: str) -> HttpResponse:
    """All data of a configuration at once."""
    user = acting_user(request)
    cohort = access_cohort(user, code)
    asked = FromConfigurationForm(request.POST or None, request.FILES or None)
    made: list[Added] = []

    def write() -> None:
        given = asked.cleaned_data
        made.extend(
            datasets_from(
                cohort=cohort,
                text=given["configuration"],
                uploads=given["data_files"],
                origin=given["origin"],
                by=Actor.of(user),
            )
        )

    if request.method == "POST" and asked.saves(write):
        messages.success(request, _said(made))
        return redirect("analysis:datasets", code)
    context = {
        "cohort": cohort,
        "form": asked,
        "title": _("Data sets of a configuration"),
        "simulated": cohort.is_simulated,
    }
    return render(request, "analysis/datasets/form.html", context)


@require_GET
@allow(*CLINICAL)
def dataset(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    found = access_dataset(user, pk)
    readers = visible_analyses(user).filter(inputs__stream__domain=found.domain, inputs__stream__cohort=found.cohort)
    context = {
        "dataset": found,
        "cohort": found.cohort,
        "files": found.listed_files(),
        "settings": {key: value for key, value in found.settings.items() if value not in (None, [], "")},
        "versions": _versions(found, user).exclude(pk=found.pk),
        "may_change": may_change(user, found),
        "analyses": [(analysis, freshness_of(analysis)) for analysis in readers],
        "simulated": bool(found.cohort and found.cohort.is_simulated),
    }
    return render(request, "analysis/datasets/page.html", context)


@require_GET
@allow(*CLINICAL)
def dataset_file(request: HttpRequest, pk: int, key: str, place: int) -> HttpResponseBase:
    """What may be licensed goes to nobody."""
    found = access_dataset(acting_user(request), pk)
    if found.is_licensed or not 0 <= place < len(found.files.get(key, [])):
        raise Http404
    try:
        file = found.path(key, place).open("rb")
    except OSError as error:
        raise Http404 from error
    return FileResponse(file, as_attachment=True, filename=found.files[key][place]["name"])


@allow(*CLINICAL)
def dataset_retire_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    found = access_dataset(user, pk)
    if not may_change(user, found):
        raise Http404
    form = RetireForm(request.POST or None, initial={"version": found.version})

    def write() -> object:
        given = form.cleaned_data
        return dataset_retire(
            dataset=found, expected_version=given["version"], by=Actor.of(user), reason=given["reason"]
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("The data set is retired."))
        return redirect(found)
    context = {"dataset": found, "cohort": found.cohort, "form": form}
    return render(request, "analysis/datasets/retire.html", context)


def _versions(found: Dataset, user: Any) -> Any:
    return visible_datasets(user).filter(name=found.name, cohort=found.cohort).order_by("-number")


def _needs(form: str) -> str:
    return METHODS[form].roles["signature"].needs


def _said(made: list[Added]) -> str:
    new = [str(added.dataset) for added in made if added.is_new]
    return _("Stored: %(names)s.") % {"names": ", ".join(new)} if new else _("This is stored already.")
