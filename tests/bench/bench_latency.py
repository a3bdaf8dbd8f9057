"""From the return of a save to the moment when every analysis of the cohort is fresh again, with a real worker."""

import json
import statistics

from tests.services.stack import Stack

SAVES = 40
CORRECTIONS = f"""
import json, sys, time
from analysis.engine.freshness import stale
from analysis.engine.models import Analysis
from labs.ihc.models import Read
from labs.ihc.services import read_correct
from registry.log.actors import Actor

def wait_until_fresh():
    began = time.perf_counter()
    while stale(Analysis.objects.all()).exists():
        if time.perf_counter() - began > 120:
            sys.exit("not fresh after two minutes")
        time.sleep(0.005)
    return time.perf_counter() - began

wait_until_fresh()
seconds = []
reads = list(Read.objects.current().filter(intensity__gte=1, percent__isnull=False).order_by("pk")[:{SAVES}])
for read in reads:
    percent = 90 if read.percent <= 50 else 10
    read_correct(read=read, intensity=read.intensity, percent=percent, by=Actor.system("bench"), reason="measuring")
    seconds.append(wait_until_fresh())
print(json.dumps(seconds))
"""


def bench_from_a_save_to_fresh(demo_stack: Stack) -> None:
    demo_stack.start("broker", "worker", "beat")
    seconds = sorted(json.loads(demo_stack.python(CORRECTIONS)))
    assert len(seconds) == SAVES
    p95 = statistics.quantiles(seconds, n=20)[-1]
    median = statistics.median(seconds)
    print(f"\n{demo_stack.database:8} save to fresh: median {median:.2f} s   p95 {p95:.2f} s   ({SAVES} saves)")
