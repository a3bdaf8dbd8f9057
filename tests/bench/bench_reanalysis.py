"""How many rows an import takes in a second, and how long one cohort-wide reanalysis takes."""

import json

import pytest

from tests.bench import cohorts
from tests.services.stack import Stack

FIRST_RESULTS = "from analysis.engine.execution import run_stale; run_stale('bench')"
REANALYSIS = """
import time
from analysis.engine.reanalysis import reanalyse
from registry.models import Cohort

began = time.perf_counter()
done = reanalyse(Cohort.objects.get(code="bench"), "bench")
print(len(done), time.perf_counter() - began)
"""


@pytest.mark.parametrize("patients", [167, 2_000, 20_000])
def bench_import_and_reanalysis(stack: Stack, patients: int) -> None:
    table, mapping = cohorts.table(stack.folder, patients), cohorts.mapping(stack.folder)
    imported = json.loads(stack.manage("import_cohort", str(table), "--mapping", str(mapping), "--json"))
    assert imported["rows"] == patients
    stack.python(FIRST_RESULTS)
    analyses, seconds = stack.python(REANALYSIS).split()
    assert int(analyses) == len(cohorts.MARKERS)
    print(
        f"\n{stack.database:8} {patients:6} patients: import {patients / imported['seconds']:7.0f} rows/s"
        f"   reanalysis of {analyses} analyses {float(seconds):6.2f} s"
    )
