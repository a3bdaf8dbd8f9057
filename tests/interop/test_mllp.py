"""The HL7 v2 samples through a socket: who is answered, in which mode, with what. A stream goes as it stands."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from labs.connectors.mllp.receiver import Told
from labs.formats.hl7.files import split_file
from labs.formats.hl7.mllp import framed
from labs.formats.hl7.reading import read_message
from labs.formats.messages.site import Site
from tests.interop.site import site_at
from tests.interop.test_samples import ENTRIES
from tests.labs.connectors.mllp_server import Client, Running, code, listening
from tests.shared_folders import folder

PORTS = ("production", "validation")


class Reading:
    """A receiver that only reads."""

    def __init__(self, port: str, site: Site) -> None:
        self.port, self._site = port, site

    def __call__(self, data: bytes, *, peer: str) -> Told:
        return Told.of(read_message(data, self._site))


def answers(entry: dict[str, Any]) -> dict[str, list[str]]:
    """MSA-1 of every frame that should come back, by the port that the message goes to."""
    found: dict[str, list[str]] = {}
    for message in entry.get("messages", []):
        told = [message["commit_ack"]] if message.get("commit_ack") else []
        told += [message["ack"]] if message["ack"] and message.get("application_ack_sent", True) else []
        found.setdefault(message.get("port", PORTS[0]), []).extend(told)
    return found


def streams(path: Path, entry: dict[str, Any]) -> dict[str, bytes]:
    messages = entry.get("messages", [])
    if path.suffix == ".mllp":
        return {messages[0].get("port", PORTS[0]): path.read_bytes()}
    found: dict[str, bytes] = {}
    for message, raw in zip(messages, split_file(path.read_bytes()).messages, strict=True):
        port = message.get("port", PORTS[0])
        found[port] = found.get(port, b"") + framed(raw)
    return found


def test_every_sender_gets_the_answers_that_it_expects(compared: Callable[[int], None]) -> None:
    root = folder("INTEROP")
    files = [path for path, entry in sorted(ENTRIES.items()) if entry["kind"] == "hl7v2"]
    differences = []
    with listening(*(Reading(port, site_at(port)) for port in PORTS)) as running:
        for path in files:
            expected = answers(ENTRIES[path])
            for port, stream in streams(root / path, ENTRIES[path]).items():
                found = _sent(running, port, stream)
                compared(len(expected[port]))
                if found != expected[port]:
                    differences.append(f"{path}: {expected[port]} is expected, {found} came")
    assert files
    assert not differences, "\n".join(differences)


def _sent(running: Running, port: str, stream: bytes) -> list[str]:
    """The connection is closed after the last byte, and whatever comes until the other side closes too is counted."""
    with Client(running.address(port)) as client:
        client.send(stream)
        client.socket.shutdown(1)
        return [code(answer) for answer in iter(client.answer, "")]
