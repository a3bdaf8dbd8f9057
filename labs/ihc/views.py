"""The work list of stains and the form of a read. A reader sees the stain's code, the marker and the own read."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from labs.forms import RetractForm
from labs.ihc.access import LISTING, READING, access_reader, access_stain, may_see_reads_of_others
from labs.ihc.forms import ReadForm, read_form
from labs.ihc.models import Read
from labs.ihc.protocol import protocol
from labs.ihc.services import read_correct, read_record, read_retract
from labs.ihc.worklist import newest_read, place_of, reads_of, revisions_of, stains_with_my_read, under_the_microscope
from labs.markers.models import Marker, Scale, Stain
from labs.specimens.access import BENCH
from registry.extensions import dependents
from registry.log.actors import Actor
from registry.patients.simulated import any_simulated
from registry.people.access import acting_user, allow
from registry.people.models import User

PAGE = 50


@allow(*LISTING)
def stain_list(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    marker, state, text = (request.GET.get(name, "").strip() for name in ("marker", "state", "q"))
    stains = stains_with_my_read(user)
    markers = Marker.objects.filter(retired_reason="")
    if not user.has_role(*BENCH):
        stains, markers = under_the_microscope(stains), markers.exclude(scale=Scale.DENSITY)
    if marker:
        stains = stains.filter(marker__code=marker)
    if state in ("read", "unread"):
        stains = stains.filter(is_read=state == "read")
    if text:
        stains = stains.filter(specimen__code__icontains=text)
    page = Paginator(stains, PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "simulated": any_simulated(stain.specimen.patient_id for stain in page),
        "markers": markers,
        "first_unread": under_the_microscope(stains).filter(is_read=False).first(),
        "may_read": user.has_role(*READING),
        "chosen": {"marker": marker, "state": state, "q": text},
    }
    return render(request, "labs/ihc_list.html", context)


@allow(*READING)
def stain_read(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    stain = access_stain(user, pk)
    reader = access_reader(user, stain, request.GET.get("reader", ""))
    newest = newest_read(stain, reader)
    form = read_form(stain, request.POST or None, newest)
    saved: list[Read] = []
    if request.method == "POST" and form.saves(lambda: saved.append(_save(form, stain, reader, Actor.of(user)))):
        return _saved(request, user, stain, before=newest, read=saved[0])
    return _form_page(request, user, stain, reader, form)


@allow(*READING)
def read_history(request: HttpRequest, pk: int) -> HttpResponse:
    """All revisions of one reader's read of a stain, and its retraction."""
    user = acting_user(request)
    stain = access_stain(user, pk)
    reader = access_reader(user, stain, request.GET.get("reader", ""))
    newest = newest_read(stain, reader)
    if newest is None:
        return redirect("labs:stain-read", pk)
    form = RetractForm(request.POST or None, newest=newest)

    def write() -> Read:
        return read_retract(read=newest, by=Actor.of(user), reason=form.given_reason)

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("The read was retracted."))
        return redirect(request.get_full_path())
    context = {
        "stain": stain,
        "reader": reader,
        "newest": newest,
        "revisions": revisions_of(newest),
        "form": form,
        "stale": dependents(newest.streams()),
    }
    return render(request, "labs/ihc_history.html", context)


def _save(form: ReadForm, stain: Stain, reader: str, by: Actor) -> Read:
    if isinstance(form.newest, Read):
        return read_correct(read=form.newest, by=by, reason=form.given_reason, **form.judgement)
    return read_record(stain=stain, reader=reader, by=by, **form.judgement)


def _saved(request: HttpRequest, user: User, stain: Stain, *, before: Read | None, read: Read) -> HttpResponse:
    if before is not None:
        said = _said(stain) if read.pk != before.pk else _("Nothing was changed.")
        messages.success(request, said)
        return redirect(request.get_full_path())
    messages.success(request, _said(stain))
    following = place_of(user, stain).next_unread
    if following is not None:
        return redirect("labs:stain-read", following.pk)
    messages.info(request, _("All stains of %(marker)s are read.") % {"marker": stain.marker.code})
    return redirect(f"{reverse('labs:stains')}?marker={stain.marker.code}")


def _said(stain: Stain) -> str:
    said = _("%(code)s saved.") % {"code": stain}
    if stale := len(dependents(_streams(stain))):
        said += " " + ngettext("%(n)s analysis is stale.", "%(n)s analyses are stale.", stale) % {"n": stale}
    return said


def _streams(stain: Stain) -> Any:
    return Read(stain=stain).streams()


def _form_page(request: HttpRequest, user: User, stain: Stain, reader: str, form: ReadForm) -> HttpResponse:
    sees_others = may_see_reads_of_others(user)
    context = {
        "stain": stain,
        "scale": stain.marker.scale,
        "form": form,
        "newest": form.newest,
        "reader": reader if reader != user.username else "",
        "place": place_of(user, stain),
        "protocol": protocol(),
        "stale": dependents(_streams(stain)) if form.newest else [],
        "others": reads_of(stain).exclude(reader=reader) if sees_others else [],
    }
    return render(request, "labs/ihc_form.html", context)
