"""Whether a configuration can be asked of a cohort as it is now, before anybody waits for a worker to say no."""

from collections.abc import Container

from django.utils.translation import gettext as _

from analysis.datasets.planning import planned, wish_of
from analysis.discovery.errors import DiscoveryError
from analysis.frames.building import build_frame
from analysis.frames.variables import SPECIMEN_SOURCES
from registry.cohorts.models import Cohort


def check_configuration(text: str, cohort: Cohort, offers: Container[str]) -> None:
    """ValueError says which place makes no sense. A data set that is not there yet is no error: its steps wait for it.

    `offers`: the variables of tissue that whoever asks may see.
    """
    wish = wish_of(text)
    request = wish.request()
    for variable in request.parsed:
        if variable.source in SPECIMEN_SOURCES and variable.name not in offers:
            raise DiscoveryError(_("%(name)s is not known in this cohort.") % {"name": variable.name})
    planned(wish, build_frame(cohort, request, using="default").frame)
