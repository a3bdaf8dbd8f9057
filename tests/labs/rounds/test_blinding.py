"""A reader of an open round is blind to its markers wherever they are read, whatever else the login may do."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from analysis.engine.execution import run_stale
from analysis.reports.services import request_report, run_waiting
from labs.rounds.adjudicating import adjudication_start
from labs.rounds.blinding import blinded_markers
from labs.rounds.closing import round_close
from labs.rounds.models import Round
from labs.wetlab.services import blot_record
from registry.cohorts.models import Cohort
from registry.log.access import visible_changes
from registry.people.models import User
from registry.people.roles import Role
from registry.people.services import role_grant
from tests.analysis.fixtures import define_pfs, scored_cohort
from tests.labs.rounds.fixtures import Reading, proof_of, read_everything, reading
from tests.registry.fixtures import BY
from tests.registry.people import client_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(a_cohort: Cohort) -> Reading:
    return reading(a_cohort, patients=2)


@pytest.fixture
def reader(made: Reading) -> User:
    """Ben, who may do everything besides."""
    return with_every_role(made.second)


@pytest.fixture
def other(made: Reading) -> User:
    return person(*Role, username="everything")


def with_every_role(user: User) -> User:
    for role in set(Role) - user.roles:
        role_grant(user=user, role=role, by=BY)
    return User.objects.get(pk=user.pk)


def close(made: Reading, by: User) -> Round:
    """A round that is read."""
    made.round.refresh_from_db()
    started = adjudication_start(round=made.round, expected_version=made.round.version, by=BY)
    return round_close(round=started, expected_version=started.version, proof=proof_of(by))


def text(client: Client, url: str) -> str:
    return str(client.get(url).content.decode())


def exported(user: User, table: str) -> list[dict[str, str]]:
    answer: Any = client_of(user).post("/export/", {"table": table, "file_format": "csv", "purpose": "test"})
    if not answer.streaming:
        return []
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def test_a_reader_is_blind_from_opening_to_close(a_cohort: Cohort) -> None:
    draft = reading(a_cohort, patients=1, is_open=False, code="R1")
    assert blinded_markers(draft.first) == frozenset()
    opened = reading(a_cohort, patients=1, code="R3")
    assert blinded_markers(opened.first) == {"FAP", "CD206"}
    assert blinded_markers(person(Role.PATHOLOGIST, username="cleo")) == frozenset()
    read_everything(opened, discordant=0)
    close(opened, person(*Role, username="everything"))
    assert blinded_markers(opened.first) == frozenset()


def test_the_stain_of_a_round_answers_its_reader_like_a_wrong_number(made: Reading, reader: User, other: User) -> None:
    stain = made.slides("FAP")[0].stain
    for url in (f"/ihc/{stain.pk}/", f"/ihc/{stain.pk}/history/", f"/stains/{stain.pk}/retire/"):
        assert client_of(reader).get(url).status_code == 404
        assert client_of(other).get(url).status_code in (200, 302)
    listed = text(client_of(reader), "/ihc/")
    assert stain.specimen.code not in listed
    assert stain.specimen.code in text(client_of(other), "/ihc/")


def test_specimen_and_patient_pages_leave_the_marker_out(made: Reading, reader: User, other: User) -> None:
    stain = made.slides("FAP")[0].stain
    blot = blot_record(
        specimen=stain.specimen, marker=stain.marker, gel="GEL-7", loading_control="ACTB", ratio=2, by=BY
    )
    patient = stain.specimen.patient
    for url in (f"/specimens/{stain.specimen.pk}/", f"/patients/{patient.study_number}/"):
        assert "GEL-7" in text(client_of(other), url) or "FAP" in text(client_of(other), url)
        page = text(client_of(reader), url)
        assert "GEL-7" not in page
        assert "FAP" not in page
    assert client_of(other).get(f"/results/blots/{blot.pk}/").status_code == 200
    for url in (f"/results/blots/{blot.pk}/", f"/results/blots/{blot.pk}/correct/"):
        assert client_of(reader).get(url).status_code == 404


def test_a_reader_enters_no_blot_of_the_marker(made: Reading, reader: User) -> None:
    stain = made.slides("FAP")[0].stain
    given = {"marker": stain.marker.pk, "gel": "G", "loading_control": "ACTB", "ratio": "1"}
    page = client_of(reader).post(f"/specimens/{stain.specimen.pk}/blots/new/", given).content.decode()
    assert "Select a valid choice" in page


def test_nobody_reads_the_log_of_an_open_round(made: Reading, other: User) -> None:
    read_everything(made, discordant=0)
    assert not visible_changes(other).filter(subject_type="read").exists()
    assert not visible_changes(other).filter(domain=f"round/{made.round.code}").exists()
    close(made, other)
    assert visible_changes(other).filter(subject_type="read").exists()


def test_no_export_holds_a_round_that_is_not_closed(made: Reading, other: User) -> None:
    read_everything(made, discordant=0)
    for table in ("labs.read", "labs.assignment", "labs.slide"):
        assert exported(other, table) == []
    assert all(row["domain"] != f"round/{made.round.code}" for row in exported(other, "registry.change"))
    close(made, other)
    assert len(exported(other, "labs.read")) == 8
    assert "draft" not in exported(other, "labs.assignment")[0]
    assert "seed" not in exported(other, "labs.round")[0]


def test_a_reader_exports_nothing(made: Reading, reader: User, other: User) -> None:
    assert exported(reader, "registry.patient") == []
    assert "Nothing is exported under your login" in text(client_of(reader), "/export/")
    assert exported(other, "registry.patient")


def test_another_round_of_the_marker_is_closed_to_its_reader_too(made: Reading, reader: User, other: User) -> None:
    second = reading(made.round.cohort, patients=1, code="R9", is_open=False)
    for duty in second.round.readers.all():
        assert duty.reader != reader or client_of(reader).get("/rounds/R9/").status_code == 404
    assert client_of(other).get("/rounds/R9/").status_code == 200


def test_analyses_reports_and_cutoffs_of_the_marker_are_not_there(a_cohort: Cohort) -> None:
    scored_cohort(a_cohort)
    analysis = define_pfs(a_cohort)
    run_stale("test")
    report = request_report(cohort=a_cohort, trigger="manual", requested_by="somebody")
    run_waiting()
    made = reading(a_cohort, patients=1)
    reader, other = with_every_role(made.second), person(*Role, username="everything")
    address = analysis.get_absolute_url()
    urls = [address, *(f"{address}{part}/" for part in ("freshness", "answer", "facts")), f"/reports/{report.pk}/"]
    for url in urls:
        assert client_of(other).get(url).status_code == 200, url
        assert client_of(reader).get(url).status_code == 404, url
    for url in ("/analyses/", "/", f"/cohorts/{a_cohort.code}/", "/reports/", "/admin/analysis/analysis/"):
        assert analysis.title not in text(client_of(reader), url), url
    assert "ihc:FAP" in text(client_of(other), "/admin/analysis/cutoff/")
    assert "ihc:FAP" not in text(client_of(reader), "/admin/analysis/cutoff/")


def test_a_report_does_not_tell_what_happened_inside_a_round(made: Reading, other: User) -> None:
    made.read(made.first, made.slides()[0], intensity=2, percent=40)
    report = request_report(cohort=made.round.cohort, trigger="manual", requested_by="somebody")
    run_waiting()
    report.refresh_from_db()
    domains = {row["domain"] for row in report.content_values["data"]["counts"]}
    assert domains
    assert f"round/{made.round.code}" not in domains
