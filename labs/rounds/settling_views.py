"""The coordinator settles: the table of discordant slides, one slide with its reads side by side, the third reader."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from labs.rounds.access import COORDINATORS, access_round, access_slide
from labs.rounds.adjudicating import (
    adjudication_start,
    missing_reads,
    third_read_ask,
    third_reader_add,
    third_reader_of,
)
from labs.rounds.images.sources import elsewhere, tiles_for_settling
from labs.rounds.links import round_links
from labs.rounds.models import Consensus, Duty, Round, RoundStatus
from labs.rounds.selectors import reads_of_slide, usernames
from labs.rounds.settling import slide_settle
from labs.rounds.settling_forms import AdjudicationForm, SettleForm
from labs.rounds.settling_table import in_order, settling_table
from labs.rounds.third_reader_forms import ThirdReaderForm
from registry.log.actors import Actor
from registry.people.access import acting_user, allow


@allow(*COORDINATORS)
def adjudication(request: HttpRequest, code: str) -> HttpResponse:
    """Before: what is missing. Then: what disagrees, worst first."""
    user = acting_user(request)
    round = access_round(user, code)
    missing = missing_reads(round) if round.status == RoundStatus.OPEN else []
    form = AdjudicationForm(request.POST or None, round=round, repeats_missing=any(row.repeats for row in missing))

    def write() -> Round:
        return adjudication_start(round=round, by=Actor.of(user), **form.values)

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("The primary reads of round %(round)s are over.") % {"round": round})
        return redirect("labs:round-adjudication", code)
    is_shown = round.status in (RoundStatus.ADJUDICATION, RoundStatus.CLOSED)
    context = {
        "round": round,
        "missing": missing,
        "form": form,
        "table": settling_table(round) if is_shown else None,
        "third_form": ThirdReaderForm(None, round=round, user=user),
        "third_reader": third_reader_of(round),
        "links": round_links(round),
    }
    return render(request, "labs/rounds/adjudication.html", context)


@allow(*COORDINATORS)
@require_POST
def third_reader(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    round = access_round(user, code)
    form = ThirdReaderForm(request.POST, round=round, user=user)
    if form.saves(lambda: third_reader_add(round=round, reader=form.cleaned_data["reader"], by=Actor.of(user))):
        messages.success(
            request, _("%(reader)s is the third reader.") % {"reader": form.cleaned_data["reader"].username}
        )
    for error in form.non_field_errors():
        messages.error(request, str(error))
    for error in form["reader"].errors:
        messages.error(request, f"{form['reader'].label}: {error}")
    return redirect("labs:round-adjudication", code)


@allow(*COORDINATORS)
def slide_page(request: HttpRequest, code: str, slide: str) -> HttpResponse:
    """R1, R2, R3 side by side, as in a joint session, and how the slide is settled."""
    user = acting_user(request)
    held = access_slide(user, code, slide)
    if held.repeats is not None:
        return redirect("labs:round-slide", code, held.repeats.code)
    round = held.round
    found = reads_of_slide(round, held)
    may_settle = round.status in (RoundStatus.ADJUDICATION, RoundStatus.CLOSED)
    form = SettleForm(request.POST or None, found=found)

    def write() -> Consensus:
        return slide_settle(
            slide=held,
            settlement=form.settlement,
            seen=form.cleaned_data["seen"] or 0,
            by=Actor.of(user),
            reason=form.cleaned_data["reason"],
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("%(slide)s is settled.") % {"slide": held})
        following = settling_table(round).after(held.pk)
        if following is None:
            return redirect("labs:round-adjudication", code)
        return redirect("labs:round-slide", code, following.found.slide.code)
    context = {
        "round": round,
        "slide": held,
        "found": found,
        "readers": list(
            zip(usernames(round, Duty.PRIMARY), in_order(found.primary, usernames(round, Duty.PRIMARY)), strict=True)
        ),
        "third_reader": third_reader_of(round),
        "is_asked": held.assignments.filter(round_reader__duty=Duty.THIRD).exists(),
        "history": Consensus.objects.filter(slide=held).order_by("-version"),
        "form": form,
        "may_settle": may_settle,
        "tiles": tiles_for_settling(held, code),
        "elsewhere": elsewhere(held),
    }
    return render(request, "labs/rounds/slide.html", context)


@allow(*COORDINATORS)
@require_POST
def slide_third(request: HttpRequest, code: str, slide: str) -> HttpResponse:
    user = acting_user(request)
    held = access_slide(user, code, slide)
    try:
        third_read_ask(round=held.round, slides=[held], by=Actor.of(user))
    except ValidationError as refused:
        for message in refused.messages:
            messages.error(request, message)
    else:
        messages.success(request, _("%(slide)s waits for the third reader, among decoys.") % {"slide": held})
    return redirect("labs:round-slide", code, slide)
