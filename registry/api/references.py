"""What an entry names by its code, found through the same gates as the page of it."""

from django.http import Http404
from django.utils.translation import gettext as _

from registry.api.serializers import referred
from registry.cohorts.access import access_cohort, visible_sites
from registry.cohorts.models import Cohort
from registry.patients.access import access_patient
from registry.patients.models import Patient
from registry.people.models import Site, User


def patient_named(user: User, study_number: str) -> Patient:
    message = _("There is no patient with this study number.")
    return referred("patient", lambda: access_patient(user, study_number), message)


def cohort_named(user: User, code: str) -> Cohort:
    return referred("cohort", lambda: access_cohort(user, code), _("There is no cohort with this code."))


def site_named(user: User, code: str) -> Site:
    def find() -> Site:
        site = visible_sites(user).filter(code=code).first()
        if site is None:
            raise Http404
        return site

    return referred("site", find, _("There is no site with this code."))
