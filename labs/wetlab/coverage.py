"""How much there is of each marker in tumour and adjacent normal tissue, by method: specimens, never results."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet

from labs.markers.models import Stain
from labs.specimens.models import SpecimenKind
from labs.wetlab.models import BlotRatio, FoldChange
from registry.cohorts.models import Cohort

METHODS = ("ihc", "blot", "qpcr")
TISSUES = (SpecimenKind.TUMOUR, SpecimenKind.NORMAL)


@dataclass
class Coverage:
    """Numbers of specimens by (method, kind of tissue)."""

    marker: str
    counts: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def methods(self) -> list[tuple[str, int, int]]:
        """Method with its numbers of tumour and of adjacent normal tissues."""
        return [
            (
                method,
                self.counts.get((method, SpecimenKind.TUMOUR), 0),
                self.counts.get((method, SpecimenKind.NORMAL), 0),
            )
            for method in METHODS
        ]


def wet_lab_coverage(cohort: Cohort) -> list[Coverage]:
    """Markers with a blot or a fold change in the cohort; of IHC the stains count, whether or not they were read."""
    found: dict[str, Coverage] = defaultdict(lambda: Coverage(""))
    # The stains last: which markers are on the list is up to the others.
    sources: dict[str, QuerySet[Any]] = {
        "blot": BlotRatio.objects.current(),
        "qpcr": FoldChange.objects.current(),
        "ihc": Stain.objects.filter(retired_reason=""),
    }
    for method, rows in sources.items():
        for marker, kind, n in _counted(rows, cohort):
            if method == "ihc" and marker not in found:
                continue
            found[marker].marker = marker
            found[marker].counts[method, kind] = n
    return [found[marker] for marker in sorted(found)]


def _counted(
    rows: QuerySet[BlotRatio] | QuerySet[FoldChange] | QuerySet[Stain], cohort: Cohort
) -> list[tuple[str, str, int]]:
    of_cohort = rows.filter(
        specimen__retired_reason="",
        specimen__patient__enrolments__cohort_id=cohort.pk,
        specimen__patient__enrolments__retired_reason="",
        specimen__patient__enrolments__withdrawn_on__isnull=True,
    )
    return list(
        of_cohort.order_by()
        .values("marker__code", "specimen__kind")
        .annotate(n=Count("specimen", distinct=True))
        .values_list("marker__code", "specimen__kind", "n")
    )
