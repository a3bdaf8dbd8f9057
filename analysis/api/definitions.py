"""Analyses defined, changed, retired and restored. Parameters are those that an analysis of the kind shows."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analysis.access import access_analysis
from analysis.api.analyses import Analyses, AnalysisPresenter, OneAnalysis
from analysis.api.blinding import refuse_blinded
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_create, analysis_redefine, analysis_restore, analysis_retire
from analysis.kinds.registry import KINDS, kind_of
from analysis.subcohorts.access import access_subcohort
from analysis.subcohorts.models import SubCohort
from registry.api.endpoints import Act, CorrectedItem, Told
from registry.api.references import cohort_named
from registry.api.serializers import Reasoned, Seen, referred
from registry.people.models import User
from registry.people.roles import CLINICAL


class AnalysisEntry(Reasoned):
    cohort = serializers.CharField(max_length=40)
    kind = serializers.ChoiceField([(code, code) for code in KINDS])
    title = serializers.CharField(max_length=160)
    parameters = serializers.DictField(help_text="As an analysis of this kind shows them.")
    sub_cohort = serializers.CharField(required=False, allow_null=True, max_length=40)
    waits_for_plan = serializers.BooleanField(default=False, help_text="Compute it only after its plan is signed.")


class DefinedAnalyses(Analyses):
    """POST: a new question. It is exploratory until its plan is signed, which is done on its page."""

    writing = CLINICAL
    tag = "analyses"

    def post(self, request: Request, **kwargs: Any) -> Response:
        given = AnalysisEntry.parsed(request.data)
        cohort = cohort_named(self.user, given["cohort"])
        part = _part_named(self.user, cohort.code, given.get("sub_cohort"))
        _check(self.user, given["kind"], given["parameters"], part)
        made = analysis_create(
            cohort=cohort,
            title=given["title"],
            kind=given["kind"],
            parameters=given["parameters"],
            subcohort=part,
            waits_for_plan=given["waits_for_plan"],
            by=self.by,
            reason=given.get("reason", ""),
        )
        return Response(AnalysisPresenter(made).data, status=201)

    def describe(self, method: str) -> Told:
        if method == "POST":
            return Told("Define", AnalysisEntry, AnalysisPresenter, status=201)
        return super().describe(method)


class AnalysisChanges(Seen):
    title = serializers.CharField(max_length=160)
    parameters = serializers.DictField()
    sub_cohort = serializers.CharField(required=False, allow_null=True, max_length=40)


class DefinedAnalysis(OneAnalysis, CorrectedItem):
    """Another question makes the answer on record void, and a plan that was signed for the old one."""

    writing = CLINICAL
    changes = AnalysisChanges
    tag = "analyses"

    def correct(self, row: Analysis, changes: dict[str, Any], version: int, reason: str) -> Analysis:
        part = row.subcohort
        if "sub_cohort" in changes:
            part = _part_named(self.user, row.cohort.code, changes["sub_cohort"])
        parameters = changes.get("parameters", row.parameters)
        _check(self.user, row.kind, parameters, part)
        return analysis_redefine(
            analysis=row,
            expected_version=version,
            title=changes.get("title", row.title),
            parameters=parameters,
            subcohort=part,
            by=self.by,
            reason=reason,
        )


class _OfAnalysis(Act):
    writing = CLINICAL
    presenter = AnalysisPresenter
    tag = "analyses"

    def row(self) -> Analysis:
        return access_analysis(self.user, self.kwargs["code"], self.kwargs["slug"])


class RetiredAnalysis(_OfAnalysis):
    """Nobody asks it any more; its results stay."""

    summary = "Retire"

    def act(self, row: Analysis, given: dict[str, Any]) -> Analysis:
        version = self.seen_version(given)
        return analysis_retire(analysis=row, expected_version=version, by=self.by, reason=given["reason"])


class RestoredAnalysis(_OfAnalysis):
    """It is asked again."""

    summary = "Restore"

    def act(self, row: Analysis, given: dict[str, Any]) -> Analysis:
        version = self.seen_version(given)
        return analysis_restore(analysis=row, expected_version=version, by=self.by, reason=given["reason"])


def _part_named(user: User, cohort: str, code: str | None) -> SubCohort | None:
    if not code:
        return None
    return referred("sub_cohort", lambda: access_subcohort(user, cohort, code), _("There is no such sub-cohort."))


def _check(user: User, kind: str, parameters: dict[str, Any], part: SubCohort | None) -> None:
    """A kind expects the shapes that its form makes; a program may send any."""
    asked = kind_of(kind)
    try:
        asked.check(parameters)
        domains = {*asked.request(parameters).domains(), *(part.domains() if part else ())}
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        said = str(error) if isinstance(error, ValueError) else _("These are no parameters of this kind.")
        raise ValidationError({"parameters": said}) from error
    refuse_blinded(user, domains, "parameters")
