"""The reader's pages: my rounds, the next slide, the scoring screen with its drafts, undo. Codes and own reads only."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from labs.ihc.protocol import protocol
from labs.rounds.access import READERS, access_assignment, access_duty, my_duties
from labs.rounds.images.sources import elsewhere, tiles_for_reader
from labs.rounds.links import reader_links
from labs.rounds.models import Assignment, Order, RoundReader
from labs.rounds.pace import is_of_another_queue, my_pace, seconds_since
from labs.rounds.queue import Entry, Queue, is_reading, queue_of
from labs.rounds.reading import last_save, newest_slide_read, slide_read_save, slide_read_undo
from labs.rounds.screen_forms import OTHER_READER, SlideForm, slide_form
from labs.rounds.services import DRAFT_FIELDS, draft_clear, draft_save
from registry.log.actors import Actor
from registry.log.facts import StaleWrite
from registry.people.access import acting_user, allow


@allow(*READERS)
@never_cache
def my_rounds(request: HttpRequest) -> HttpResponse:
    rows = [_my_round(duty) for duty in my_duties(acting_user(request)).order_by("-round__opened_at")]
    context = {"rows": rows, "simulated": any(row["duty"].round.cohort.is_simulated for row in rows)}
    return render(request, "labs/reading/my_rounds.html", context)


def _my_round(duty: RoundReader) -> dict[str, Any]:
    queue = queue_of(duty)
    markers = sorted({entry.assignment.slide.stain.marker.code for entry in queue.entries})
    return {
        "duty": duty,
        "queue": queue,
        "is_reading": is_reading(duty),
        "links": reader_links(duty.round),
        "pace": my_pace(queue),
        "flagged": [entry for entry in queue.entries if entry.read is not None and entry.read.is_flagged],
        "markers": [(marker, queue.of_marker(marker)) for marker in markers],
    }


@allow(*READERS)
@never_cache
def reading_next(request: HttpRequest, code: str) -> HttpResponse:
    """The address to bookmark: it leads to the reader's next slide."""
    duty = access_duty(acting_user(request), code)
    if not is_reading(duty):
        return _locked(request, duty)
    entry = queue_of(duty).next_to_do
    return redirect(_slide_url(entry.assignment, code) if entry else "labs:my-rounds")


@allow(*READERS)
@never_cache
def reading_slide(request: HttpRequest, code: str, slide: str) -> HttpResponse:
    user = acting_user(request)
    assignment = access_assignment(user, code, slide)
    duty = access_duty(user, code)
    queue = queue_of(duty)
    entry = _entry_of(queue, assignment)
    if not is_reading(duty):
        return _locked(request, duty, entry)
    form = slide_form(assignment, request.POST or None, newest_slide_read(assignment.slide, user.username))
    if request.method == "POST" and form.saves(lambda: _save(form, assignment, Actor.of(user))):
        messages.success(request, _("%(slide)s saved.") % {"slide": assignment.slide})
        return _answer(request, _url_after(request, queue, assignment, code))
    if request.method == "POST" and _wants_json(request):
        return JsonResponse({"refused": True}, status=422)
    context = _frame(duty, queue, entry) | {"form": form, "protocol": _table(assignment)}
    return render(request, "labs/reading/slide.html", context)


@allow(*READERS)
@require_POST
def reading_draft(request: HttpRequest, code: str, slide: str) -> HttpResponse:
    """Keeps what is typed and not saved, or, asked to, throws it away."""
    user = acting_user(request)
    assignment = access_assignment(user, code, slide)
    if "discard" in request.POST:
        draft_clear(assignment)
        return redirect(_slide_url(assignment, code))
    if not is_reading(access_duty(user, code)):
        return _conflict(assignment, _("The round is not open for your reads: nothing is kept."), is_locked=True)
    if is_of_another_queue(request.POST.get("shown", ""), assignment):
        return _conflict(assignment, str(OTHER_READER), is_locked=True)
    entries = {name: request.POST[name] for name in DRAFT_FIELDS if name in request.POST}
    expected = request.POST.get("draft_version", "")
    is_number = expected.isascii() and expected.isdecimal()
    try:
        version = draft_save(assignment=assignment, entries=entries, expected=int(expected) if is_number else -1)
    except StaleWrite:
        return _conflict(assignment, _("This slide was changed in another window after you opened it here."))
    return JsonResponse({"draft_version": version})


