"""The only ways from a request to a cohort. The answer to a stranger is the answer to a wrong code."""

from django.db.models import QuerySet
from django.http import Http404

from registry.cohorts.models import Cohort
from registry.people.models import Site, User


def visible_sites(user: User) -> QuerySet[Site]:
    own = user.sites.all()
    return own if own.exists() else Site.objects.all()


def visible_cohorts(user: User) -> QuerySet[Cohort]:
    return Cohort.objects.filter(retired_reason="", site__in=visible_sites(user)).select_related("site")


def access_cohort(user: User, code: str) -> Cohort:
    cohort = visible_cohorts(user).filter(code=code).first()
    if cohort is None:
        raise Http404
    return cohort
