"""The work list of follow-up: who is due when, and since when nobody has heard of the patient."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.clinical.models import Assessment, FollowUp, OutcomeEvent
from registry.cohorts.models import Cohort, EventKind
from registry.patients.follow_up import months_later, reference_day
from registry.patients.models import Enrolment

SOON = timedelta(days=30)

OVERDUE, DUE_SOON, LATER, NO_DAY = "overdue", "soon", "later", "no-day"
STATES = {
    OVERDUE: gettext_lazy("overdue"),
    DUE_SOON: gettext_lazy("due within 30 days"),
    LATER: gettext_lazy("due later"),
    NO_DAY: gettext_lazy("no day to count from"),
}


@dataclass(frozen=True)
class Due:
    """One patient of one cohort who is still followed. `due` is None when no day is known to count from."""

    enrolment: Enrolment
    last_contact: date | None
    due: date | None
    as_of: date

    @property
    def days_over(self) -> int:
        """Days since the contact was due; negative before that day."""
        return (self.as_of - self.due).days if self.due else 0

    @property
    def days_left(self) -> int:
        return -self.days_over

    @property
    def state(self) -> str:
        if self.due is None:
            return NO_DAY
        # On the day itself it is due, not late.
        if self.due < self.as_of:
            return OVERDUE
        return DUE_SOON if self.due <= self.as_of + SOON else LATER

    @property
    def state_label(self) -> str:
        return str(STATES[self.state])


def due_list(cohorts: list[Cohort]) -> list[Due]:
    """Everybody who is still followed, the longest overdue first; death, withdrawal and ineligibility end it.

    Counted from the last contact or the index event, whichever is later; up to today, or the cohort's data cut.
    """
    found = [_due(enrolment) for enrolment in _followed(cohorts)]
    return sorted(found, key=lambda row: (row.due or date.min, row.enrolment.cohort.code, str(row.enrolment.patient)))


def _followed(cohorts: list[Cohort]) -> QuerySet[Enrolment]:
    deaths = OutcomeEvent.objects.filter(patient=OuterRef("patient"), kind=EventKind.DEATH, retired_reason="")
    return (
        Enrolment.objects.filter(cohort__in=cohorts, withdrawn_on=None, retired_reason="", patient__retired_reason="")
        .exclude(eligibility=Enrolment.Eligibility.INELIGIBLE)
        .filter(~Exists(deaths))
        .select_related("patient", "cohort")
        .annotate(last_visit=_last(FollowUp), last_image=_last(Assessment), last_event=_last(OutcomeEvent))
    )


def _last(kind: Any) -> Any:
    rows = kind.objects.filter(patient=OuterRef("patient"), retired_reason="").order_by()
    return Subquery(rows.values("patient").annotate(last=Max("day")).values("last"))


def _due(enrolment: Any) -> Due:
    cohort = enrolment.cohort
    last = max((day for day in (enrolment.last_visit, enrolment.last_image, enrolment.last_event) if day), default=None)
    known = [day for day in (last, enrolment.index_date) if day]
    due = months_later(max(known), cohort.follow_up_months) if known else None
    return Due(enrolment, last, due, reference_day(cohort))


def csv_columns() -> list[str]:
    return [
        _("Study number"),
        _("Cohort"),
        _("Index date"),
        _("Last contact"),
        _("Due"),
        _("State"),
        _("Days overdue"),
        _("As of"),
    ]


def csv_rows(rows: list[Due]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        yield (
            row.enrolment.patient.study_number,
            row.enrolment.cohort.code,
            row.enrolment.index_date,
            row.last_contact,
            row.due,
            row.state_label,
            max(row.days_over, 0) if row.due else None,
            row.as_of,
        )
