"""The listener and the database die at random while a laboratory sends; at full size with `make soak`."""

import os
import random
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.flows.feeding import Feed, Listening, message, value, world
from tests.services.processes import wait_for
from tests.services.stack import Stack, on

pytestmark = [pytest.mark.services, pytest.mark.soak]
IS_FULL = os.environ.get("HEPATICA_FULL_SIZE") == "1"
MESSAGES = 40
# One kill for so many messages that were accepted.
BETWEEN = 25
SECONDS_OF_LOAD, GROWTH = 600, 12 * 2**20

READ = """
from datetime import timedelta
from labs.inbox.services import unread_read
from registry.log.actors import Actor
unread_read(at_work=timedelta(0), by=Actor.system("soak"))
"""


@pytest.fixture(params=["sqlite", "postgres"] if IS_FULL else ["sqlite"])
def fed(request: pytest.FixtureRequest) -> Iterator[Stack]:
    with on(request.param, "migrated", request) as stack:
        if stack.server is not None:
            # The server of the tests promises less than a server does: what is committed is to survive a crash here.
            stack.rows(f'ALTER DATABASE "{stack.database_name}" SET synchronous_commit TO on')
        stack.python(world())
        yield stack


def backends_end(stack: Stack, chance: random.Random) -> str:
    """One way or another all connections to the database break: asked to, or by a crash of the whole server."""
    asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    found = [pid for (pid,) in stack.rows(asked)]
    if found and chance.random() < 0.3:
        # The server ends all its processes when one is killed, and recovers from its log.
        psutil.Process(chance.choice(found)).kill()
        return "crash of the database"
    stack.rows(asked.replace("SELECT pid", "SELECT pg_terminate_backend(pid)"))
    return "connections ended"


def hit(stack: Stack, listener: Listening, chance: random.Random) -> str:
    if stack.server is not None and chance.random() < 0.5:
        try:
            return backends_end(stack, chance)
        except Exception as error:
            # It is still coming back from the last one.
            return f"in vain: {type(error).__name__}"
    listener.kill()
    listener.begin()
    return "kill of the listener"


def test_each_message_is_stored_once_whatever_dies(fed: Stack, scale: int) -> None:
    stack, chance, total = fed, random.Random(11), MESSAGES * scale
    listener = Listening(stack)
    listener.begin()
    listener.wait()
    feed = Feed.of([message(number) for number in range(total)], listener.port, connections=4)
    feed.begin()
    hits: dict[str, int] = {}
    next_hit = chance.randint(1, BETWEEN)
    while not feed.is_over:
        if feed.accepted >= next_hit and feed.accepted < total:
            # At any moment of a message, not at its end.
            feed.stopping.wait(chance.uniform(0, 0.3))
            name = hit(stack, listener, chance)
            hits[name] = hits.get(name, 0) + 1
            next_hit = feed.accepted + chance.randint(BETWEEN, 2 * BETWEEN)
        feed.stopping.wait(0.01)
    listener.wait()
    assert feed.accepted == total
    assert listener.stop() == 0, listener.log.read_text()
    # What the last of the dead had kept and not read.
    stack.python(READ)

    def number(statement: str) -> int:
        [(found,)] = stack.rows(statement)
        return int(found)

    copies = number("SELECT count(*) FROM labs_message WHERE verdict = 'AA' AND duplicate_of_id IS NOT NULL")
    kept = number("SELECT count(*) FROM labs_rawmessage")
    print(f"\n{stack.database}: {total} messages, {hits}; answers {dict(feed.told)}; {kept} kept, {copies} are copies")
    assert sum(hits.values()) >= 1
    accepted = "SELECT control_id FROM labs_message WHERE verdict = 'AA' AND duplicate_of_id IS NULL"
    assert sorted(name for (name,) in stack.rows(accepted)) == sorted(f"M{place}" for place in range(total))
    assert kept == total + copies, "all that was kept was read"
    rows = stack.rows("SELECT outcome, count(*), count(DISTINCT result_id) FROM labs_messagerow GROUP BY outcome")
    assert rows == [("placed", 2 * total, 2 * total)]
    results = "SELECT b.value FROM labs_bloodresult b JOIN labs_analyte a ON a.id = b.analyte_id WHERE a.code = 'WBC'"
    assert sorted(found for (found,) in stack.rows(results)) == pytest.approx([value(place) for place in range(total)])
    assert number("SELECT count(*) FROM labs_bloodresult") == 2 * total
    assert number("SELECT count(*) FROM labs_specimen") == total
    stack.python("from registry.log.sealing import seal_pending; seal_pending()")
    assert "all sealed and unchanged" in stack.manage("verify_log")


@pytest.mark.skipif(not IS_FULL, reason="ten minutes of load: make soak")
def test_memory_is_flat_under_load(fed: Stack) -> None:
    listener = Listening(fed)
    listener.begin()
    listener.wait()
    assert listener.running is not None
    feed = Feed.of([message(number) for number in range(60_000)], listener.port, connections=4)
    process, sizes, began = psutil.Process(listener.running.pid), [], time.monotonic()
    feed.begin()
    while (passed := time.monotonic() - began) < SECONDS_OF_LOAD:
        feed.stopping.wait(1)
        # The first minute is of what is loaded once.
        if passed > SECONDS_OF_LOAD / 10:
            sizes.append(process.memory_info().rss)
    feed.end()
    assert listener.stop() == 0
    third = len(sizes) // 3
    before, after = (sum(part) / len(part) for part in (sizes[:third], sizes[-third:]))
    print(f"\n{fed.database}: {feed.accepted} messages; {before / 2**20:.1f} MB, at the end {after / 2**20:.1f} MB")
    assert after - before < GROWTH
    wait_for(lambda: feed.is_over, "the senders end")
