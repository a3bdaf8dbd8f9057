"""What waits, what was received, and what a message would do."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from labs.inbox.access import IDENTITY_ROLES, INBOX_ROLES, access_raw
from labs.inbox.deciding import raw_rerun, rows_discard, rows_rerun
from labs.inbox.forms import MessageFilter, MessageForm, ReasonForm, WaitingFilter
from labs.inbox.keeping.services import message_text_read
from labs.inbox.models import MessageRow, RawMessage, Transport
from labs.inbox.previewing import messages_preview
from labs.inbox.receiving_files import FileReceipt, receive_file
from labs.inbox.selectors import (
    answers_of,
    control_rows,
    messages_list,
    reason_counts,
    rows_of,
    senders_seen,
    waiting_groups,
    waiting_rows,
)
from registry.log.actors import Actor
from registry.patients.simulated import any_simulated
from registry.people.access import acting_user, allow
from registry.people.models import User

PAGE = 50
# What waits for the same is shown as one line; more lines than this are reached by the filters.
GROUPS = 30


def _page(request: HttpRequest, rows: QuerySet[Any]) -> Any:
    return Paginator(rows, PAGE).get_page(request.GET.get("page"))


def _shown(request: HttpRequest, template: str, user: User, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, {"may_identify": user.has_role(*IDENTITY_ROLES)} | context)


def _simulated(rows: Any) -> bool:
    return any_simulated(row.patient_id for row in rows if row.patient_id)


@allow(*INBOX_ROLES)
def waiting(request: HttpRequest) -> HttpResponse:
    """The work-list: what waits for the same thing together, then row by row."""
    user = acting_user(request)
    form = WaitingFilter(request.GET, senders=senders_seen(user))
    rows = waiting_rows(user, form.chosen())
    reason_form = ReasonForm(request.POST if request.POST.get("action") == "discard" else None)
    if request.method == "POST" and _act(request, user, rows, reason_form):
        return redirect(request.get_full_path())
    page = _page(request, rows)
    context = {
        "form": form,
        "page_obj": page,
        "groups": waiting_groups(rows, GROUPS),
        "counts": reason_counts(user),
        "reason_form": reason_form,
        "is_open": not form.chosen().get("state"),
        "simulated": _simulated(page),
    }
    return _shown(request, "labs/inbox/waiting.html", user, context)


def _act(request: HttpRequest, user: User, rows: QuerySet[MessageRow], form: ReasonForm) -> bool:
    """What the buttons below the list do with the rows that are ticked, or with all that the filter shows."""
    ticked = [int(value) for value in request.POST.getlist("row") if value.isdigit()]
    chosen = rows if request.POST.get("all") else rows.filter(pk__in=ticked)
    if not chosen.exists():
        messages.warning(request, _("No row is ticked."))
        return True
    by = Actor.of(user)
    if request.POST.get("action") == "discard":
        return _discard(request, list(chosen), form, by)
    moved = rows_rerun(rows=chosen, by=by)
    placed = sum(row.outcome == "placed" for row in moved)
    messages.success(
        request,
        _("Read again: %(placed)s placed, %(moved)s changed in all.") % {"placed": placed, "moved": len(moved)},
    )
    return True


def _discard(request: HttpRequest, rows: list[MessageRow], form: ReasonForm, by: Actor) -> bool:
    if not form.saves(lambda: rows_discard(rows=rows, by=by, reason=form.cleaned_data["reason"])):
        return False
    said = ngettext("%(n)s row discarded.", "%(n)s rows discarded.", len(rows))
    messages.success(request, said % {"n": len(rows)})
    return True


@allow(*INBOX_ROLES)
def received(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    form = MessageFilter(request.GET, senders=senders_seen(user))
    page = _page(request, messages_list(user, form.chosen()))
    return _shown(request, "labs/inbox/messages.html", user, {"form": form, "page_obj": page})


@allow(*INBOX_ROLES)
def message(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    raw = access_raw(user, pk)
    rows = list(rows_of(user, raw))
    context = {
        "raw": raw,
        "message": getattr(raw, "message", None),
        "rows": rows,
        "answers": answers_of(raw),
        "simulated": _simulated(rows),
    }
    return _shown(request, "labs/inbox/message.html", user, context)


@require_POST
@allow(*INBOX_ROLES)
def message_again(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    raw, by = access_raw(user, pk), Actor.of(acting_user(request))
    raw_rerun(raw=raw, by=by)
    messages.success(request, _("Read again with what is mapped and registered now."))
    return redirect("labs:inbox-message", pk)


@allow(*IDENTITY_ROLES)
def message_text(request: HttpRequest, pk: int) -> HttpResponse:
    """The text with whoever is in it: opening it is a reading, and logged."""
    user = acting_user(request)
    raw = access_raw(user, pk)
    text = message_text_read(raw=RawMessage.objects.get(pk=raw.pk), by=Actor.of(user))
    context = {"raw": raw, "lines": text.splitlines(), "simulated": _simulated(rows_of(user, raw))}
    return render(request, "labs/inbox/text.html", context)


@allow(*INBOX_ROLES)
def control(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    return _shown(request, "labs/inbox/control.html", user, {"page_obj": _page(request, control_rows(user))})


@allow(*INBOX_ROLES)
def drop(request: HttpRequest) -> HttpResponse:
    """A message that is pasted or a file of them: looked at without storing, or received."""
    user = acting_user(request)
    form = MessageForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        name, data = form.data_given()
        port, by = form.cleaned_data["port"], Actor.of(user)
        if request.POST.get("action") == "receive":
            found = receive_file(name=name, data=data, source=Transport.FORM, port=port, by=by)
            if found.error:
                form.add_error(None, _("There is no message in it that can be read here. Nothing was stored."))
            context |= {"received": found, "n_placed": _placed(found)}
        else:
            previewed = messages_preview(name=name, data=data, port=port, by=by)
            if previewed is None:
                form.add_error(None, _("There is no message in it that can be read here."))
            context["previewed"] = previewed
            context["simulated"] = _simulated(row for each in previewed or [] for row in each.rows)
    return _shown(request, "labs/inbox/drop.html", user, context)


def _placed(found: FileReceipt) -> int:
    return sum(receipt.outcomes.get("placed", 0) for receipt in found.receipts)