@allow(*READERS)
@require_POST
def reading_undo(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    duty = access_duty(user, code)
    try:
        undone = slide_read_undo(duty=duty, by=Actor.of(user))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("labs:my-rounds")
    if undone is None:
        messages.info(request, _("There is no save of yours to undo."))
        return redirect("labs:reading-next", code)
    messages.success(
        request, _("The save of %(slide)s is undone; its values stand here as a draft.") % {"slide": undone.slide}
    )
    return redirect(_slide_url(undone, code))


def _save(form: SlideForm, assignment: Assignment, by: Actor) -> None:
    slide_read_save(
        assignment=assignment,
        judgement=form.of_slide,
        seen=form.seen_revision,
        seconds=seconds_since(form.cleaned_data["shown"], assignment),
        previewed=form.cleaned_data["previewed"],
        by=by,
    )


def _url_after(request: HttpRequest, queue: Queue, assignment: Assignment, code: str) -> str:
    to_do = queue.around(assignment)[2]
    if to_do is not None:
        return _slide_url(to_do, code)
    messages.info(request, _("All your slides of round %(round)s are read.") % {"round": code})
    return reverse("labs:my-rounds")


def _slide_url(assignment: Assignment, code: str) -> str:
    return reverse("labs:reading-slide", args=[code, assignment.slide.code])


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _answer(request: HttpRequest, url: str) -> HttpResponse:
    """With JavaScript the page goes on by itself, so that a lost connection costs nothing that was typed."""
    return JsonResponse({"next": url}) if _wants_json(request) else redirect(url)


def _conflict(assignment: Assignment, text: str, *, is_locked: bool = False) -> JsonResponse:
    stored = Assignment.objects.only("draft_version").get(pk=assignment.pk)
    return JsonResponse({"text": text, "is_locked": is_locked, "draft_version": stored.draft_version}, status=409)


def _entry_of(queue: Queue, assignment: Assignment) -> Entry:
    """A repeat whose washout is not over is not there yet."""
    found = next((entry for entry in queue.entries if entry.assignment.pk == assignment.pk), None)
    if found is None:
        raise Http404
    return found


def _frame(duty: RoundReader, queue: Queue, entry: Entry) -> dict[str, Any]:
    marker = entry.assignment.slide.stain.marker
    is_by_marker = duty.round.protocol.order == Order.BLOCKS
    previous, following, _to_do = queue.around(entry.assignment)
    return {
        "round": duty.round,
        "slide": entry.assignment.slide.code,
        "draft_version": entry.assignment.draft_version,
        "has_draft": bool(entry.assignment.draft),
        "marker": marker,
        "scale": marker.scale,
        "saved": entry.read,
        "progress": queue.of_marker(marker.code) if is_by_marker else queue,
        "pace": my_pace(queue),
        "previous": previous,
        "following": following,
        "tiles": tiles_for_reader(entry.assignment.slide, duty.round.code),
        "elsewhere": elsewhere(entry.assignment.slide),
        "may_undo": last_save(duty) is not None,
    }


def _table(assignment: Assignment) -> dict[str, Any]:
    return protocol(assignment.slide.round.protocol.extent_bins)


def _locked(request: HttpRequest, duty: RoundReader, entry: Entry | None = None) -> HttpResponse:
    context = {"round": duty.round, "duty": duty, "slide": entry.assignment.slide.code if entry else ""}
    context["saved"] = entry.read if entry else None
    return render(request, "labs/reading/locked.html", context)
