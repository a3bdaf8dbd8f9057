from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from registry.api.endpoints import CorrectedItem, Listing
from registry.api.serializers import ModelEntry, Presented, Seen
from registry.cohorts.access import access_cohort
from registry.cohorts.endpoints import cohort_endpoints
from registry.cohorts.forms import CohortForm
from registry.cohorts.models import Cohort
from registry.cohorts.selectors import cohort_list
from registry.cohorts.services import cohort_update
from registry.people.roles import CLINICAL, RECORDING

COLUMNS = ("id", "version", "code", "name", "description", "index_event", "data_cut", "early_recurrence_months")


class CohortPresenter(Presented):
    site = serializers.CharField(source="site.code")
    simulated = serializers.BooleanField(source="is_simulated")
    members = serializers.IntegerField()
    eligible = serializers.IntegerField()

    class Meta:
        model = Cohort
        fields = (*COLUMNS, "follow_up_months", "site", "simulated", "members", "eligible")


class EndpointPresenter(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    event_kinds = serializers.ListField(child=serializers.CharField())


class OneCohortPresenter(Presented):
    site = serializers.CharField(source="site.code")
    simulated = serializers.BooleanField(source="is_simulated")
    endpoints = serializers.SerializerMethodField()

    class Meta:
        model = Cohort
        fields = (*COLUMNS, "follow_up_months", "site", "simulated", "endpoints")

    def get_endpoints(self, cohort: Cohort) -> list[dict[str, Any]]:
        return [dict(EndpointPresenter(each).data) for each in cohort_endpoints(cohort)]


class CohortChanges(Seen, ModelEntry):
    class Meta:
        model = Cohort
        fields = (*CohortForm.columns(), "version", "reason")


class Cohorts(Listing):
    reading = CLINICAL
    presenter = CohortPresenter
    orderings = {"code": "code", "name": "name"}

    def rows(self) -> QuerySet[Cohort]:
        return cohort_list(self.user)


class OneCohort(CorrectedItem):
    reading = CLINICAL
    writing = RECORDING
    presenter = OneCohortPresenter
    changes = CohortChanges

    def row(self) -> Cohort:
        return access_cohort(self.user, self.kwargs["code"])

    def correct(self, row: Cohort, changes: dict[str, Any], version: int, reason: str) -> Cohort:
        return cohort_update(cohort=row, changes=changes, expected_version=version, by=self.by, reason=reason)
