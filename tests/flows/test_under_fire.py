"""Workers and brokers die at random while corrections come in; at full size with `make soak`."""

import contextlib
import random
import subprocess
import sys
import time

import pytest

from config.launch import ROOT
from tests.flows.test_nothing_is_lost import fresh
from tests.services.processes import start, wait_for
from tests.services.stack import Stack, quick_on

pytestmark = [pytest.mark.services, pytest.mark.soak]

SECONDS = 120
WORKERS = ("worker", "worker-2", "worker-3")
VICTIMS = (*WORKERS, "heavy", "beat")
HEAVY = """
from analysis.engine.services import analysis_define
from registry.log.actors import Actor
from registry.models import Cohort
parameters = {"endpoint": "RFS", "marker": "ihc:MX@tumour", "resamples": 9000}
cohort = Cohort.objects.get(code="made-up")
by = Actor.system("soak")
analysis_define(cohort=cohort, slug="best-x", title="Best cutoff", kind="cutpoint", parameters=parameters, by=by)
"""
CORRECTIONS = """
import time
from labs.ihc.models import Read
from labs.ihc.services import read_correct
from registry.log.actors import Actor
end, number = time.monotonic() + {seconds}, 0
while time.monotonic() < end or number < 5:
    read = Read.objects.current().filter(stain__marker__code="MX").order_by("?").first()
    read_correct(read=read, density=read.density + 1, by=Actor.system("soak"), reason="soak")
    number += 1
print("corrections:", number)
"""


@pytest.mark.parametrize("imported_stack", quick_on("postgres"), indirect=True)
def test_kills_at_random_cost_time_and_nothing_else(imported_stack: Stack, scale: int) -> None:
    stack, chance, seconds = imported_stack, random.Random(7), SECONDS * scale / 50
    stack.python(HEAVY)
    stack.start("broker", "heavy", "beat", *WORKERS)
    fresh(stack, "rfs-x", "rfs-y", "best-x")
    command = [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c"]
    log = stack.folder / "corrections.log"
    corrections = start("corrections", [*command, CORRECTIONS.format(seconds=seconds)], stack.environment, log)
    began, kills, restarts = time.monotonic(), 0, 0
    while corrections.alive or restarts < 2:
        # The broker dies twice: after a third and after two thirds of the time.
        if time.monotonic() - began >= seconds * (restarts + 1) / 3 and restarts < 2:
            victim, restarts = "broker", restarts + 1
        else:
            victim, kills = chance.choice(VICTIMS), kills + 1
        stack.replace(victim)
        with contextlib.suppress(subprocess.TimeoutExpired):
            corrections.popen.wait(chance.uniform(0.5, 3))
    assert "corrections:" in log.read_text(), log.read_text()

    fresh(stack, "rfs-x", "rfs-y", "best-x")
    wait_for(lambda: not stack.rows("SELECT 1 FROM analysis_run WHERE state = 'running'"), "no run is left open")
    [(changes,)] = stack.rows("SELECT count(*) FROM registry_change WHERE reason = 'soak'")
    runs = dict(stack.rows("SELECT state, count(*) FROM analysis_run GROUP BY state"))
    [(results,)] = stack.rows("SELECT count(*) FROM analysis_result")
    print(
        f"\n{stack.database}: {time.monotonic() - began:.0f} s, {kills} kills of workers and beat, {restarts} of the "
        f"broker, {changes} changes; runs {runs}, {results} results"
    )
    assert f"corrections: {changes}" in log.read_text()
    twice = "SELECT result_id FROM analysis_run WHERE state = 'done' GROUP BY result_id HAVING count(*) > 1"
    assert stack.rows(twice) == []
    assert runs["done"] == results
    assert stack.rows("SELECT analysis_id, error FROM analysis_run WHERE state = 'failed'") == []
    assert "all sealed and unchanged" in stack.manage("verify_log")
