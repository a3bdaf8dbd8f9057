"""Workers and brokers die at random while corrections come in; at full size with `make soak`."""

import random

import pytest

from tests.flows.test_nothing_is_lost import fresh
from tests.services.processes import wait_for
from tests.services.stack import Stack

pytestmark = [pytest.mark.services, pytest.mark.soak]

CORRECT = """
from labs.ihc.models import Read
from labs.ihc.services import read_correct
from registry.log.actors import Actor
reads = list(Read.objects.current().filter(stain__marker__code="MX").order_by("pk")[:5])
for read in reads:
    read_correct(read=read, density=read.density + 1, by=Actor.system("soak"), reason="soak {round}")
"""


def test_kills_at_random_cost_time_and_nothing_else(imported_stack: Stack, scale: int) -> None:
    stack, chance = imported_stack, random.Random(7)
    stack.start("broker", "worker", "beat")
    fresh(stack, "rfs-x", "rfs-y")
    rounds = 2 * scale
    for number in range(rounds):
        stack.python(CORRECT.replace("{round}", str(number)))
        victim = chance.choice(["worker", "worker", "broker", "beat"])
        stack.kill(victim)
        stack.start(victim)
    fresh(stack, "rfs-x", "rfs-y")
    wait_for(lambda: not stack.rows("SELECT 1 FROM analysis_run WHERE state = 'running'"), "no run is left open")
    [(changes,)] = stack.rows("SELECT count(*) FROM registry_change WHERE reason LIKE 'soak%'")
    [(results, looks)] = stack.rows("SELECT count(*), count(DISTINCT frame_id) FROM analysis_result")
    [(lost,)] = stack.rows("SELECT count(*) FROM analysis_run WHERE state = 'lost'")
    print(f"\n{stack.database}: {rounds} kills, {changes} changes, {results} results, {lost} runs lost and repeated")
    assert changes == 5 * rounds
    assert results == looks
    assert "all sealed and unchanged" in stack.manage("verify_log")
