"""What was agreed with senders: which codes mean which analytes, how they send, whose their patient numbers are."""

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from labs.inbox.access import IDENTITY_ROLES, INBOX_ROLES
from labs.inbox.forms import MapForm, ReasonForm
from labs.inbox.mapping.access import (
    access_authority,
    access_mapping,
    access_sender,
    visible_authorities,
    visible_mappings,
    visible_senders,
)
from labs.inbox.mapping.forms import AuthorityForm, CodeMappingForm, SenderForm, SettingsForm
from labs.inbox.mapping.models import Authority, InboxSettings, Sender
from labs.inbox.mapping.services import (
    authority_add,
    authority_change,
    authority_retire,
    code_unmap,
    inbox_settings_set,
    sender_add,
    sender_change,
    sender_retire,
)
from labs.inbox.previewing import code_change_and_rerun, code_map_and_rerun, waiting_for_mapping
from registry.forms import FactForm
from registry.log.actors import Actor
from registry.people.access import acting_user, allow

PAGE = 100


@allow(*INBOX_ROLES)
def mappings(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    typed = request.GET.get("q", "").strip()
    rows = visible_mappings()
    if typed:
        named = ("sender", "code", "unit", "specimen", "analyte__name")
        rows = rows.filter(reduce(or_, (Q(**{f"{name}__icontains": typed}) for name in named)))
    form = MapForm(request.POST or None, initial={"sender": typed})

    def write() -> None:
        data = {**form.cleaned_data}
        moved = code_map_and_rerun(by=Actor.of(user), **data)
        messages.success(request, _("Mapped; %(n)s waiting rows changed.") % {"n": len(moved)})

    if request.method == "POST" and form.saves(write):
        return redirect("labs:inbox-mappings")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "form": form, "typed": typed, "may_identify": user.has_role(*IDENTITY_ROLES)}
    return render(request, "labs/inbox/mappings.html", context)


@allow(*INBOX_ROLES)
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Corrects a mapping or takes it back: what is placed stays."""
    user = acting_user(request)
    row = access_mapping(pk)
    is_change = request.POST.get("action") == "change"
    form = CodeMappingForm(request.POST if is_change else None, instance=access_mapping(pk))
    retire_form = ReasonForm(request.POST if request.method == "POST" and not is_change else None, prefix="retire")
    done: list[str] = []

    def change() -> None:
        moved = code_change_and_rerun(
            mapping=row,
            analyte=form.cleaned_data["analyte"],
            only_unit=form.cleaned_data["unit"],
            only_specimen=form.cleaned_data["specimen"],
            expected_version=form.expected_version,
            by=Actor.of(user),
            reason=form.given_reason,
        )
        done.append(_("Changed; %(n)s waiting rows changed. What was placed stays.") % {"n": len(moved)})

    def take_back() -> None:
        reason = retire_form.cleaned_data["reason"]
        code_unmap(mapping=row, expected_version=row.version, by=Actor.of(user), reason=reason)
        done.append(_("Taken back. What was placed stays; what comes next waits."))

    if request.method == "POST" and (form.saves(change) if is_change else retire_form.saves(take_back)):
        messages.success(request, done[0])
        return redirect("labs:inbox-mappings")
    context = {
        "mapping": row,
        "form": form,
        "retire_form": retire_form,
        "n_waiting": len(waiting_for_mapping(row.sender, row.code)),
    }
    return render(request, "labs/inbox/mapping.html", context)


mapping.of_site = False  # type: ignore[attr-defined]  # read by the matrix of addresses


@allow(*IDENTITY_ROLES)
def senders(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    general = InboxSettings.objects.order_by("pk").first() or InboxSettings()
    form = SettingsForm(request.POST or None, instance=general)

    def write() -> None:
        version = form.expected_version if general.pk else None
        reason = form.given_reason
        inbox_settings_set(values=form.values, expected_version=version, by=Actor.of(user), reason=reason)

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("labs:inbox-senders")
    context = {
        "form": form,
        "may_identify": True,
        "senders": visible_senders(user),
        "authorities": visible_authorities(user),
    }
    return render(request, "labs/inbox/senders.html", context)


@allow(*IDENTITY_ROLES)
def sender_new(request: HttpRequest) -> HttpResponse:
    return _sender(request, Sender(pattern=request.GET.get("sender", "")[:250]))


@allow(*IDENTITY_ROLES)
def sender(request: HttpRequest, pk: int) -> HttpResponse:
    row = access_sender(acting_user(request), pk)

    def take_back(reason: str) -> object:
        return sender_retire(sender=row, expected_version=row.version, by=Actor.of(acting_user(request)), reason=reason)

    return _retired(request, take_back) or _sender(request, row)


def _sender(request: HttpRequest, row: Sender) -> HttpResponse:
    user = acting_user(request)
    form = SenderForm(_posted(request), user=user, instance=row)

    def write() -> Sender:
        values = {name: form.cleaned_data[name] for name in form.fields if name in form.columns()}
        if row.pk is None:
            return sender_add(by=Actor.of(user), **values)
        values.pop("pattern")
        return sender_change(
            sender=row,
            changes=values,
            expected_version=form.expected_version,
            by=Actor.of(user),
            reason=form.given_reason,
        )

    return _setting(request, form, write, row.pattern or _("New sender"))


@allow(*IDENTITY_ROLES)
def authority_new(request: HttpRequest) -> HttpResponse:
    return _authority(request, Authority())


@allow(*IDENTITY_ROLES)
def authority(request: HttpRequest, pk: int) -> HttpResponse:
    row = access_authority(acting_user(request), pk)

    def take_back(reason: str) -> object:
        by = Actor.of(acting_user(request))
        return authority_retire(authority=row, expected_version=row.version, by=by, reason=reason)

    return _retired(request, take_back) or _authority(request, row)


def _authority(request: HttpRequest, row: Authority) -> HttpResponse:
    user = acting_user(request)
    form = AuthorityForm(_posted(request), user=user, instance=row)

    def write() -> Authority:
        if row.pk is None:
            return authority_add(by=Actor.of(user), **form.values)
        return authority_change(
            authority=row,
            changes={name: value for name, value in form.values.items() if name != "name"},
            expected_version=form.expected_version,
            by=Actor.of(user),
            reason=form.given_reason,
        )

    return _setting(request, form, write, str(row) if row.pk else _("New authority"))


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" and request.POST.get("action") != "retire" else None


def _retired(request: HttpRequest, take_back: Callable[[str], object]) -> HttpResponse | None:
    """None when that was not asked for, or has no reason: then the page says so."""
    form = _retire_form(request)
    if request.POST.get("action") != "retire" or not form.saves(lambda: take_back(form.cleaned_data["reason"])):
        return None
    messages.success(request, _("Taken back."))
    return redirect("labs:inbox-senders")


def _retire_form(request: HttpRequest) -> ReasonForm:
    return ReasonForm(request.POST if request.POST.get("action") == "retire" else None, prefix="retire")


def _setting(request: HttpRequest, form: FactForm, write: Callable[[], object], title: str) -> HttpResponse:
    if _posted(request) is not None and form.saves(write):
        messages.success(request, _("Saved. What waits can be read again now."))
        return redirect("labs:inbox-senders")
    retire_form = None if form.instance.pk is None else _retire_form(request)
    context = {"form": form, "title": title, "retire_form": retire_form}
    return render(request, "labs/inbox/setting.html", context)
