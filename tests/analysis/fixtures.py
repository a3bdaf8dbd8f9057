"""A small cohort with a marker that splits PFS, and the analyses of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from analysis.cutoffs.services import cutoff_declare
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_define
from labs.ihc.models import Read
from labs.ihc.services import read_record
from labs.markers.services import marker_set, stain_create
from labs.specimens.services import specimen_create
from registry.clinical.services import follow_up_add, outcome_event_add
from registry.cohorts.models import Cohort
from registry.log.recording import recording
from tests.registry.fixtures import BY, RESECTED, enrol, make_cohort
from tests.registry.people import site

Define = Callable[..., Analysis]


@dataclass(frozen=True)
class Scored:
    cohort: Cohort
    reads: list[Read]


def scored_cohort(cohort: Cohort, patients: int = 24, marker: str = "FAP") -> Scored:
    """Half of the patients score 12 and recur early, half score 2 and recur late; every fifth is censored."""
    # One write, as an import is one: a stream is bumped once.
    with recording(BY):
        fap = marker_set(code=marker, name=marker, scale="score", by=BY)
        reads = []
        for number in range(patients):
            is_high = number % 2 == 0
            enrolment = enrol(cohort, f"S-{number:03d}")
            days = (100 if is_high else 300) + 7 * number
            day = RESECTED + timedelta(days=days)
            if number % 5:
                outcome_event_add(patient=enrolment.patient, kind="recurrence", day=day, by=BY)
            else:
                follow_up_add(patient=enrolment.patient, day=day, by=BY)
            specimen = specimen_create(
                patient=enrolment.patient, code=f"T-{number:03d}", kind="tumour", collected=RESECTED, by=BY
            )
            stain = stain_create(specimen=specimen, marker=fap, by=BY)
            percent = 90 if is_high else 40
            reads.append(read_record(stain=stain, reader="bob", intensity=3 if is_high else 1, percent=percent, by=BY))
    return Scored(cohort, reads)


def define_pfs(cohort: Cohort, marker: str = "FAP", slug: str = "", cutoff: float | str = "registered") -> Analysis:
    variable = f"ihc:{marker}@tumour"
    if cutoff == "registered":
        cutoff_declare(cohort=cohort, variable=variable, value=6, status="registered", source="protocol", by=BY)
    return analysis_define(
        cohort=cohort,
        slug=slug or f"pfs-{marker.lower()}",
        title=f"PFS by {marker}",
        kind="survival",
        parameters={"endpoint": "PFS", "marker": variable, "cutoff": cutoff},
        by=BY,
    )


@pytest.fixture(scope="module")
def scored_once(lasting: None) -> Scored:
    """For a module that asks by `usefixtures`: each of its tests begins with the same cohort, scored once for all."""
    return scored_cohort(make_cohort(site("HEB")))


@pytest.fixture
def scored(request: pytest.FixtureRequest, a_cohort: Cohort) -> Scored:
    if "scored_once" not in request.fixturenames:
        return scored_cohort(a_cohort)
    kept: Scored = request.getfixturevalue("scored_once")
    rows = Read.objects.select_related("stain__specimen__patient", "stain__marker").in_bulk(
        read.pk for read in kept.reads
    )
    return Scored(a_cohort, [rows[read.pk] for read in kept.reads])


@pytest.fixture
def pfs_by_fap(scored: Scored) -> Analysis:
    return define_pfs(scored.cohort)
