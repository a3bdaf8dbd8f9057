from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from labs.forms import RetractForm
from labs.results.kinds import KINDS, Kind
from labs.revisions import newest_of
from labs.rounds.blinding import without_blinded
from labs.specimens.access import BENCH, MEASUREMENTS, visible_specimens
from registry.extensions import dependents
from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.models import User


@allow(*MEASUREMENTS)
def result(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """All revisions of a result; whoever works at the bench may retract it here."""
    user, chosen = acting_user(request), _kind(kind)
    newest = _access_newest(user, chosen, pk)
    may_record = user.has_role(*BENCH)
    if request.method == "POST" and not may_record:
        raise PermissionDenied
    form = RetractForm(request.POST or None, newest=newest)

    def write() -> Any:
        return chosen.retract(by=Actor.of(user), reason=form.given_reason, **{chosen.argument: newest})

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("The result was retracted."))
        return redirect("labs:result", kind, pk)
    identity = {name: getattr(newest, name) for name in chosen.identity}
    context = {
        "newest": newest,
        "kind": kind,
        "label": chosen.label,
        "revisions": chosen.model.objects.filter(**identity).order_by("version"),
        "form": form,
        "may_record": may_record,
        "may_correct": may_record and chosen.form is not None,
        "stale": dependents(newest.streams()),
    }
    return render(request, "labs/result.html", context)


@allow(*BENCH)
def result_correct(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    user, chosen = acting_user(request), _kind(kind)
    if chosen.form is None or chosen.correct is None:
        raise Http404  # blood is corrected in its panel
    correct, newest = chosen.correct, _access_newest(user, chosen, pk)
    form = chosen.form(request.POST or None, newest)

    def write() -> Any:
        values = {name: value for name, value in form.cleaned_data.items() if name != "seen"}
        return correct(by=Actor.of(user), **values, **{chosen.argument: newest})

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("labs:specimen", newest.specimen_id)
    context = {
        "form": form,
        "specimen": newest.specimen,
        "title": _("Correct %(result)s") % {"result": newest.log_code()},
        "stale": dependents(newest.streams()),
    }
    return render(request, "labs/bench_form.html", context)


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise Http404
    return KINDS[name]


def _access_newest(user: User, kind: Kind, pk: int) -> Any:
    rows = kind.model.objects.filter(specimen__in=visible_specimens(user)).select_related("specimen__patient")
    if "marker" in kind.identity:
        rows = without_blinded(rows, user)
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return newest_of(found)
