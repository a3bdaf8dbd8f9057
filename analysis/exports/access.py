"""The only ways from a request to an export. Somebody else's is seen by whoever may see all of its cohorts."""

from django.db.models import QuerySet
from django.http import Http404

from analysis.exports.models import ExportJob
from registry.cohorts.access import visible_cohorts
from registry.cohorts.models import Cohort
from registry.extensions import hidden_from
from registry.people.models import User


def may_export(user: User) -> bool:
    """Not while reading blind: the numbers of rows alone would tell what others have saved."""
    return not hidden_from(user).no_export


def visible_exports(user: User) -> QuerySet[ExportJob]:
    if not may_export(user):
        return ExportJob.objects.none()
    of_others = ExportJob.cohorts.through.objects.exclude(cohort__in=visible_cohorts(user))
    return (
        ExportJob.objects.exclude(pk__in=of_others.values("exportjob_id"))
        .select_related("asked_by")
        .prefetch_related("cohorts")
    )


def access_export(user: User, pk: int) -> ExportJob:
    job = visible_exports(user).filter(pk=pk).first()
    if job is None:
        raise Http404
    return job


def exports_of_cohort(user: User, cohort: Cohort) -> QuerySet[ExportJob]:
    return visible_exports(user).filter(cohorts=cohort)
