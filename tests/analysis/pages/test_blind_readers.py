"""Whoever reads a marker blind sees no analysis of it and no report; everybody else sees what an analysis waits for."""

from datetime import timedelta

import pytest

from analysis.engine.execution import run_stale
from analysis.reports.services import request_report
from analysis.riskmodels.services import risk_model_register
from analysis.riskmodels.validating import validations_define
from registry.clinical.services import follow_up_add
from registry.cohorts.models import Cohort
from registry.people.models import User
from registry.people.roles import Role
from tests.analysis.fixtures import Scored, define_pfs
from tests.labs.rounds.fixtures import reading
from tests.registry.fixtures import BY, RESECTED
from tests.registry.people import client_of, person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]
PAGE = "/cohorts/resection/analyses/pfs-fap/"
ADDRESSES = ["", "facts/", "answer/", "freshness/", "result.json", "rows.csv", "figures/km.svg"]
ADDRESSES += ["definition/", "history/", "retirement/", "plan/"]


@pytest.fixture
def blind_investigator(a_cohort: Cohort) -> User:
    """An investigator who is also one of the round's readers."""
    made = reading(a_cohort)
    both = person(Role.PATHOLOGIST, Role.INVESTIGATOR, username="both")
    made.round.readers.filter(reader=made.first).update(reader=both)
    return both


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_analysis_of_the_marker_answers_like_a_wrong_name(
    scored: Scored, blind_investigator: User, address: str
) -> None:
    define_pfs(scored.cohort)
    run_stale("test")
    assert client_of(blind_investigator).get(PAGE + address).status_code == 404
    assert signed_in(Role.INVESTIGATOR).get(PAGE + address).status_code == 200


@pytest.mark.parametrize("page", ["/", "/analyses/", "/cohorts/resection/", "/cohorts/resection/feeds/"])
def test_no_list_names_it(scored: Scored, blind_investigator: User, page: str) -> None:
    define_pfs(scored.cohort)
    run_stale("test")
    assert "PFS by FAP" not in client_of(blind_investigator).get(page).content.decode()


@pytest.mark.parametrize("kind", ["survival", "cox", "decision", "wet_lab"])
def test_no_form_of_a_definition_offers_the_marker(scored: Scored, blind_investigator: User, kind: str) -> None:
    define_pfs(scored.cohort)
    page = f"/cohorts/resection/define/{kind}/"
    offered = "FAP" in signed_in(Role.INVESTIGATOR).get(page).content.decode().replace("PFS by FAP", "")
    assert offered or kind == "wet_lab"  # nobody has blotted it
    assert "FAP" not in client_of(blind_investigator).get(page).content.decode().replace("PFS by FAP", "")


def test_a_report_is_closed_to_a_blind_reader(scored: Scored, blind_investigator: User) -> None:
    report = request_report(cohort=scored.cohort, trigger="person", requested_by="alice")
    client = client_of(blind_investigator)
    assert client.get(f"/reports/{report.pk}/").status_code == 404
    assert client.post("/cohorts/resection/report/").status_code == 404
    for part in ("report.json", "report.pdf", "figures/1.svg"):
        assert client.get(f"/reports/{report.pk}/{part}").status_code == 404
    page = client.get("/reports/").content.decode()
    assert "Closed to you for now" in page and f"/reports/{report.pk}/" not in page


def test_an_analysis_says_which_round_it_waits_for_and_how_far_that_is(scored: Scored) -> None:
    made = reading(scored.cohort)
    for slide in made.slides("FAP"):
        follow_up_add(patient=slide.stain.specimen.patient, day=RESECTED + timedelta(days=200), by=BY)
    analysis = define_pfs(scored.cohort)
    run_stale("test")
    one = made.slides("FAP")[0]
    for user in (made.first, made.second):
        made.read(user, one, intensity=1, percent=10)
    assert "FAP: waiting for round R2 (1 of 4)." in signed_in(Role.INVESTIGATOR).get(PAGE).content.decode()
    analysis.refresh_from_db()
    assert analysis.current is not None
    left_out = [row["reason"] for row in analysis.current.provenance_values["left_out"]]
    assert left_out == ["no value of FAP: waiting for round R2"] * 4


def test_no_model_of_the_marker_is_shown_or_offered(scored: Scored, blind_investigator: User) -> None:
    terms = [{"name": "FAP", "coefficient": 2.0, "variable": "ihc:FAP@tumour", "unit": ""}]
    risk_model_register(code="own", number=1, title="Own score", terms=terms, unit="", source="test", by=BY)
    validations_define()
    blind, open_eyed = client_of(blind_investigator), signed_in(Role.INVESTIGATOR)
    for page in ("/models/", "/cohorts/resection/define/validation/"):
        assert "Own score" in open_eyed.get(page).content.decode()
        assert "Own score" not in blind.get(page).content.decode()
    assert open_eyed.get("/models/own/1/").status_code == 200
    assert blind.get("/models/own/1/").status_code == 404
