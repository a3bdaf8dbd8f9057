from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from labs.blood.forms import PanelForm
from labs.blood.selectors import analytes, results_of_draw
from labs.blood.services import PanelRefused, blood_panel_record
from labs.specimens.access import BENCH, access_specimen
from labs.specimens.models import Specimen, SpecimenKind
from registry.extensions import dependents
from registry.log.actors import Actor
from registry.people.access import acting_user, allow


@allow(*BENCH)
def panel(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    draw = access_specimen(user, pk)
    if draw.kind != SpecimenKind.BLOOD:
        raise Http404
    results = results_of_draw(draw)
    # In the order of the catalogue: counts, liver, kidney, clotting, markers.
    ordered = sorted(analytes().values(), key=lambda analyte: analyte.pk)
    form = PanelForm(request.POST or None, analytes=ordered, results=results)
    if request.method == "POST" and form.is_valid() and (saved := _save(form, draw, Actor.of(user))) is not None:
        messages.success(request, _said(saved, draw))
        return redirect("labs:specimen", pk)
    streams = {key for result in results.values() for key in result.streams()}
    context = {"form": form, "draw": draw, "stale": dependents(sorted(streams, key=str)) if results else []}
    return render(request, "labs/blood_panel.html", context)


def _save(form: PanelForm, draw: Specimen, by: Actor) -> int | None:
    """How many results were written; None when the panel was refused and the form says why."""
    written = form.entered()
    try:
        return len(blood_panel_record(specimen=draw, rows=form.panel_rows(), by=by))
    except PanelRefused as refused:
        form.show_refusals(refused, written)
        return None


def _said(saved: int, draw: Specimen) -> str:
    if not saved:
        return _("Nothing was changed.")
    return ngettext("%(n)s result of %(draw)s saved.", "%(n)s results of %(draw)s saved.", saved) % {
        "n": saved,
        "draw": draw.code,
    }
