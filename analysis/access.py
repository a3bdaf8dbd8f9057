"""The only ways from a request to an analysis or a report. What a reader is blind to answers like a wrong address."""

from django.db.models import QuerySet
from django.http import Http404

from analysis.alerts.models import Alert
from analysis.engine.models import Analysis, Run
from analysis.frames.variables import SPECIMEN_SOURCES
from analysis.reports.models import Report
from analysis.riskmodels.models import RiskModel
from analysis.snapshots.models import Snapshot
from labs.rounds.blinding import blinded_markers
from registry.cohorts.access import access_cohort, visible_cohorts
from registry.cohorts.models import Cohort
from registry.people.models import User


def visible_analyses(user: User) -> QuerySet[Analysis]:
    """Those on lists, in reports and on dashboards: a retired one is reached by its own address only."""
    return _seen_by(user).filter(retired_reason="")


def retired_analyses(user: User) -> QuerySet[Analysis]:
    return _seen_by(user).exclude(retired_reason="")


def _seen_by(user: User) -> QuerySet[Analysis]:
    analyses: QuerySet[Analysis] = Analysis.objects.filter(cohort__in=visible_cohorts(user)).select_related(
        "cohort", "current", "subcohort__cohort"
    )
    if blind := blinded_markers(user):
        # What a blot says of a tissue would bias its read as well.
        hidden = [f"{source}/{marker}" for marker in blind for source in SPECIMEN_SOURCES]
        analyses = analyses.exclude(inputs__stream__domain__in=hidden)
    return analyses


def access_analysis(user: User, cohort_code: str, slug: str) -> Analysis:
    cohort = access_cohort(user, cohort_code)
    analysis = _seen_by(user).filter(cohort=cohort, slug=slug).first()
    if analysis is None:
        raise Http404
    return analysis


def visible_runs(user: User) -> QuerySet[Run]:
    runs = Run.objects.filter(analysis__in=visible_analyses(user))
    return runs.select_related("analysis__cohort", "analysis__current", "result__frame")


def access_run(user: User, pk: int) -> Run:
    """A run goes where its analysis goes: what was computed before a round opened is as hidden as what comes after."""
    run = visible_runs(user).filter(pk=pk).first()
    if run is None:
        raise Http404
    return run


def visible_models(user: User) -> list[RiskModel]:
    """A model of a marker tells how it goes with the outcome: not for whoever reads that marker blind."""
    blind = blinded_markers(user)
    found = RiskModel.objects.select_related("developed_in", "result").order_by("code", "-number")
    return [model for model in found if not blind & set(model.markers())]


def access_model(user: User, code: str, number: int) -> RiskModel:
    found = next((model for model in visible_models(user) if (model.code, model.number) == (code, number)), None)
    if found is None:
        raise Http404
    return found


def visible_alerts(user: User) -> QuerySet[Alert]:
    """Those of the analyses that the user may see: a sentence names what it was computed from."""
    alerts = Alert.objects.filter(analysis__in=visible_analyses(user))
    return alerts.select_related("analysis__cohort", "analysis__subcohort", "movement__before", "movement__after")


def access_alert(user: User, pk: int) -> Alert:
    alert = visible_alerts(user).filter(pk=pk).first()
    if alert is None:
        raise Http404
    return alert


def may_see_reports(user: User) -> bool:
    """A report tells of all analyses, and of everything that was written: not for whoever reads slides blind."""
    return not blinded_markers(user)


def visible_reports(user: User) -> QuerySet[Report]:
    reports = Report.objects.filter(cohort__in=visible_cohorts(user)).select_related("cohort")
    return reports if may_see_reports(user) else reports.none()


def access_report(user: User, pk: int) -> Report:
    report = visible_reports(user).filter(pk=pk).first()
    if report is None:
        raise Http404
    return report


def visible_snapshots(user: User) -> QuerySet[Snapshot]:
    """A snapshot holds every variable and every answer: like a report, not for whoever reads slides blind."""
    snapshots = Snapshot.objects.filter(cohort__in=visible_cohorts(user)).select_related("cohort", "retirement")
    return snapshots if may_see_reports(user) else snapshots.none()


def access_snapshot(user: User, pk: int) -> Snapshot:
    snapshot = visible_snapshots(user).filter(pk=pk).first()
    if snapshot is None:
        raise Http404
    return snapshot


def access_reported_cohort(user: User, code: str) -> Cohort:
    """A cohort whose reports and snapshots the user may ask for."""
    if not may_see_reports(user):
        raise Http404
    return access_cohort(user, code)
