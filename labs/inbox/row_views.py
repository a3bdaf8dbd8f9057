"""One row that waits: what it is, and what a person can do about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from labs.blood.units import normalised
from labs.inbox.access import IDENTITY_ROLES, INBOX_ROLES, access_row, visible_rows
from labs.inbox.deciding import ASSIGNABLE, row_adjudicate, row_reopen, rows_assign, rows_discard, rows_rerun
from labs.inbox.forms import AssignForm, MapForm, ReasonForm, RowMapForm
from labs.inbox.models import MessageRow, RowReason, State
from labs.inbox.previewing import MENDED, code_map_and_rerun, code_map_preview
from labs.inbox.selectors import likely_analyte, stored_now
from registry.extensions import dependents
from registry.log.access import visible_changes
from registry.log.actors import Actor
from registry.log.history import history_of
from registry.patients.simulated import any_simulated
from registry.people.access import acting_user, allow
from registry.people.models import User

# How many rows of a look at a mapping are shown one by one.
SHOWN = 100


@allow(*INBOX_ROLES)
def row_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    row = access_row(user, pk)
    action = request.POST.get("action", "")
    forms = _forms(request, user, row, action)
    if request.method == "POST" and (act := _ACTIONS.get(action)) is not None and act(request, user, row, forms):
        return redirect("labs:inbox-row", pk)
    stored = stored_now(row)
    context = forms | {
        "row": row,
        "raw": row.message.raw,
        "stored": stored,
        "may_identify": user.has_role(*IDENTITY_ROLES),
        "is_conflict": row.reason == RowReason.CONFLICT,
        "stale": dependents(sorted(stored.streams(), key=str)) if stored is not None else [],
        "simulated": row.patient_id is not None and any_simulated([row.patient_id]),
        "history": history_of(row, visible_changes(user)),
    }
    return render(request, "labs/inbox/row.html", context)


def _forms(request: HttpRequest, user: User, row: MessageRow, action: str) -> dict[str, Any]:
    def posted(*names: str) -> Any:
        return request.POST if action in names else None

    found: dict[str, Any] = {}
    if row.state == State.DISCARDED:
        found["reopen_form"] = ReasonForm(posted("reopen"), prefix="reopen")
    if row.state != State.OPEN:
        return found
    found["discard_form"] = ReasonForm(posted("discard"), prefix="discard")
    if row.reason in MENDED:
        initial = {
            "sender": row.message.sender,
            "code": row.code,
            "unit": row.unit_sent,
            "analyte": likely_analyte(row),
        }
        found["map_form"] = RowMapForm(posted("look", "map"), row=row, initial=initial)
    if row.reason in ASSIGNABLE and user.has_role(*IDENTITY_ROLES):
        found["assign_form"] = AssignForm(posted("assign"), user=user, prefix="assign", initial={"whole": True})
    if row.reason == RowReason.CONFLICT:
        found["decide_form"] = ReasonForm(posted("theirs", "ours"), prefix="decide")
    return found


def _again(request: HttpRequest, user: User, row: MessageRow, forms: dict[str, Any]) -> bool:
    moved = rows_rerun(rows=[row], by=Actor.of(user))
    if moved:
        messages.success(request, _("Read again: %s.") % moved[0].get_outcome_display())
    else:
        messages.info(request, _("Read again: it waits for the same as before."))
    return True


def _look(request: HttpRequest, user: User, row: MessageRow, forms: dict[str, Any]) -> bool:
    """Which rows the mapping would place, before it is saved."""
    form = forms.get("map_form")
    if form is None or not form.is_valid():
        return False
    looked: list[MessageRow] = []

    def look() -> None:
        looked.extend(code_map_preview(by=Actor.of(user), **_mapping(form)))

    if form.saves(look):
        visible = set(visible_rows(user).filter(pk__in=[each.pk for each in looked]).values_list("pk", flat=True))
        shown = [each for each in looked if each.pk in visible]
        forms["looked"] = shown[:SHOWN]
        forms["looked_counts"] = _counted(shown)
        forms["looked_simulated"] = any_simulated(each.patient_id for each in shown if each.patient_id)
    return False


def _counted(rows: list[MessageRow]) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for row in rows:
        label = str(row.get_reason_display() if row.reason else row.get_outcome_display())
        found[label] = found.get(label, 0) + 1
    return sorted(found.items(), key=lambda pair: -pair[1])


def _map(request: HttpRequest, user: User, row: MessageRow, forms: dict[str, Any]) -> bool:
    form = forms.get("map_form")
    if form is None:
        return False
    moved: list[MessageRow] = []
    if not form.saves(lambda: moved.extend(code_map_and_rerun(by=Actor.of(user), **_mapping(form)))):
        return False
    placed = sum(each.outcome == "placed" for each in moved)
    messages.success(request, _("Mapped. Of the rows that waited %(placed)s are placed now.") % {"placed": placed})
    return True


def _mapping(form: MapForm) -> dict[str, Any]:
    """The unit is the analyte's business only where it does not know it."""
    data = dict(form.cleaned_data)
    known = {normalised(each.spelling) for each in data["analyte"].spellings.all()}
    known |= {normalised(each.spelling) for kept in data["analyte"].kept_units.all() for each in kept.spellings.all()}
    if normalised(data["unit"]) in known:
        data["factor"] = None
    return data


def _assign(request: HttpRequest, user: User, row: MessageRow, forms: dict[str, Any]) -> bool:
    form = forms.get("assign_form")
    if form is None:
        raise PermissionDenied

    def write() -> None:
        rows = [row]
        if form.cleaned_data["whole"]:
            rows = list(
                visible_rows(user).filter(
                    message=row.message, patient_group=row.patient_group, state=State.OPEN, reason__in=ASSIGNABLE
                )
            )
        patient = form.cleaned_data["study_number"]
        rows_assign(rows=rows, patient=patient, by=Actor.of(user), reason=form.cleaned_data["reason"])

    return _saved(request, form, write)


def _discard(request: HttpRequest, user: User, row: MessageRow, forms: dict[str, Any]) -> bool:
    form = forms.get("discard_form")
    return _saved(
        request,
        form,
        lambda: rows_discard(rows=[row], by=Actor.of(user), reason=form.cleaned_data["reason"]),  # type: ignore[union-attr]  # _saved asks
    )


def _reopen(request: HttpRequest, user: User, row: MessageRow, forms: dict[str, Any]) -> bool:
    form = forms.get("reopen_form")
    return _saved(
        request,
        form,
        lambda: row_reopen(row=row, by=Actor.of(user), reason=form.cleaned_data["reason"]),  # type: ignore[union-attr]  # _saved asks
    )


def _decide(request: HttpRequest, user: User, row: MessageRow, forms: dict[str, Any]) -> bool:
    form = forms.get("decide_form")
    is_theirs = request.POST["action"] == "theirs"

    def write() -> None:
        row_adjudicate(row=row, is_theirs=is_theirs, by=Actor.of(user), reason=form.cleaned_data["reason"])  # type: ignore[union-attr]  # _saved asks

    return _saved(request, form, write)


def _saved(request: HttpRequest, form: ReasonForm | None, write: Callable[[], object]) -> bool:
    if form is None or not form.saves(write):
        return False
    messages.success(request, _("Saved."))
    return True


_ACTIONS: dict[str, Callable[[HttpRequest, User, MessageRow, dict[str, Any]], bool]] = {
    "again": _again,
    "look": _look,
    "map": _map,
    "assign": _assign,
    "discard": _discard,
    "reopen": _reopen,
    "theirs": _decide,
    "ours": _decide,
}
