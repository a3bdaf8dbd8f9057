"""Declared cutoffs, analyses, risk models and subscriptions, for administrators; every write is one of our services."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from analysis.access import visible_analyses
from analysis.cutoffs.models import Cutoff
from analysis.cutoffs.services import cutoff_declare
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_define
from analysis.kinds.registry import KINDS
from analysis.riskmodels.models import RiskModel
from analysis.riskmodels.services import risk_model_register
from labs.rounds.blinding import blinded_markers
from registry.log.actors import Actor
from registry.people.access import acting_user
from registry.service_admin import ServiceAdmin, ServiceForm


@admin.register(Cutoff)
class CutoffAdmin(ServiceAdmin):
    """A declared cutoff stays on record: another value is another declaration."""

    list_display = ("cohort", "variable", "status", "method", "number", "value", "source", "declared_by", "declared_at")
    list_filter = ("cohort", "status")
    fields = ("cohort", "variable", "status", "method", "value", "source", "reason")
    site_path = "cohort__site"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        for code in blinded_markers(acting_user(request)):
            rows = rows.exclude(variable__regex=rf"^[a-z]+:{code}(@|$)")
        return rows

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def write(self, row: Any, values: dict[str, Any], *, is_new: bool, by: Actor, reason: str) -> Cutoff:
        return cutoff_declare(by=by, reason=reason, **values)


class AnalysisForm(ServiceForm):
    kind = forms.ChoiceField(choices=lambda: [(code, kind.label) for code, kind in KINDS.items()])


@admin.register(Analysis)
class AnalysisAdmin(ServiceAdmin):
    form = AnalysisForm
    list_display = ("title", "cohort", "kind", "is_registered", "order")
    list_filter = ("cohort", "kind")
    key_fields = ("cohort", "slug")
    fields = ("cohort", "subcohort", "slug", "title", "kind", "parameters", "is_registered", "order", "reason")
    site_path = "cohort__site"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Analysis]:
        return super().get_queryset(request).filter(pk__in=visible_analyses(acting_user(request)))

    def write(self, row: Any, values: dict[str, Any], *, is_new: bool, by: Actor, reason: str) -> Analysis:
        return analysis_define(by=by, reason=reason, **values)


@admin.register(RiskModel)
class RiskModelAdmin(ServiceAdmin):
    """A version of a model is never changed: other coefficients are another version."""

    list_display = ("code", "number", "title", "unit", "source")
    fields = ("code", "number", "title", "terms", "unit", "source", "endpoint", "cutoff", "reason")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def write(self, row: Any, values: dict[str, Any], *, is_new: bool, by: Actor, reason: str) -> RiskModel:
        return risk_model_register(by=by, reason=reason, **values)
