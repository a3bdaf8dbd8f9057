"""The list of triangles and the page of one, through the browser's door."""

import pytest
from django.test import Client

from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from analysis.triangles import triangle_define
from labs.markers.models import Marker
from labs.markers.services import marker_set, stain_create
from labs.specimens.services import specimen_create
from labs.wetlab.coverage import wet_lab_coverage
from labs.wetlab.services import blot_record, blot_retract, fold_change_record
from registry.cohorts.models import Cohort
from registry.patients.services import enrolment_withdraw
from registry.people.models import User
from registry.people.roles import Role
from tests.labs.rounds.fixtures import reading
from tests.registry.fixtures import BY, RESECTED, enrol
from tests.registry.people import client_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def fap(a_cohort: Cohort) -> Marker:
    """Two patients with a Western-blot pair, the first with a fold change too; the second's tumour is the lower one."""
    marker = marker_set(code="FAP", name="FAP", scale="score", by=BY)
    for number, ratio in enumerate((3.0, 0.5)):
        patient = enrol(a_cohort, f"W-{number}").patient
        tumour, normal = (
            specimen_create(patient=patient, code=f"{kind}-{number}", kind=kind, collected=RESECTED, by=BY)
            for kind in ("tumour", "normal")
        )
        stain_create(specimen=tumour, marker=marker, by=BY)
        for specimen, value in ((tumour, ratio), (normal, 1.0)):
            blot_record(specimen=specimen, marker=marker, gel="G1", loading_control="ACTB", ratio=value, by=BY)
        if number == 0:
            fold_change_record(specimen=tumour, marker=marker, fold=2.5, calibrator=normal, by=BY)
    return marker


@pytest.fixture
def client(alice: User) -> Client:
    return client_of(alice)


def page(client: Client, address: str) -> str:
    response = client.get(address, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_coverage_counts_specimens_that_are_in_use(a_cohort: Cohort, fap: Marker) -> None:
    marker_set(code="CD206", name="CD206", scale="fields", by=BY)
    (coverage,) = wet_lab_coverage(a_cohort)
    assert coverage.marker == "FAP"
    assert coverage.methods == [("ihc", 2, 0), ("blot", 2, 2), ("qpcr", 1, 0)]
    blot_retract(blot=fap.blot_ratios.get(specimen__code="normal-1"), by=BY, reason="smear")
    enrolment = a_cohort.enrolments.get(patient__study_number="W-0")
    enrolment_withdraw(enrolment=enrolment, on=RESECTED, why="asked", by=BY)
    (coverage,) = wet_lab_coverage(a_cohort)
    assert coverage.methods == [("ihc", 1, 0), ("blot", 1, 0), ("qpcr", 0, 0)]


def test_a_triangle_is_defined_once_from_the_list_and_answers(client: Client, a_cohort: Cohort, fap: Marker) -> None:
    assert "Define the triangle" in page(client, "/wet-lab/")
    for _ in range(2):
        response = client.post(f"/cohorts/{a_cohort.code}/wet-lab/", {"marker": "FAP"})
        assert response["Location"] == f"/cohorts/{a_cohort.code}/analyses/wet-lab-fap/"
    analysis = Analysis.objects.get(kind="wet_lab")
    assert (analysis.title, analysis.parameters) == ("FAP by IHC, Western blot and qPCR", {"marker": "FAP"})
    assert run_stale("test") == 1
    text = page(client, "/wet-lab/")
    assert "Define the triangle" not in text
    assert "methods agree in direction" in text


def test_the_page_has_pairs_test_reason_directions_and_the_unmatched(
    client: Client, a_cohort: Cohort, fap: Marker
) -> None:
    alone = enrol(a_cohort, "W-7").patient
    specimen = specimen_create(patient=alone, code="alone-7", kind="tumour", collected=RESECTED, by=BY)
    blot_record(specimen=specimen, marker=fap, gel="G1", loading_control="ACTB", ratio=1.4, by=BY)
    analysis = triangle_define(cohort=a_cohort, marker="FAP", by=BY)
    run_stale("test")
    text = page(client, analysis.get_absolute_url())
    for part in (
        'data-state="fresh"',
        "pairs-blot",
        "Wilcoxon signed-rank test, p = 1.00",
        "2 pairs are too few to judge whether the differences are normal",
        "An exact test of so few values cannot go below 0.5.",
        "alone-7",
        "no adjacent normal tissue with a ratio",
        "G1 (ACTB)",
        "lower in tumour",
        "In <strong>1 of 1</strong>",
        "No test: one patient has both tissues, and fold changes against different calibrators are not compared.",
    ):
        assert part in text
    assert client.get(f"{analysis.get_absolute_url()}figures/blot.svg").status_code == 200
    assert "alone-7" in client.get(f"{analysis.get_absolute_url()}rows.csv").content.decode()


def test_a_marker_of_another_cohort_or_none_is_not_defined(client: Client, a_cohort: Cohort, fap: Marker) -> None:
    for marker in ("CD206", "", "no such"):
        response = client.post(f"/cohorts/{a_cohort.code}/wet-lab/", {"marker": marker}, follow=True)
        assert "There is no such marker with a blot or a fold change" in response.content.decode()
    assert not Analysis.objects.exists()


def test_short_names_of_similar_markers_stay_apart(a_cohort: Cohort) -> None:
    names = [triangle_define(cohort=a_cohort, marker=code, by=BY).slug for code in ("A.B", "A-B", "A_B")]
    assert len(set(names)) == 3


def test_a_reader_of_an_open_round_does_not_find_the_marker(a_cohort: Cohort, fap: Marker) -> None:
    both = person(Role.PATHOLOGIST, Role.INVESTIGATOR, username="ann", sites=[a_cohort.site])
    assert "FAP" in page(client_of(both), "/wet-lab/")
    reading(a_cohort)
    assert "FAP" not in page(client_of(both), "/wet-lab/")
    client_of(both).post(f"/cohorts/{a_cohort.code}/wet-lab/", {"marker": "FAP"})
    assert not Analysis.objects.exists()
