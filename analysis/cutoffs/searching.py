"""Defining the search for the best cutoff that goes with an analysis."""

from django.utils.text import slugify
from django.utils.translation import gettext as _

from analysis.cutoffs.picking import search_parameters
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_define
from analysis.kinds.cutoff_preview import Marker
from registry.log.actors import Actor

LONGEST_SLUG = 60


def search_define(*, analysis: Analysis, marker: Marker, by: Actor) -> Analysis:
    """A new analysis of kind cutpoint; another of that name with another question stays as it is."""
    parameters = search_parameters(analysis, marker.name)
    target = marker.endpoint or marker.case
    stem = slugify(f"best-cutoff-{marker.label}-{target}")[: LONGEST_SLUG - 3]
    taken = dict(
        Analysis.objects.filter(cohort=analysis.cohort, slug__startswith=stem).values_list("slug", "parameters")
    )
    names = [stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))]
    slug = next(name for name in names if taken.get(name, parameters) == parameters)
    title = _("The best cutoff of %(marker)s for %(target)s") % {"marker": marker.label, "target": target}
    return analysis_define(
        cohort=analysis.cohort, slug=slug, title=title, kind="cutpoint", parameters=parameters, by=by
    )
