"""The coordinator's pages until a round is read: protocols, a new round, its state, its labels."""

import csv

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from labs.rounds.access import COORDINATORS, FOLLOWERS, access_round, coordinated_rounds
from labs.rounds.amending import ending_of
from labs.rounds.changed_meanwhile import sentences
from labs.rounds.links import round_links
from labs.rounds.models import ReadingProtocol, Round, RoundStatus
from labs.rounds.protocols import protocol_list, protocol_set
from labs.rounds.selectors import progress_of, round_markers
from labs.rounds.services import round_create, round_discard, round_open
from labs.rounds.setup_forms import DiscardForm, ProtocolForm, RoundForm
from registry.extensions import dependents
from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.roles import Role


@allow(*FOLLOWERS)
def rounds(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    found = coordinated_rounds(user)
    if not user.has_role(*COORDINATORS):
        found = found.filter(status="closed")
    context = {
        "rounds": [(row, progress_of(row)) for row in found],
        "simulated": any(row.cohort.is_simulated for row in found),
        "may_coordinate": user.has_role(*COORDINATORS),
    }
    return render(request, "labs/rounds/rounds.html", context)


@allow(*COORDINATORS)
def protocols(request: HttpRequest) -> HttpResponse:
    return render(request, "labs/rounds/protocols.html", {"protocols": protocol_list()})


@allow(*COORDINATORS)
def protocol_new(request: HttpRequest) -> HttpResponse:
    """A new protocol, or the next version of the one that `from` names."""
    latest = None
    if request.GET.get("from"):
        versions = ReadingProtocol.objects.filter(code=request.GET["from"], retired_reason="")
        latest = versions.order_by("-number").first()
    form = ProtocolForm(request.POST or None, latest=latest)
    made: list[ReadingProtocol] = []
    if request.method == "POST" and form.saves(
        lambda: made.append(protocol_set(by=Actor.of(acting_user(request)), **form.values))
    ):
        messages.success(request, _("Protocol %(protocol)s is stored.") % {"protocol": made[0]})
        return redirect("labs:protocols")
    return render(request, "labs/rounds/protocol_new.html", {"form": form, "latest": latest})


@allow(*COORDINATORS)
def round_new(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    form = RoundForm(request.POST or None, user=user)
    made: list[Round] = []
    if request.method == "POST" and form.saves(lambda: made.append(round_create(by=Actor.of(user), **form.values))):
        messages.success(request, _("Round %(round)s is drawn up. Look it over, then open it.") % {"round": made[0]})
        return redirect(made[0])
    return render(request, "labs/rounds/round_new.html", {"form": form})


@allow(*FOLLOWERS)
def round_page(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    found = access_round(user, code)
    context = {
        "round": found,
        "markers": round_markers(found),
        "progress": progress_of(found),
        "may_coordinate": user.has_role(*COORDINATORS),
        "may_reopen": user.has_role(Role.ADMINISTRATOR),
        "ending": ending_of(found),
        "links": round_links(found) if found.status != RoundStatus.DRAFT else [],
    }
    return render(request, "labs/rounds/round.html", context)


@allow(*COORDINATORS)
@require_POST
def round_open_now(request: HttpRequest, code: str) -> HttpResponse:
    found = access_round(acting_user(request), code)
    try:
        round_open(round=found, expected_version=_version(request), by=Actor.of(acting_user(request)))
    except ValidationError as refused:
        for message in sentences(refused):
            messages.error(request, message)
    else:
        messages.success(request, _("Round %(round)s is open: its readers can begin.") % {"round": found})
    return redirect(found)


@allow(*COORDINATORS)
def round_discard_page(request: HttpRequest, code: str) -> HttpResponse:
    found = access_round(acting_user(request), code)
    form = DiscardForm(request.POST or None, round=found)

    def write() -> Round:
        reason = form.cleaned_data["reason"]
        return round_discard(
            round=found, expected_version=form.cleaned_data["version"], by=Actor.of(acting_user(request)), reason=reason
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Round %(round)s was discarded.") % {"round": found})
        return redirect("labs:rounds")
    context = {"round": found, "form": form, "stale": dependents(found.streams())}
    return render(request, "labs/rounds/discard.html", context)


@allow(*COORDINATORS)
def labels(request: HttpRequest, code: str) -> HttpResponse:
    """Which tissue has which blind code: for the one who sticks the labels on, never for a reader."""
    found = access_round(acting_user(request), code)
    slides = found.slides.filter(retired_reason="").select_related("stain__specimen", "stain__marker")
    rows = [
        (slide.code, slide.stain.specimen.code, slide.stain.marker.code, slide.repeats_id is not None)
        for slide in slides.order_by("stain__marker__code", "stain__specimen__code", "code")
    ]
    if request.GET.get("format") != "csv":
        return render(request, "labs/rounds/labels.html", {"round": found, "rows": rows})
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.code}-labels.csv"'
    writer = csv.writer(response)
    writer.writerow(["blind_code", "specimen", "marker", "hidden_repeat"])
    writer.writerows([blind, specimen, marker, int(again)] for blind, specimen, marker, again in rows)
    return response


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() else 0
