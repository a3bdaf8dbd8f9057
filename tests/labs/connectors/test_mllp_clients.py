"""Programs that others wrote send to us and understand what comes back."""

import asyncio
import io
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import hl7
import hl7.client
import hl7.mllp
import pytest
from django.core.management import call_command
from hl7apy.core import Message
from hl7apy.parser import parse_message

from labs.connectors.signs.models import ListenerSign
from labs.inbox.keeping.services import raw_keep, raw_made
from labs.inbox.models import Message as InboxMessage
from registry.log.actors import Actor
from tests.labs.connectors.mllp_server import PATIENCE, Client, Kept, code, listening
from tests.labs.formats.messages.site import MSH, message, obx

SENT = message(obx())
OLDER = message(obx(), msh=MSH.replace("|C1|", "|C0|"))
NODE_CLIENT = "node-hl7-client@3.2.0"


def test_python_hl7_sends_in_both_its_ways() -> None:
    kept = Kept()
    with listening(kept) as running:
        host, port = running.address()
        with hl7.client.MLLPClient(host, port) as client:
            ack = hl7.parse(client.send_message(hl7.parse(SENT.decode())).strip(b"\x0b\x1c\r").decode())
        assert [str(ack["MSA"][0][place]) for place in (1, 2)] == ["AA", "C1"]

        async def send() -> str:
            reader, writer = await hl7.mllp.open_hl7_connection(host, port)
            writer.writemessage(hl7.parse(SENT.decode()))
            await writer.drain()
            answer = await reader.readmessage()
            writer.close()
            return str(answer["MSA"][0][1])

        assert asyncio.run(send()) == "AA"
    assert len(kept.messages) == 2


def test_the_command_of_python_hl7_sends_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "loose.hl7"
    file.write_bytes(SENT.replace(b"\r", b"\n"))
    with listening(Kept()) as running:
        host, port = running.address()
        monkeypatch.setattr(sys, "argv", ["mllp_send", "--loose", "-p", str(port), "-f", str(file), host])
        hl7.client.mllp_send()
    assert b"MSA|AA|C1" in capsysbinary.readouterr().out


def test_what_hl7apy_builds_is_taken_and_it_finds_nothing_wrong_with_the_answer() -> None:
    built = Message("ORU_R01", version="2.5")
    built.msh.msh_3, built.msh.msh_4, built.msh.msh_9, built.msh.msh_10 = "LAB", "HOSP", "ORU^R01^ORU_R01", "C1"
    built.msh.msh_11 = "P"
    group = built.add_group("ORU_R01_PATIENT_RESULT").add_group("ORU_R01_ORDER_OBSERVATION")
    group.add_segment("OBR").obr_4 = "PANEL"
    observation = group.add_group("ORU_R01_OBSERVATION").add_segment("OBX")
    observation.obx_2, observation.obx_3, observation.obx_5, observation.obx_11 = "NM", "HB", "140", "F"
    kept = Kept()
    with listening(kept) as running, Client(running.address()) as client:
        for data in (built.to_mllp().encode(), built.to_mllp().replace("|HB|", "|HB\r|").encode()):
            client.send(data)
        good, bad = parse_message(client.answer()), parse_message(client.answer())
        assert (good.msa.msa_1.value, bad.msa.msa_1.value) == ("AA", "AE")
        assert good.validate()
        assert bad.validate()


NODE = """
const { Client, Message } = require('node-hl7-client');
const client = new Client({ host: process.argv[2] });
const out = client.createConnection({ port: Number(process.argv[3]) }, async (res) => {
  console.log(JSON.stringify([res.getMessage().get('MSA.1').toString(), res.getMessage().get('MSA.2').toString()]));
  await out.close();
  process.exit(0);
});
out.sendMessage(new Message({ text: require('fs').readFileSync(0, 'utf8').trim() }));
"""


@pytest.fixture(scope="module")
def node_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("node")
    why_not = "" if shutil.which("node") and shutil.which("npm") else "there is no node"
    if not why_not:
        install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", NODE_CLIENT]
        done = subprocess.run(install, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
        why_not = done.stderr[-500:] if done.returncode else ""
    if why_not:
        if os.environ.get("HEPATICA_REQUIRE_SHARED") == "1":
            pytest.fail(f"The client for node cannot be had: {why_not}")
        pytest.skip(f"the client for node cannot be had: {why_not}")
    (folder / "send.js").write_text(NODE)
    return folder


def test_the_client_for_node_gets_its_answer(node_client: Path) -> None:
    kept = Kept()
    with listening(kept) as running:
        host, port = running.address()
        done = subprocess.run(
            ["node", "send.js", host, str(port)],
            cwd=node_client, input=SENT, capture_output=True, check=True, timeout=PATIENCE * 2,
        )  # fmt: skip
    assert json.loads(done.stdout) == ["AA", "C1"]
    assert len(kept.messages) == 1


class _Told(logging.Handler):
    """Calls with the number of the port as soon as the listener says that it listens."""

    def __init__(self, then: Callable[[int], None]) -> None:
        super().__init__()
        self._then = then

    def emit(self, record: logging.LogRecord) -> None:
        if "listening on" in record.msg:
            assert isinstance(record.args, tuple)
            threading.Thread(target=self._then, args=(record.args[2],)).start()


@pytest.mark.one_database
@pytest.mark.django_db(transaction=True)
def test_the_command_stores_what_comes_and_ends_when_it_is_asked_to() -> None:
    answers: list[str] = []

    def send(port: object) -> None:
        try:
            with Client(("127.0.0.1", int(str(port)))) as client:
                for data in (SENT, SENT, b"nonsense"):
                    client.send(b"\x0b" + data + b"\x1c\r")
                    answers.append(code(client.answer()))
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    left = raw_made(data=OLDER, source="mllp", port="production", peer="", file_name="", by=Actor.system("tests"))
    raw_keep(raw=left)
    told = _Told(send)
    logger = logging.getLogger("labs.connectors.mllp")
    logger.addHandler(told)
    try:
        call_command("listen_mllp", "--port", "0", stdout=io.StringIO())
    finally:
        logger.removeHandler(told)
    assert answers == ["AA", "AA", "AE"]
    kept = InboxMessage.objects.order_by("pk")
    # What an earlier listener kept and did not read, it reads itself.
    assert {(one.raw_id, one.verdict) for one in kept if one.raw_id == left.pk} == {(left.pk, "AA")}
    others = [one for one in kept if one.raw_id != left.pk]
    assert [(one.verdict, one.duplicate_of is not None) for one in others] == [
        ("AA", False),
        ("AA", True),
        ("AE", False),
    ]
    sign = ListenerSign.objects.get()
    assert (sign.place, sign.stopped_at is not None) == ("127.0.0.1:0", True)
