"""The signed close, and what may be done after it: open again, amend a read, compute under another rule."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from labs.ihc.models import Read
from labs.rounds.access import COORDINATORS, access_round, access_slide
from labs.rounds.amending import read_amend
from labs.rounds.closing import MEANING, closing_plan, round_close, round_reopen
from labs.rounds.closing_forms import AmendForm, CloseForm, RecomputeForm, ReopenForm
from labs.rounds.models import Consensus, Round, RoundStatus
from labs.rounds.reading import newest_slide_read
from labs.rounds.recomputing import RULES, Recomputed, consensus_recompute, jointly_settled, recompute_preview
from labs.rounds.services import marker_streams
from registry.extensions import dependents
from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.roles import Role
from registry.signing.services import prove


@allow(*COORDINATORS)
def close(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    round = access_round(user, code)
    form = CloseForm(request.POST or None, round=round)

    def write() -> Round:
        proof = prove(request, form.cleaned_data["password"])
        return round_close(round=round, expected_version=form.cleaned_data["version"], proof=proof)

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Round %(round)s is closed and signed.") % {"round": round})
        return redirect(round)
    is_due = round.status == RoundStatus.ADJUDICATION
    due, obstacles = closing_plan(round) if is_due else ([], [])
    context = {
        "round": round,
        "form": form,
        "is_due": is_due,
        "due": due,
        "obstacles": obstacles,
        "n_settled": Consensus.objects.current().filter(slide__round=round).count(),
        "n_reads": Read.objects.current().filter(slide__round=round).count(),
        "meaning": MEANING,
        "stale": dependents(marker_streams(round)) if is_due else [],
    }
    return render(request, "labs/rounds/close.html", context)


@allow(Role.ADMINISTRATOR)
def reopen(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    round = access_round(user, code)
    form = ReopenForm(request.POST or None, round=round)

    def write() -> Round:
        given = form.cleaned_data
        return round_reopen(round=round, expected_version=given["version"], by=Actor.of(user), reason=given["reason"])

    if request.method == "POST" and form.saves(write):
        messages.warning(request, _("Round %(round)s is open again; its signature is void.") % {"round": round})
        return redirect("labs:round-adjudication", code)
    context = {
        "round": round,
        "form": form,
        "is_due": round.is_closed,
        "stale": dependents(marker_streams(round)) if round.is_closed else [],
    }
    return render(request, "labs/rounds/reopen.html", context)


@allow(*COORDINATORS)
def recompute(request: HttpRequest, code: str) -> HttpResponse:
    """What another rule would make of the discordant slides; then, with a reason, makes it so."""
    user = acting_user(request)
    round = access_round(user, code)
    rule = _shown_rule(request, round)
    if request.method == "GET" and request.GET.get("rule", rule) != rule:
        asked = request.GET["rule"]
        messages.error(request, _("Rule for discordant slides: “%(rule)s” cannot be computed.") % {"rule": asked})
    is_due = round.status in (RoundStatus.ADJUDICATION, RoundStatus.CLOSED)
    preview = recompute_preview(round, rule) if is_due else []
    form = RecomputeForm(request.POST or None, rule=rule, n_joint=jointly_settled(preview))
    written: list[Recomputed] = []

    def write() -> None:
        written.extend(consensus_recompute(round=round, by=Actor.of(user), **form.values))

    if request.method == "POST" and form.saves(write):
        _tell_recomputed(request, round, written, len(preview))
        return redirect("labs:round-adjudication", code)
    context = {
        "round": round,
        "form": form,
        "rule": rule,
        "rules": [(found.value, found.label) for found in RULES],
        "is_due": is_due,
        "preview": preview,
        "stale": dependents(marker_streams(round)) if round.is_closed else [],
    }
    return render(request, "labs/rounds/recompute.html", context)


def _shown_rule(request: HttpRequest, round: Round) -> str:
    """The rule that was asked for, or one that can be computed in its place."""
    asked = request.POST.get("rule") or request.GET.get("rule") or round.protocol.consensus_rule
    return asked if asked in RULES else RULES[0]


def _tell_recomputed(request: HttpRequest, round: Round, written: Sequence[Recomputed], of: int) -> None:
    if written:
        messages.success(request, _("The consensus of round %(round)s follows the other rule.") % {"round": round})
    if kept := of - len(written):
        messages.info(
            request,
            ngettext("%(n)s discordant slide stays as it was.", "%(n)s discordant slides stay as they were.", kept)
            % {"n": kept},
        )


@allow(*COORDINATORS)
def amend(request: HttpRequest, code: str, slide: str) -> HttpResponse:
    """A correction of one reader's read after the close; `reader` says whose."""
    user = acting_user(request)
    held = access_slide(user, code, slide)
    readers = Read.objects.current().filter(slide=held).order_by("pk").values_list("reader", flat=True)
    newest = newest_slide_read(held, request.GET.get("reader") or next(iter(readers), ""))
    if newest is None:
        messages.error(request, _("There is no such read of %(slide)s.") % {"slide": held})
        return redirect("labs:round-slide", code, slide)
    form = AmendForm(request.POST or None, read=newest)

    def write() -> Read:
        reason = form.cleaned_data["reason"]
        return read_amend(read=form.seen_row, judgement=form.judgement, by=Actor.of(user), reason=reason)

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("The read of %(reader)s is amended.") % {"reader": newest.reader})
        return redirect("labs:round-slide", code, slide)
    context = {"round": held.round, "slide": held, "read": newest, "form": form, "stale": dependents(newest.streams())}
    return render(request, "labs/rounds/amend.html", context)
