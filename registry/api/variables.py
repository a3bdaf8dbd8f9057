"""A cohort's own variables: its dictionary, and the values of one patient."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.endpoints import Computed, Told
from registry.api.enrolments import OfEnrolment
from registry.api.serializers import Entry, FiniteField, Presented, Reasoned, WholeField
from registry.clinical.extras import extra_values_save
from registry.clinical.models import ExtraValue, ExtraVariable
from registry.cohorts.access import access_cohort
from registry.people.roles import CLINICAL, RECORDING


class VariablePresenter(Presented):
    class Meta:
        model = ExtraVariable
        fields = ("id", "version", "code", "label", "type", "unit", "levels")


class CohortVariables(Computed):
    """The dictionary of the variables that this cohort has beside those that all cohorts have."""

    reading = CLINICAL
    presenter = VariablePresenter
    tag = "cohorts"

    def found(self, asked: dict[str, Any]) -> list[ExtraVariable]:
        cohort = access_cohort(self.user, self.kwargs["code"])
        return list(ExtraVariable.objects.filter(cohort=cohort, retired_reason=""))

    def place(self, row: ExtraVariable) -> list[str]:
        return [row.code]


class ValuePresenter(serializers.Serializer[Any]):
    variable = serializers.CharField(source="variable.code")
    version = serializers.IntegerField()
    number = serializers.FloatField(allow_null=True)
    text = serializers.CharField()


class ValuesPresenter(serializers.Serializer[Any]):
    values = ValuePresenter(many=True)


class ValueEntry(Entry):
    """A number for a numeric variable, a text or code for any other; both empty: the value is taken out."""

    variable = serializers.CharField(max_length=40)
    number = FiniteField(required=False, allow_null=True)
    text = serializers.CharField(required=False, allow_blank=True, max_length=200)
    version = WholeField(default=0, min_value=0, max_value=2**31 - 1, help_text="Of the value that you saw; 0: none.")


class ValuesEntry(Reasoned):
    rows = ValueEntry(many=True, allow_empty=False)


class ValuesOfEnrolment(OfEnrolment):
    """All or none of what is sent is saved; variables that are not named stay."""

    reading = CLINICAL
    writing = RECORDING

    def get(self, request: Request, **kwargs: Any) -> Response:
        rows = ExtraValue.objects.filter(enrolment=self.enrolment(), retired_reason="").select_related("variable")
        return Response(ValuesPresenter({"values": rows.order_by("variable__code")}).data)

    def put(self, request: Request, **kwargs: Any) -> Response:
        enrolment = self.enrolment()
        given = ValuesEntry.parsed(request.data)
        known = {row.code: row for row in ExtraVariable.objects.filter(cohort=enrolment.cohort_id, retired_reason="")}
        unknown: dict[Any, Any] = {
            index: {"variable": [_("This cohort has no such variable.")]}
            for index, row in enumerate(given["rows"])
            if row["variable"] not in known
        }
        if unknown:
            raise serializers.ValidationError(unknown)
        entered = {
            known[row["variable"]]: (_value(known[row["variable"]], row), row["version"]) for row in given["rows"]
        }
        extra_values_save(enrolment=enrolment, entered=entered, by=self.by, reason=given.get("reason", ""))
        return self.get(request)

    def describe(self, method: str) -> Told:
        if method == "PUT":
            return Told("Save the own variables", ValuesEntry, ValuesPresenter)
        return Told("Own variables of the cohort", None, ValuesPresenter)


def _value(variable: ExtraVariable, row: dict[str, Any]) -> float | str | None:
    found: float | str | None = row.get("number" if variable.type == ExtraVariable.Type.NUMBER else "text")
    return found
