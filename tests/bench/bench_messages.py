"""Messages: how many a second are stored and answered through a socket, against a server that only answers.

The other side is the asyncio server of python-hl7, which keeps nothing: each message is read and acknowledged.
"""

import json
import multiprocessing
import os
import time
from asyncio import run
from typing import Any

import hl7
import hl7.mllp
import psutil

from tests.flows.feeding import Feed, Listening, message, world
from tests.services.processes import wait_for
from tests.services.stack import Stack, free_port

MESSAGES = int(os.environ.get("BENCH_MESSAGES", "1000"))
RESULTS = int(os.environ.get("BENCH_RESULTS", "100000"))
# Of 100,000 results each has blood drawn once a week of the year that they are of.
PATIENTS = 1000
IMPORT = """
import json, resource, time
from pathlib import Path
from labs.inbox.receiving_files import receive_file
from labs.models import BloodResult
from registry.log.actors import Actor
began = time.perf_counter()
for path in sorted(Path({folder!r}).glob("*.hl7")):
    assert not receive_file(name=path.name, data=path.read_bytes(), by=Actor.system("bench")).error
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([BloodResult.objects.count(), seconds, peak]))
"""


def echo(port: int) -> None:
    async def answer(reader: Any, writer: Any) -> None:
        try:
            while not writer.is_closing():
                found = await reader.readmessage()
                writer.writemessage(found.create_ack())
                await writer.drain()
        except Exception:
            writer.close()

    async def main() -> None:
        server = await hl7.mllp.start_hl7_server(answer, "127.0.0.1", port)
        async with server:
            await server.serve_forever()

    run(main())


def rate(port: int, first: int, count: int, connections: int) -> float:
    feed = Feed.of([message(number) for number in range(first, first + count)], port, connections)
    began = time.perf_counter()
    feed.begin()
    wait_for(lambda: feed.is_over, "all messages are accepted", seconds=3600)
    assert feed.told == {"AA": count}
    return count / (time.perf_counter() - began)


def bench_messages_a_second(stack: Stack) -> None:
    """Each of two results. Commit before the answer: on PostgreSQL as a server does it, not as the tests'."""
    if stack.server is not None:
        stack.rows(f'ALTER DATABASE "{stack.database_name}" SET synchronous_commit TO on')
    stack.python(world())
    listener, port = Listening(stack), free_port()
    listener.begin()
    listener.wait()
    other = multiprocessing.get_context("spawn").Process(target=echo, args=(port,), daemon=True)
    other.start()
    wait_for(lambda: any(one.status == "LISTEN" for one in psutil.Process(other.pid).net_connections()), "it listens")
    first = 0
    for connections in (1, 8):
        ours = rate(listener.port, first, MESSAGES, connections)
        theirs = rate(port, first, MESSAGES, connections)
        first += MESSAGES
        print(
            f"\n{stack.database:8} {connections} connections: {ours:6.1f} messages/s stored and answered, "
            f"{theirs:7.1f} answered by an echo; ratio {theirs / ours:.1f}"
        )
    other.terminate()
    assert listener.stop() == 0


def bench_results_from_files(stack: Stack) -> None:
    """A thousand messages in a file, each of one draw with two results."""
    stack.python(world(PATIENTS))
    folder = stack.folder / "files"
    folder.mkdir()
    messages = [message(number, PATIENTS) for number in range(RESULTS // 2)]
    for place in range(0, len(messages), 1000):
        (folder / f"{place:06}.hl7").write_bytes(b"".join(messages[place : place + 1000]))
    results, seconds, kilobytes = json.loads(stack.python(IMPORT.format(folder=str(folder))))
    assert results == RESULTS
    print(f"\n{stack.database:8} {results} results: {results / seconds:6.0f} results/s, peak {kilobytes / 1024:.0f} MB")
