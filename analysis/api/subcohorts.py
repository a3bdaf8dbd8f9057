"""Sub-cohorts: named parts of a cohort by conditions. Who belongs follows the facts."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analysis.api.blinding import refuse_blinded
from analysis.subcohorts.access import access_subcohort, visible_subcohorts
from analysis.subcohorts.conditions import Operator
from analysis.subcohorts.membership import membership
from analysis.subcohorts.models import SubCohort
from analysis.subcohorts.services import subcohort_define, subcohort_retire, subcohort_update
from registry.api.endpoints import Act, Computed, CorrectedItem, Told
from registry.api.serializers import Entry, Presented, Reasoned, Seen
from registry.cohorts.access import access_cohort
from registry.cohorts.models import Cohort
from registry.log.access import visible_changes
from registry.log.models import Change
from registry.people.models import User
from registry.people.roles import CLINICAL


class ConditionPresenter(serializers.Serializer[Any]):
    variable = serializers.CharField()
    operator = serializers.CharField()
    bounds = serializers.ListField(child=serializers.JSONField())


class SubCohortPresenter(Presented):
    cohort = serializers.CharField(source="cohort.code")
    simulated = serializers.BooleanField(source="cohort.is_simulated")
    conditions = ConditionPresenter(many=True)
    sentence = serializers.CharField()

    class Meta:
        model = SubCohort
        fields: tuple[str, ...] = (
            "id",
            "version",
            "cohort",
            "code",
            "name",
            "simulated",
            "conditions",
            "sentence",
            "retired_reason",
        )


class NotKnownPresenter(serializers.Serializer[Any]):
    patient = serializers.CharField()
    why = serializers.CharField()


class OneSubCohortPresenter(SubCohortPresenter):
    members = serializers.ListField(child=serializers.CharField(), help_text="Study numbers, as the facts are now.")
    outside = serializers.IntegerField(help_text="Eligible patients who do not meet the conditions.")
    unknown = NotKnownPresenter(many=True, help_text="Patients of whom it is not known, and why.")

    class Meta(SubCohortPresenter.Meta):
        fields = (*SubCohortPresenter.Meta.fields, "members", "outside", "unknown")


class ConditionEntry(Entry):
    variable = serializers.CharField(max_length=120, help_text="Such as ihc:FAP or blood:AFP.")
    operator = serializers.ChoiceField([(operator.value, operator.value) for operator in Operator])
    bounds = serializers.ListField(
        child=serializers.JSONField(), max_length=50, help_text="One number; two for between; values for one_of."
    )


class SubCohortEntry(Reasoned):
    code = serializers.SlugField(max_length=40)
    name = serializers.CharField(max_length=120)
    conditions = ConditionEntry(many=True, allow_empty=False)


class SubCohortChanges(Seen):
    name = serializers.CharField(max_length=120)
    conditions = ConditionEntry(many=True, allow_empty=False)


class SubCohorts(Computed):
    reading = CLINICAL
    writing = CLINICAL
    presenter = SubCohortPresenter
    tag = "sub-cohorts"

    def found(self, asked: dict[str, Any]) -> list[SubCohort]:
        return visible_subcohorts(self.user, access_cohort(self.user, self.kwargs["code"]))

    def place(self, row: SubCohort) -> list[str]:
        return [row.code]

    def post(self, request: Request, **kwargs: Any) -> Response:
        cohort = access_cohort(self.user, self.kwargs["code"])
        given = SubCohortEntry.parsed(request.data)
        if SubCohort.objects.filter(cohort=cohort, code=given["code"]).exists():
            raise ValidationError({"code": _("This cohort has had a sub-cohort of this short name already.")})
        _refuse_blinded(self.user, cohort, given["conditions"])
        made = subcohort_define(cohort=cohort, by=self.by, **given)
        return Response(SubCohortPresenter(made).data, status=201)

    def describe(self, method: str) -> Told:
        if method == "POST":
            return Told("Define", SubCohortEntry, SubCohortPresenter, status=201)
        return super().describe(method)


def _refuse_blinded(user: User, cohort: Cohort, conditions: list[dict[str, Any]]) -> None:
    draft = SubCohort(cohort=cohort, code="draft", conditions=conditions)
    draft.clean()
    refuse_blinded(user, draft.domains(), "conditions")


class _OfSubCohort:
    user: Any
    kwargs: dict[str, Any]

    def row(self) -> SubCohort:
        return access_subcohort(self.user, self.kwargs["code"], self.kwargs["part"])


class OneSubCohort(_OfSubCohort, CorrectedItem):
    """The definition, and who belongs now. Its analyses are stale as soon as it is changed."""

    reading = CLINICAL
    writing = CLINICAL
    presenter = OneSubCohortPresenter
    changes = SubCohortChanges
    tag = "sub-cohorts"

    def shown(self, row: Any) -> Response:
        found = membership(row.cohort, row.name, row.parsed)
        row.members, row.outside = found.members, found.outside
        row.unknown = [{"patient": patient, "why": why} for patient, why in found.unknown]
        return super().shown(row)

    def correct(self, row: SubCohort, changes: dict[str, Any], version: int, reason: str) -> SubCohort:
        conditions = changes.get("conditions", row.conditions)
        _refuse_blinded(self.user, row.cohort, conditions)
        return subcohort_update(
            subcohort=row,
            name=changes.get("name", row.name),
            conditions=conditions,
            expected_version=version,
            by=self.by,
            reason=reason,
        )


class RetiredSubCohort(_OfSubCohort, Act):
    """Refused while an analysis is about it."""

    writing = CLINICAL
    summary = "Retire"
    presenter = SubCohortPresenter
    tag = "sub-cohorts"

    def act(self, row: SubCohort, given: dict[str, Any]) -> SubCohort:
        version = self.seen_version(given)
        return subcohort_retire(subcohort=row, expected_version=version, by=self.by, reason=given["reason"])


class VersionPresenter(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    by = serializers.CharField(source="actor_name")
    action = serializers.CharField()
    reason = serializers.CharField()
    old = serializers.DictField(source="old_values")
    new = serializers.DictField(source="new_values")


class SubCohortVersions(Computed):
    """What was changed in the definition, by whom and why; the first first."""

    reading = CLINICAL
    presenter = VersionPresenter
    tag = "sub-cohorts"

    def found(self, asked: dict[str, Any]) -> list[Change]:
        part = access_subcohort(self.user, self.kwargs["code"], self.kwargs["part"])
        return list(visible_changes(self.user).filter(cohort=part.cohort, domain=part.domain))

    def place(self, row: Change) -> list[str]:
        return [f"{row.pk:020}"]
