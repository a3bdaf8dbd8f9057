"""The work list of follow-up as a page, as a file, and one step to record a contact from it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from registry.clinical.models import FollowUp
from registry.clinical.services import follow_up_add
from registry.cohorts.access import visible_cohorts
from registry.cohorts.models import Cohort
from registry.export.services import export_record
from registry.export.writing import csv_lines
from registry.forms import DayInput, ServiceForm
from registry.log.actors import Actor
from registry.patients.access import access_enrolment
from registry.patients.due import OVERDUE, STATES, Due, csv_columns, csv_rows, due_list
from registry.people.access import acting_user, allow
from registry.people.models import User
from registry.people.roles import CLINICAL, RECORDING

PAGE_SIZE = 50
ALL = "all"


class DueFilter(forms.Form):
    cohort = forms.ChoiceField(label=gettext_lazy("Cohort"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)

    def __init__(self, data: Any, *, cohorts: list[Cohort]) -> None:
        super().__init__(data)
        self.cohorts = cohorts
        self.fields["cohort"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", _("all")),
            *((cohort.code, cohort.name) for cohort in cohorts),
        ]
        states = [*STATES.items(), (ALL, _("everybody followed"))]
        self.fields["state"].choices = states  # type: ignore[attr-defined]  # a ChoiceField

    def chosen_state(self) -> str:
        # What is no state shows what needs doing first.
        return self.cleaned_data.get("state") or OVERDUE if self.is_valid() else OVERDUE

    def chosen_cohort(self) -> str:
        return str(self.cleaned_data.get("cohort", "")) if self.is_valid() else ""

    def rows(self) -> list[Due]:
        code, state = self.chosen_cohort(), self.chosen_state()
        found = due_list([cohort for cohort in self.cohorts if code in ("", cohort.code)])
        return [row for row in found if state in (ALL, row.state)]

    def query(self) -> str:
        return f"?cohort={self.chosen_cohort()}&state={self.chosen_state()}"


class ContactForm(ServiceForm):
    """One contact of one patient, from the row of the list."""

    study_number = forms.CharField(widget=forms.HiddenInput, max_length=60)
    in_cohort = forms.CharField(widget=forms.HiddenInput, max_length=40)
    day = forms.DateField(label=gettext_lazy("Date"), widget=DayInput)
    mode = forms.ChoiceField(label=gettext_lazy("Mode"), choices=FollowUp.Mode.choices)


@require_GET
@allow(*CLINICAL)
def due(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    return _page(request, user, DueFilter(request.GET, cohorts=list(visible_cohorts(user))))


@require_POST
@allow(*RECORDING)
def due_contact(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    listed, form = DueFilter(request.POST, cohorts=list(visible_cohorts(user))), ContactForm(request.POST)

    def write() -> FollowUp:
        data = form.cleaned_data
        enrolment = access_enrolment(user, data["in_cohort"], data["study_number"])
        return follow_up_add(patient=enrolment.patient, day=data["day"], mode=data["mode"], by=Actor.of(user))

    if form.saves(write):
        messages.success(request, _("The contact of %s was recorded.") % form.cleaned_data["study_number"])
        return redirect(reverse("registry:due") + listed.query())
    return _page(request, user, listed, form)


@require_POST
@allow(*CLINICAL)
def due_file(request: HttpRequest) -> HttpResponseBase:
    user = acting_user(request)
    rows = DueFilter(request.POST, cohorts=list(visible_cohorts(user))).rows()
    export_record(
        table="follow-up-due", file_format="csv", rows=len(rows), by=Actor.of(user), purpose="work list of follow-up"
    )
    name = f"follow-up-due-{timezone.localdate()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    lines = csv_lines(csv_columns(), csv_rows(rows))
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _page(request: HttpRequest, user: User, listed: DueFilter, refused: ContactForm | None = None) -> HttpResponse:
    rows = listed.rows()
    paginator = Paginator(rows, PAGE_SIZE)
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "form": listed,
        "state": listed.chosen_state(),
        "cohort_code": listed.chosen_cohort(),
        "refused": refused,
        "modes": FollowUp.Mode.choices,
        "today": timezone.localdate(),
        "may_record": user.has_role(*RECORDING),
        "page_obj": page,
        "page_range": list(paginator.get_elided_page_range(page.number)),
        "simulated": any(row.enrolment.cohort.is_simulated for row in page),
    }
    return render(request, "registry/due.html", context)
