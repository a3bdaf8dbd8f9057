from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from labs.specimens.access import BENCH, access_specimen
from labs.wetlab.forms import BlotForm, FoldForm
from labs.wetlab.models import BlotRatio, FoldChange
from labs.wetlab.services import blot_record, fold_change_record
from registry.log.actors import Actor
from registry.people.access import acting_user, allow


def _values(form: BlotForm | FoldForm) -> dict[str, object]:
    return {name: value for name, value in form.cleaned_data.items() if name != "seen"}


@allow(*BENCH)
def blot_new(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    specimen = access_specimen(user, pk)
    form = BlotForm(request.POST or None, newest=None, user=user)

    def write() -> BlotRatio:
        return blot_record(specimen=specimen, by=Actor.of(user), **_values(form))  # type: ignore[arg-type]  # cleaned

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("labs:specimen", pk)
    context = {"form": form, "specimen": specimen, "title": _("New Western-blot ratio")}
    return render(request, "labs/bench_form.html", context)


@allow(*BENCH)
def fold_new(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    specimen = access_specimen(user, pk)
    form = FoldForm(request.POST or None, newest=None, specimen=specimen, user=user)

    def write() -> FoldChange:
        return fold_change_record(specimen=specimen, by=Actor.of(user), **_values(form))  # type: ignore[arg-type]  # cleaned

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("labs:specimen", pk)
    context = {"form": form, "specimen": specimen, "title": _("New qPCR fold change")}
    return render(request, "labs/bench_form.html", context)
