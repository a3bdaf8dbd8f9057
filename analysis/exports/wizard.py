"""What, who, which version, why: one page each, then what it would make."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysis.engine.doorbell import ring_for_exports
from analysis.exports.access import may_export
from analysis.exports.draft import Draft, prefill
from analysis.exports.errors import ExportRefused
from analysis.exports.forms import VersionForm, WhatForm, WhoForm, WhyForm, wish_of
from analysis.exports.plan import Plan, empty_tables, make_plan
from analysis.exports.profiles import Profile
from analysis.exports.services import export_request
from analysis.exports.wish import READY, Wish
from analysis.subcohorts.models import SubCohort
from registry.cohorts.access import visible_cohorts
from registry.export.tables import table_named
from registry.models import Cohort
from registry.people.access import acting_user, allow
from registry.people.models import User
from registry.people.roles import CLINICAL, Role

STEPS = {
    "what": gettext_lazy("What"),
    "who": gettext_lazy("For whom"),
    "version": gettext_lazy("Which version"),
    "why": gettext_lazy("Why"),
    "summary": gettext_lazy("Summary"),
}
_ORDER = list(STEPS)
Page = Callable[["Wizard"], HttpResponse]


class Wizard:
    """One request to one step."""

    def __init__(self, request: HttpRequest, user: User, step: str) -> None:
        self.request, self.user, self.step = request, user, step
        self.draft = Draft(request)
        self.go = request.POST.get("go", "next") if request.method == "POST" else ""
        if request.method == "POST" and step != "summary":
            self.draft.keep(step, request.POST)
            if step == "what":
                # Only a column that was on the page can have been left unticked.
                shown = request.POST.getlist("listed")
                self.draft.listed = {table: names for table, names in self.draft.listed.items() if table in shown}

    def bound(self) -> dict[str, forms.Form]:
        """The forms of all steps, bound to what was answered; those of later steps know the answers of earlier ones."""
        draft, user = self.draft, self.user
        what = WhatForm(draft.data("what"), user=user)
        what.list_columns({table: [(name, name) for name in names] for table, names in draft.listed.items()})
        asked = _cleaned(what)
        cohorts = list(visible_cohorts(user).filter(code__in=asked.get("cohorts", [])))
        return {
            "what": what,
            "who": WhoForm(draft.data("who"), user=user, what=asked),
            "version": VersionForm(draft.data("version"), user=user, cohorts=cohorts, what=asked),
            "why": WhyForm(draft.data("why")),
        }

    def first_open(self, before: str) -> str | None:
        """The first step before this one that has no valid answer yet."""
        bound = self.bound()
        for step in _ORDER[: _ORDER.index(before)]:
            if self.draft.typed(step) is None or not bound[step].is_valid():
                return step
        return None

    def wish(self, **instead: Any) -> Wish:
        """From the valid steps; what is not answered yet is as it is at first, or `instead`."""
        cleaned = {step: _cleaned(form) for step, form in self.bound().items()}
        who = {"profile": Profile.ANONYMOUS, "shift_dates": True, "smallest_cell": 5} | cleaned["who"]
        version = {"version": "live", "stale_accepted": False, "formats": ["xlsx", "parquet"]} | cleaned["version"]
        why = {"purpose": "", "recipient": ""} | cleaned["why"]
        return wish_of(cleaned["what"], self.draft.listed, who | instead, version | instead, why)

    def plan(self, **instead: Any) -> Plan:
        return make_plan(self.user, self.wish(**instead), "default")

    def page(self, form: forms.Form | None, **context: Any) -> HttpResponse:
        place = _ORDER.index(self.step)
        steps = [
            {"code": code, "label": label, "is_current": code == self.step, "is_done": number < place}
            for number, (code, label) in enumerate(STEPS.items())
        ]
        shown = {"form": form, "steps": steps, "step": self.step, "number": place + 1, "label": STEPS[self.step]}
        shown |= {"simulated": self._is_simulated(), "previous": _ORDER[place - 1] if place else ""}
        return render(self.request, f"analysis/exports/{self.step}.html", shown | context)

    def to(self, step: str) -> HttpResponse:
        return redirect(f"analysis:export-{step}")

    def next(self) -> HttpResponse:
        return self.to(_ORDER[_ORDER.index(self.step) + 1])

    def back(self) -> HttpResponse:
        return self.to(_ORDER[_ORDER.index(self.step) - 1])

    def _is_simulated(self) -> bool:
        """The list of cohorts shows all of them; the later steps the chosen ones."""
        cohorts = visible_cohorts(self.user)
        if self.step != "what":
            cohorts = cohorts.filter(code__in=self.draft.data("what").getlist("cohorts"))
        return cohorts.filter(is_simulated=True).exists()


def _cleaned(form: forms.Form) -> dict[str, Any]:
    form.is_valid()
    return dict(form.cleaned_data)


def _step(step: str) -> Callable[[Page], Callable[[HttpRequest], HttpResponse]]:
    def declare(page: Page) -> Callable[[HttpRequest], HttpResponse]:
        @allow(*CLINICAL)
        def view(request: HttpRequest) -> HttpResponse:
            user = acting_user(request)
            if not may_export(user):
                return redirect("analysis:exports")
            wizard = Wizard(request, user, step)
            if wizard.go == "back":
                return wizard.back()
            earlier = wizard.first_open(step)
            if earlier:
                return wizard.to(earlier)
            return page(wizard)

        return view

    return declare


@_step("what")
def what(wizard: Wizard) -> HttpResponse:
    form = wizard.bound()["what"] if wizard.go else WhatForm(user=wizard.user)
    if wizard.go == "next" and form.is_valid():
        return wizard.next()
    if not wizard.go:
        prefill(form, wizard.draft.typed("what"))
    if wizard.go == "columns" and form.is_valid():
        columns = _list_columns(wizard)
    else:
        columns = _columns_of(wizard, list(wizard.draft.listed))
    ticked = set((wizard.draft.typed("what") or {}).get("columns", []))
    listed = [
        {"table": table, "title": _title(table), "columns": [(f"{table}|{name}", name, label) for name, label in named]}
        for table, named in columns.items()
    ]
    chosen = (wizard.draft.typed("what") or {}).get("tables", [])
    groups = form.fields["tables"].choices  # type: ignore[attr-defined]  # a choice field
    return wizard.page(form, listed=listed, ticked=ticked, table_groups=groups, chosen_tables=chosen)


def _title(table: str) -> str:
    found = table_named(table)
    return found.title if found else _("Analysis-ready table")


def _list_columns(wizard: Wizard) -> dict[str, list[tuple[str, str]]]:
    """Lists the columns of the tables that are chosen now; those of a table listed for the first time are ticked."""
    before = wizard.draft.listed
    asked = _cleaned(wizard.bound()["what"])
    chosen = ([READY] if asked["is_ready"] else []) + asked["tables"]
    columns = _columns_of(wizard, chosen)
    typed = dict(wizard.draft.typed("what") or {})
    new = [f"{table}|{name}" for table, named in columns.items() if table not in before for name, _label in named]
    typed["columns"] = [*typed.get("columns", []), *new]
    wizard.draft.put("what", typed)
    wizard.draft.listed = {table: [name for name, _label in named] for table, named in columns.items()}
    return columns


def _columns_of(wizard: Wizard, chosen: list[str]) -> dict[str, list[tuple[str, str]]]:
    if not chosen:
        return {}
    asked = _cleaned(wizard.bound()["what"])
    widest = Profile.IDENTIFIED if wizard.user.has_role(Role.ADMINISTRATOR) else Profile.LIMITED
    wish = Wish(
        cohorts=tuple(asked.get("cohorts", ())),
        tables=tuple(code for code in chosen if code != READY),
        is_ready=READY in chosen,
        profile=widest,
        shift_dates=False,
        stale_accepted=True,
    )
    try:
        plan = make_plan(wizard.user, wish, "default")
    except ExportRefused:
        # Said elsewhere on the page; what was ticked stays.
        return {table: [(name, name) for name in wizard.draft.listed.get(table, [])] for table in chosen}
    tables = dict(zip(wish.tables, (table.choices for table in plan.tables), strict=True))
    return ({READY: plan.ready.choices} if plan.ready else {}) | tables


@_step("who")
def who(wizard: Wizard) -> HttpResponse:
    bound = wizard.bound()
    form = bound["who"]
    if wizard.go == "next" and form.is_valid():
        return wizard.next()
    if not wizard.go:
        form = WhoForm(user=wizard.user, what=_cleaned(bound["what"]))
        prefill(form, wizard.draft.typed("who"))
    refused, plan = "", None
    if not form.errors:
        try:
            plan = wizard.plan(stale_accepted=True)
        except ExportRefused as error:
            refused = str(error)
    return wizard.page(form, plan=plan, refused=refused, counts=_small_cells(plan))


def _small_cells(plan: Plan | None) -> dict[str, Any] | None:
    return plan.population.released.counts() if plan and plan.wish.profile == Profile.ANONYMOUS else None


@_step("version")
def version(wizard: Wizard) -> HttpResponse:
    bound = wizard.bound()
    form, plan, refused = bound["version"], None, ""
    try:
        plan = wizard.plan(stale_accepted=True)
    except ExportRefused as error:
        refused = str(error)
    is_stale = bool(plan and plan.ready and plan.ready.stale)
    if wizard.go == "next" and form.is_valid():
        if is_stale and not form.cleaned_data["stale_accepted"]:
            form.add_error("stale_accepted", _("Some columns are stale. Wait until they are fresh, or tick this."))
        elif not refused:
            return wizard.next()
    if not wizard.go:
        asked = _cleaned(bound["what"])
        cohorts = list(visible_cohorts(wizard.user).filter(code__in=asked["cohorts"]))
        form = VersionForm(user=wizard.user, cohorts=cohorts, what=asked)
        prefill(form, wizard.draft.typed("version"))
    return wizard.page(form, runs=plan.ready.runs if plan and plan.ready else [], is_stale=is_stale, refused=refused)


@_step("why")
def why(wizard: Wizard) -> HttpResponse:
    form = wizard.bound()["why"]
    if wizard.go == "next" and form.is_valid():
        return wizard.next()
    if not wizard.go:
        form = WhyForm()
        prefill(form, wizard.draft.typed("why"))
    return wizard.page(form)


@_step("summary")
def summary(wizard: Wizard) -> HttpResponse:
    try:
        plan = wizard.plan()
    except ExportRefused as refused:
        return wizard.page(None, refused=str(refused))
    empty = empty_tables(plan)
    # The draft is one for all windows of a login: what is made is what this page showed, or nothing.
    has_moved = bool(wizard.go) and wizard.request.POST.get("seen") != plan.wish.digest
    if has_moved:
        wizard.go = ""
    if wizard.go == "without-empty":
        _leave_out(wizard, plan, empty)
        return wizard.to("summary" if len(empty) < len(plan.datasets) else "what")
    if wizard.go == "make" and not empty:
        return _ask(wizard, plan)
    tables = [
        {
            "title": each.title,
            "rows": each.count(),
            "columns": len(each.columns),
            "why_empty": empty.get(each.title, ""),
        }
        for each in plan.datasets
    ]
    return wizard.page(
        None, plan=plan, tables=tables, empty=empty, counts=_small_cells(plan), part=_part(plan), has_moved=has_moved
    )


def _part(plan: Plan) -> SubCohort | None:
    return SubCohort.objects.get(cohort=plan.cohorts[0], code=plan.wish.part) if plan.wish.part else None


def _leave_out(wizard: Wizard, plan: Plan, empty: dict[str, str]) -> None:
    typed = dict(wizard.draft.typed("what") or {})
    typed["tables"] = [
        code for code, table in zip(plan.wish.tables, plan.tables, strict=True) if table.title not in empty
    ]
    if plan.ready and plan.ready.title in empty:
        typed.pop("is_ready", None)
    wizard.draft.put("what", typed)


def _ask(wizard: Wizard, plan: Plan) -> HttpResponse:
    job = export_request(user=wizard.user, wish=plan.wish, plan=plan)
    transaction.on_commit(ring_for_exports)
    wizard.draft.forget()
    messages.success(wizard.request, _("The export is being made. You are mailed when it is ready."))
    return redirect("analysis:export", pk=job.pk)


def draft_of(request: HttpRequest, wish: Wish, cohorts: list[Cohort]) -> None:
    """The answers of an earlier export as the draft of a new one."""
    draft = Draft(request)
    draft.forget()
    typed = {"cohorts": [cohort.code for cohort in cohorts], "tables": list(wish.tables)}
    if wish.part:
        typed["part"] = [f"{cohorts[0].code}/{wish.part}"]
    if wish.is_ready:
        typed["is_ready"] = ["on"]
    draft.put("what", typed)
    who = {"profile": [str(wish.profile)], "smallest_cell": [str(wish.smallest_cell)]}
    draft.put("who", who | ({"shift_dates": ["on"]} if wish.shift_dates else {}))
    stale = {"stale_accepted": ["on"]} if wish.stale_accepted else {}
    formats = [name for name in wish.formats if name != "csv"]
    draft.put("version", {"version": [wish.version], "formats": formats} | stale)
    draft.put("why", {"purpose": [wish.purpose], "recipient": [wish.recipient]})
