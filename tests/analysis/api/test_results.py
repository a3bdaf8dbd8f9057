"""Analyses and reports through the interface: no number without its run and its freshness."""

import pytest

from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from labs.ihc.models import Read
from labs.ihc.services import read_correct
from registry.people.models import User
from tests.registry.api.asking import program_of
from tests.registry.fixtures import BY

pytestmark = pytest.mark.django_db
ONE = "cohorts/resection/analyses/pfs-fap/"


def test_a_result_says_its_run_and_whether_it_still_stands(alice: User, pfs_by_fap: Analysis) -> None:
    program = program_of(alice)
    assert program.get(ONE)["freshness"]["state"] == "waiting"
    assert program.ask("GET", f"{ONE}result/").status_code == 404
    run_stale("test")
    shown = program.get(f"{ONE}result/")
    assert shown["freshness"]["state"] == "fresh"
    assert shown["run"] == shown["freshness"]["run"] is not None
    assert shown["headline"]
    assert len(shown["fingerprint"]) == 64
    read = Read.objects.current().order_by("pk")[0]
    read_correct(read=read, intensity=1, percent=10, by=BY, reason="second look")
    (row,) = program.get("analyses/", cohort="resection")["results"]
    assert (row["freshness"]["state"], row["freshness"]["moved"]) == ("stale", ["ihc/FAP"])
    program.post(f"{ONE}rerun/", status=200)


def test_a_report_is_asked_for_and_read(alice: User, bob: User, pfs_by_fap: Analysis) -> None:
    program = program_of(alice)
    made = program.post("reports/", cohort="resection")
    assert made["state"] == "running"
    assert program.post("reports/", cohort="resection")["id"] == made["id"]
    assert program.get(f"reports/{made['id']}/")["content"] == {}
    assert program.get("reports/", cohort="resection")["count"] == 1
    assert program_of(bob).ask("GET", "reports/").status_code == 403
