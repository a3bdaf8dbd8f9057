"""The only ways from a request to a sub-cohort: who reads a marker blind does not see who is high in it."""

from django.http import Http404

from analysis.subcohorts.models import SubCohort
from labs.rounds.blinding import blinded_domains
from registry.cohorts.access import access_cohort
from registry.cohorts.models import Cohort
from registry.people.models import User


def visible_subcohorts(user: User, cohort: Cohort) -> list[SubCohort]:
    hidden = blinded_domains(user)
    found = SubCohort.objects.valid().filter(cohort=cohort).select_related("cohort")
    return [subcohort for subcohort in found if not subcohort.domains() & hidden]


def access_subcohort(user: User, cohort_code: str, code: str) -> SubCohort:
    cohort = access_cohort(user, cohort_code)
    for subcohort in visible_subcohorts(user, cohort):
        if subcohort.code == code:
            return subcohort
    raise Http404
