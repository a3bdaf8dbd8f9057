"""The work list of follow-up: who is due, and since when nobody has heard of the patient."""

from typing import Any

from rest_framework import serializers

from registry.api.endpoints import Computed
from registry.api.serializers import Entry
from registry.cohorts.access import visible_cohorts
from registry.patients.due import STATES, Due, due_list
from registry.people.roles import CLINICAL


class DuePresenter(serializers.Serializer[Any]):
    patient = serializers.CharField(source="enrolment.patient.study_number")
    cohort = serializers.CharField(source="enrolment.cohort.code")
    simulated = serializers.BooleanField(source="enrolment.cohort.is_simulated")
    enrolment = serializers.IntegerField(source="enrolment.pk")
    index_date = serializers.DateField(source="enrolment.index_date", allow_null=True)
    last_contact = serializers.DateField(allow_null=True)
    due = serializers.DateField(allow_null=True, help_text="Null when no day is known to count from.")
    state = serializers.ChoiceField(list(STATES.items()))
    days_over = serializers.IntegerField(help_text="Negative before the day on which the contact is due.")
    as_of = serializers.DateField(help_text="Today, or the data cut of the cohort.")


class DueFilters(Entry):
    cohort = serializers.CharField(required=False, max_length=40)
    state = serializers.ChoiceField(list(STATES.items()), required=False)


class FollowUpDue(Computed):
    """Everybody who is still followed, the longest overdue first. A contact is recorded at `/follow-ups/`."""

    reading = CLINICAL
    presenter = DuePresenter
    filters = DueFilters

    def found(self, asked: dict[str, Any]) -> list[Due]:
        code, state = asked.get("cohort"), asked.get("state")
        rows = due_list([cohort for cohort in visible_cohorts(self.user) if code in (None, cohort.code)])
        return [row for row in rows if state in (None, row.state)]

    def place(self, row: Due) -> list[str]:
        enrolment = row.enrolment
        return [str(row.due or ""), enrolment.cohort.code, str(enrolment.patient), str(enrolment.pk)]
