"""Files are read while a listener stores messages about the same patients: neither waits for the other in a circle."""

import json
import subprocess
import sys
from collections import Counter

import pytest

from config.launch import ROOT
from tests.flows.feeding import PEOPLE, world
from tests.services.stack import Stack

pytestmark = [pytest.mark.services, pytest.mark.soak]

ROUNDS, IN_FILE, ALONE, PATIENTS = 2, 25, 10, 4
READ = """
import json, random
from collections import Counter
from labs.inbox.receiving_files import receive_file
from labs.inbox.services import receive
from registry.log.actors import Actor
from tests.labs.inbox.messages import oru

chance, by, told = random.Random({name!r}), Actor.system("soak"), Counter()

def message(number, count):
    one = lambda place, person: oru(
        ("WBC", "5.2", "G/l"), pid=f"{{4000 + person}}^^^HOSP", control=f"{name}{{number}}",
        order=f"{name}{{number}}-{{place}}", drawn=f"2024030{{1 + number % 9}}{{number % 24:02}}{{number % 60:02}}",
    )
    parts = [one(place, person) for place, person in enumerate(chance.sample(range({people}), count))]
    return parts[0] + b"".join(part.partition(b"\\r")[2] for part in parts[1:])

for start in range(0, {rounds} * {step}, {step}):
    if {is_file}:
        data = b"".join(message(number, 1) for number in range(start, start + {step}))
        told.update(receipt.verdict for receipt in receive_file(name="night.hl7", data=data, by=by).receipts)
    else:
        told.update(receive(data=message(number, {patients}), by=by).verdict for number in range(start, start + {step}))
print(json.dumps(told))
"""


@pytest.mark.parametrize("stack", ["postgres"], indirect=True)
def test_nobody_has_to_give_way(stack: Stack, scale: int) -> None:
    stack.python(world())
    rounds = max(ROUNDS, ROUNDS * scale // 10)
    readers = [
        subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c", script],
            env=stack.environment | {"PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for script in (
            READ.format(name=name, people=PEOPLE, rounds=rounds, step=step, patients=PATIENTS, is_file=step == IN_FILE)
            for name, step in (("A", IN_FILE), ("B", ALONE), ("C", IN_FILE), ("D", ALONE))
        )
    ]
    told = Counter[str]()
    for reader in readers:
        told.update(json.loads(reader.communicate(timeout=900)[0].splitlines()[-1]))
    sent = 2 * rounds * (IN_FILE + ALONE)
    [(deadlocks,)] = stack.rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    print(f"\n{stack.database}: {sent} messages of two files and two listeners, {deadlocks} deadlocks")
    assert (told, deadlocks) == ({"AA": sent}, 0)
    results = 2 * rounds * (IN_FILE + ALONE * PATIENTS)
    assert stack.rows("SELECT count(*) FROM labs_bloodresult") == [(results,)]
