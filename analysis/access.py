from django.http import Http404

from analysis.engine.models import Analysis
from analysis.reports.models import Report
from registry.cohorts.access import access_cohort, visible_cohorts
from registry.people.models import User


def access_analysis(user: User, cohort_code: str, slug: str) -> Analysis:
    cohort = access_cohort(user, cohort_code)
    analysis = Analysis.objects.select_related("cohort", "current").filter(cohort=cohort, slug=slug).first()
    if analysis is None:
        raise Http404
    return analysis


def access_report(user: User, pk: int) -> Report:
    report = Report.objects.select_related("cohort").filter(pk=pk, cohort__in=visible_cohorts(user)).first()
    if report is None:
        raise Http404
    return report
