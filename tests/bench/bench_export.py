"""An export of measurements: rows per second, and the most memory that the worker ever held, at two sizes.

The larger may not need more than the smaller: what is kept does not grow with the rows.
"""

import json
import os

import pytest

from tests.services.stack import Stack

SIZES = [int(size) for size in os.environ.get("EXPORT_ROWS", "100000,1000000").split(",")]
# Results, straight into the table: what is measured is the way out, not the way in.
FILL = """
from datetime import date, timedelta
from itertools import islice, product
from django.utils import timezone
from labs.models import Analyte, BloodResult, Specimen
from registry.cohorts.services import cohort_create
from registry.log.actors import Actor
from registry.log.recording import recording
from registry.models import Cohort, Enrolment, Patient, Site

DRAWS = 25
by, begun = Actor.system("bench"), date(2020, 1, 1)
site, _new = Site.objects.get_or_create(code="BENCH", defaults={{"name": "Bench"}})
cohort = cohort_create(code="c{rows}", name="c", site=site, index_event="resection", by=by)
analytes = list(Analyte.objects.order_by("pk"))[:20]
people = {rows} // (DRAWS * len(analytes))
numbers = [f"c{rows}-{{number}}" for number in range(people)]
Patient.objects.bulk_create([Patient(study_number=number, site=site, sex="F") for number in numbers])
patients = list(Patient.objects.filter(study_number__startswith="c{rows}-").order_by("pk"))
Enrolment.objects.bulk_create(
    [Enrolment(patient=each, cohort=cohort, index_date=begun, eligibility="eligible") for each in patients]
)
Specimen.objects.bulk_create(
    [
        Specimen(
            patient=each, code=f"{{each.study_number}}-{{draw}}", kind="blood", collected=begun + timedelta(days=draw)
        )
        for each in patients
        for draw in range(DRAWS)
    ],
    batch_size=2000,
)
draws = Specimen.objects.filter(patient__in=Patient.objects.filter(enrolments__cohort=cohort)).order_by("pk")
results = (
    BloodResult(
        specimen_id=draw,
        analyte=analyte,
        value=40.0 + draw % 7,
        entered_value="40",
        entered_unit="g/L",
        recorded_by="bench",
    )
    for draw, analyte in product(draws.values_list("pk", flat=True), analytes)
)
while group := list(islice(results, 5000)):
    BloodResult.objects.bulk_create(group)
print(BloodResult.objects.filter(specimen__in=draws).count())
"""
EXPORT = """
import json, resource, time
from analysis.exports.plan import make_plan
from analysis.exports.services import export_request, run_waiting
from analysis.exports.wish import Wish
from registry.log.actors import Actor
from registry.people.models import User
from registry.people.roles import Role
from registry.people.services import user_create

by = Actor.system("bench")
user = User.objects.filter(username="exporter").first()
user = user or user_create(username="exporter", password=None, roles=[Role.ADMINISTRATOR], sites=[], by=by)
wish = Wish(
    cohorts=("c{rows}",), tables=("labs.bloodresult",), profile="{profile}", formats=("csv", "parquet"),
    purpose="bench", recipient="bench",
)
job = export_request(user=user, wish=wish, plan=make_plan(user, wish, "default"))
began = time.perf_counter()
run_waiting()
seconds = time.perf_counter() - began
job.refresh_from_db()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([job.state + job.error, job.rows_done, job.size, seconds, peak]))
"""


@pytest.mark.parametrize("profile", ["limited", "anonymous"])
def bench_export(stack: Stack, profile: str) -> None:
    peaks = []
    for rows in SIZES:
        assert int(stack.python(FILL.format(rows=rows))) == rows
        state, done, size, seconds, kilobytes = json.loads(stack.python(EXPORT.format(rows=rows, profile=profile)))
        assert (state, done) == ("done", rows)
        peaks.append(kilobytes)
        print(
            f"\n{stack.database:8} {profile:9} {rows:8} rows: {rows / seconds:7.0f} rows/s"
            f"   {size / 1e6:6.1f} MB   peak {kilobytes / 1024:4.0f} MB"
        )
    assert peaks[-1] < 1.25 * peaks[0]
