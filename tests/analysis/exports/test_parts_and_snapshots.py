"""An export of a sub-cohort holds its members in every table; one of a snapshot holds the data as they were."""

from datetime import date

import pytest

from analysis.engine.execution import run_stale
from analysis.exports.errors import ExportRefused
from analysis.exports.plan import make_plan
from analysis.exports.profiles import Profile
from analysis.snapshots.services import snapshot_make
from analysis.subcohorts.services import subcohort_define
from labs.ihc.services import read_correct
from registry.patients.services import enrolment_withdraw
from registry.people.models import User
from tests.analysis.exports.fixtures import Bundle, made, wish
from tests.analysis.fixtures import Scored, define_pfs
from tests.registry.fixtures import BY

pytestmark = pytest.mark.django_db

READY, SPECIMENS = "analysis-ready", "labs.specimen"


@pytest.fixture(autouse=True)
def bundles_go_to_a_folder_of_their_own(tmp_path_factory: pytest.TempPathFactory, settings: object) -> None:
    settings.EXPORTS_ROOT = tmp_path_factory.mktemp("exports")  # type: ignore[attr-defined]  # pytest-django's


@pytest.mark.parametrize("profile", [Profile.LIMITED, Profile.IDENTIFIED])
def test_of_a_sub_cohort_every_table_holds_its_members_alone(scored: Scored, ada: User, profile: Profile) -> None:
    high = [{"variable": "ihc:FAP@tumour", "operator": "above", "bounds": [6]}]
    subcohort_define(cohort=scored.cohort, code="high", name="FAP high", conditions=high, by=BY)
    asked = wish(scored.cohort, profile, is_ready=True, tables=(SPECIMENS,), part="high")
    bundle = Bundle(made(ada, asked))
    wanted = {read.stain.specimen.patient.study_number for read in scored.reads[::2]}
    assert {row["patient"] for row in bundle.rows(READY)} == wanted
    assert len(bundle.rows("labs-specimen")) == len(wanted) == 12
    assert bundle.manifest["filter"]["sub_cohort"] == "high"
    with pytest.raises(ExportRefused, match="sub-cohort is not there"):
        make_plan(ada, wish(scored.cohort, profile, is_ready=True, part="low"), "default")


def test_of_a_snapshot_the_values_are_those_of_its_day_and_whoever_left_is_gone(scored: Scored, ada: User) -> None:
    define_pfs(scored.cohort)
    run_stale("test")
    snapshot = snapshot_make(cohort=scored.cohort, name="Draft 1", purpose="a paper", by=BY)
    low, gone = scored.reads[1], scored.reads[0].stain.specimen.patient.enrolments.get()
    read_correct(read=low, intensity=3, percent=90, by=BY, reason="slides were swapped")
    enrolment_withdraw(enrolment=gone, on=date(2024, 1, 1), why="asked to", by=BY)
    run_stale("test")
    asked = wish(scored.cohort, Profile.LIMITED, is_ready=True, tables=(), version=f"snapshot-{snapshot.pk}")
    bundle = Bundle(made(ada, asked))
    rows = {row["patient"]: row for row in bundle.rows(READY)}
    number = low.stain.specimen.patient.study_number
    assert len(rows) == 23
    assert gone.patient.study_number not in rows
    assert float(rows[number]["ihc_FAP_tumour"]) == 2
    assert rows[number]["group_pfs_fap"] == "low"
    assert float(rows[number]["PFS_months"]) > 0
    assert bundle.manifest["version"]["snapshot"] == "Draft 1"
    with pytest.raises(ExportRefused, match="analysis-ready table only"):
        make_plan(ada, wish(scored.cohort, Profile.LIMITED, tables=(SPECIMENS,), version=asked.version), "default")
