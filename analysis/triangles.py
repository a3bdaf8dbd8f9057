"""The wet-lab triangles of a cohort: which markers could have one, which have, and defining one."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from analysis.access import visible_analyses
from analysis.engine.freshness import Freshness, freshness_of
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_define
from analysis.kinds.wet_lab import WET_LAB
from labs.rounds.blinding import blinded_markers
from labs.wetlab.coverage import Coverage, wet_lab_coverage
from registry.cohorts.access import visible_cohorts
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.people.models import User


@dataclass(frozen=True)
class Triangle:
    coverage: Coverage
    analysis: Analysis | None
    freshness: Freshness | None


def triangles_of(user: User) -> list[dict[str, Any]]:
    """By cohort; a marker that the user is reading blind is not there."""
    hidden = blinded_markers(user)
    analyses = visible_analyses(user).filter(kind=WET_LAB.code)
    cohorts = [
        {"cohort": cohort, "triangles": _of_cohort(cohort, analyses.filter(cohort=cohort), hidden)}
        for cohort in visible_cohorts(user)
    ]
    return [row for row in cohorts if row["triangles"]]


def _of_cohort(cohort: Cohort, analyses: QuerySet[Analysis], hidden: frozenset[str]) -> list[Triangle]:
    defined = {analysis.parameters["marker"]: analysis for analysis in analyses}
    covered = {coverage.marker: coverage for coverage in wet_lab_coverage(cohort)}
    markers = sorted({*covered, *defined} - hidden)
    return [_triangle(covered.get(marker) or Coverage(marker), defined.get(marker)) for marker in markers]


def _triangle(coverage: Coverage, analysis: Analysis | None) -> Triangle:
    return Triangle(coverage, analysis, freshness_of(analysis) if analysis else None)


def may_define(user: User, cohort: Cohort, marker: str) -> bool:
    """Markers that were blotted or amplified in the cohort and that the user is not reading blind."""
    return marker in {row.marker for row in wet_lab_coverage(cohort)} - blinded_markers(user)


def triangle_define(*, cohort: Cohort, marker: str, by: Actor) -> Analysis:
    """The triangle of the marker; one that is there already stays as it is."""
    found = Analysis.objects.in_use().filter(cohort=cohort, kind=WET_LAB.code)
    known = next((analysis for analysis in found if analysis.parameters["marker"] == marker), None)
    if known:
        return known
    slug = f"wet-lab-{slugify(marker.replace('.', '-'))}"
    taken = set(Analysis.objects.filter(cohort=cohort, slug__startswith=slug).values_list("slug", flat=True))
    free = next(name for name in (slug, *(f"{slug}-{n}" for n in range(2, len(taken) + 3))) if name not in taken)
    return analysis_define(
        cohort=cohort,
        slug=free,
        title=_("%(marker)s by IHC, Western blot and qPCR") % {"marker": marker},
        kind=WET_LAB.code,
        parameters={"marker": marker},
        by=by,
    )
