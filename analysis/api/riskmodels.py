"""Registered risk models, and what they say of patients."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from analysis.access import visible_models
from analysis.api.analyses import FreshnessPresenter
from analysis.engine.freshness import freshness_of_all
from analysis.riskmodels.models import RiskModel
from analysis.scores.models import PatientScore
from analysis.scores.selectors import present_scores
from registry.api.endpoints import Listing
from registry.api.serializers import Entry, Presented, WholeField
from registry.people.roles import CLINICAL


class TermPresenter(serializers.Serializer[Any]):
    name = serializers.CharField()
    coefficient = serializers.FloatField()
    unit = serializers.CharField(required=False, help_text="Where it is not that of the model.")


class RiskModelPresenter(Presented):
    terms = TermPresenter(many=True)

    class Meta:
        model = RiskModel
        fields = ("id", "code", "number", "title", "terms", "unit", "source", "endpoint", "cutoff")


class RiskModelFilters(Entry):
    code = serializers.CharField(required=False, max_length=40)
    number = WholeField(required=False, min_value=1, max_value=32_767)


class RiskModels(Listing):
    reading = CLINICAL
    presenter = RiskModelPresenter
    filters = RiskModelFilters
    orderings = {"oldest": "pk"}
    tag = "risk models"

    def rows(self) -> QuerySet[RiskModel]:
        return RiskModel.objects.filter(pk__in=[model.pk for model in visible_models(self.user)])


class PatientScorePresenter(Presented):
    patient = serializers.CharField(source="enrolment.patient.study_number")
    cohort = serializers.CharField(source="result.analysis.cohort.code")
    simulated = serializers.BooleanField(source="result.analysis.cohort.is_simulated")
    model = serializers.CharField(source="model.code")
    number = serializers.IntegerField(source="model.number")
    score = serializers.FloatField(source="value")
    is_high = serializers.BooleanField(
        allow_null=True, help_text="Above the cutoff of the model; null where it has none."
    )
    values = serializers.DictField(help_text="What it was made of, by term, in the unit of the term.")
    analysis = serializers.CharField(source="result.analysis.slug")
    look = serializers.IntegerField(source="result.look")
    fingerprint = serializers.CharField(source="result.frame_id")
    freshness = FreshnessPresenter()

    class Meta:
        model = PatientScore
        fields = (
            "id",
            "patient",
            "cohort",
            "simulated",
            "model",
            "number",
            "score",
            "is_high",
            "values",
            "analysis",
            "look",
            "fingerprint",
            "freshness",
        )


class PatientScoreFilters(Entry):
    cohort = serializers.CharField(required=False, max_length=40)
    patient = serializers.CharField(required=False, max_length=40)
    model = serializers.CharField(required=False, max_length=40)
    number = WholeField(required=False, min_value=1, max_value=32_767)


_COLUMNS = {
    "cohort": "result__analysis__cohort__code",
    "patient": "enrolment__patient__study_number",
    "model": "model__code",
    "number": "model__number",
}


class PatientScores(Listing):
    """Of the present results; where a fact has changed since, the freshness says so."""

    reading = CLINICAL
    presenter = PatientScorePresenter
    filters = PatientScoreFilters
    orderings = {"oldest": "pk"}
    tag = "risk models"

    def rows(self) -> QuerySet[PatientScore]:
        return present_scores(self.user)

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        return rows.filter(**{_COLUMNS[name]: value for name, value in asked.items()})

    def present(self, rows: Any) -> Any:
        """A page of scores is of a few analyses: each is asked once."""
        scores = list(rows)
        found = freshness_of_all([*{score.result.analysis_id: score.result.analysis for score in scores}.values()])
        for score in scores:
            score.freshness = found[score.result.analysis_id]
        return super().present(scores)
