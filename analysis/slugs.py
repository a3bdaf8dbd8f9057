"""Short names of analyses: made from the title, free in the cohort."""

from itertools import count

from django.utils.text import slugify

from analysis.engine.models import Analysis
from registry.cohorts.models import Cohort

# Of the change log, whose codes are "cohort/slug".
_LONGEST_CODE = 80
_LONGEST_SLUG = 60


def free_slug(cohort: Cohort, title: str) -> str:
    """A title that has no Latin letters gives a name by number; a taken name gets a number behind it."""
    longest = min(_LONGEST_SLUG, _LONGEST_CODE - len(cohort.code) - 1)
    wished = slugify(title.replace(".", "-")) or "analysis"
    taken = set(Analysis.objects.filter(cohort=cohort).values_list("slug", flat=True))
    for number in count(1):
        tail = f"-{number}" if number > 1 else ""
        slug = wished[: longest - len(tail)].strip("-_") + tail
        if slug not in taken:
            return slug
    raise AssertionError("there is always a next number")
