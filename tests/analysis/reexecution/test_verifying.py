"""verify_results: what no longer reproduces is named, and the command's exit says so."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis, Result, StoredFrame
from analysis.reexecution.selectors import last_verification
from labs.ihc.services import read_correct
from tests.analysis.fixtures import Scored
from tests.registry.fixtures import BY

pytestmark = pytest.mark.django_db


def verified(*options: str) -> tuple[int, dict[str, Any]]:
    out, status = StringIO(), 0
    try:
        call_command("verify_results", "--json", *options, stdout=out)
    except SystemExit as end:
        status = int(end.code or 0)
    return status, json.loads(out.getvalue())


def test_what_was_forged_is_named_and_the_exit_is_not_zero(scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    first = pfs_by_fap.results.get()
    assert last_verification() is None
    status, found = verified()
    assert (status, found["results"], found["equal"], found["faults"]) == (0, 1, 1, 0)

    read_correct(read=scored.reads[2], intensity=1, percent=20, by=BY, reason="wrong slide")
    run_stale("test")
    Result.objects.filter(pk=first.pk).update(output=first.output.replace('"df":1', '"df":2'))
    # An old result is not a present one.
    assert verified()[0] == 0
    status, found = verified("--all", "--cohort", "resection")
    assert (status, found["equal"], found["faults"]) == (1, 1, 1)
    (detail,) = found["details"]
    assert (detail["verdict"], detail["differences"]) == (
        "unexplained",
        [{"path": "logrank.df", "stored": 2, "now": 1}],
    )

    StoredFrame.objects.filter(pk=first.frame_id).update(packed=StoredFrame.pack(b"{}"))
    status, found = verified()
    assert status == 1
    assert [detail["fingerprint"] for detail in found["details"]] == [first.frame_id]
    kept = last_verification()
    assert kept is not None
    assert not kept.is_well
