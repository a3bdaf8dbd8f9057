"""Whether a configuration can be asked of a cohort as it is now, before anybody waits for a worker to say no."""

from collections.abc import Container

from django.utils.translation import gettext as _

from analysis.datasets.planning import planned, wish_of
from analysis.datasets.selectors import current_datasets
from analysis.discovery.errors import DiscoveryError
from analysis.frames.building import build_frame
from analysis.frames.variables import SPECIMEN_SOURCES
from registry.cohorts.models import Cohort

_START = """# Each step has a name, a method and its inputs: data sets by name, data of the cohort, or earlier steps.
# Data sets here: {datasets}
#
# [data.tumours]
# kind = "cohort-expression"
#
# [data.fap]
# kind = "cohort-groups"
# variable = "ihc:FAP@tumour"
# above = 6
#
# [[steps]]
# name = "by-fap"
# method = "limma"
# expression = "tumours"
# groups = "fap"
# case = "high"
# control = "low"
# log = true
"""


def starting_point(cohort: Cohort) -> str:
    """What stands in the form before anything was asked: comments, which ask nothing."""
    found = [f"{name} ({dataset.kind})" for name, dataset in current_datasets(cohort).items()]
    return _START.format(datasets=", ".join(found) or "none yet")


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
