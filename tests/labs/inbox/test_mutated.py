"""Whatever is sent: no exception, no endless work, nothing half done, and the bytes are still there."""

import hashlib
import json
import logging
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labs.formats.errors import FormatError
from labs.formats.recognise import recognise
from labs.inbox.mapping.importing import documents_import
from labs.inbox.mapping.services import authority_set
from labs.inbox.mapping.site import site_now
from labs.inbox.models import Message, MessageRow, RawMessage
from labs.inbox.reading import read
from labs.inbox.receiving_files import receive_file
from labs.inbox.services import receive
from labs.inbox.storing import Receipt
from labs.models import BloodResult
from registry.models import Patient, Site
from tests.interop.store import patients_of, register
from tests.labs.inbox.conftest import BY
from tests.labs.inbox.messages import oru
from tests.labs.inbox.mutations import mutated

pytestmark = [pytest.mark.soak, pytest.mark.django_db]
SMALL, FULL = 60, 10_000
# Calls of functions for one byte, and statements for one row, that nothing may need more of; and for a message as such.
CALLS, CALLS_OF_ONE = 60, 20_000
STATEMENTS, STATEMENTS_OF_ONE = 40, 150
LARGEST = 60_000
ASTM = b"H|\\^&|||ANALYSER^1|||||||P|1\rP|1||4711\rO|1|A100||^^^WBC|R||20240308\rR|1|^^^WBC|5.2|G/l||N||F\rL|1|N\r"
# Unchanged: by another channel.
PLACED_ROWS = ("placed", "ignored:withdrawn", "ignored:unchanged", "quarantined:conflict")


def own() -> list[tuple[str, bytes]]:
    rows = oru(("WBC", "5.2", "G/l"), ("HB", "12.8", "g/dL"), ("AFP", "<3", "ng/mL"), ("ZZ", "1", ""))
    changed = oru(("WBC", "6.1", "G/l", "C"), ("HB", "", "", "W"), control="2", issued="20240308130000")
    batch = b"FHS|^~\\&\rBHS|^~\\&\r" + rows + oru(("HB", "13", "g/dL"), control="3") + b"BTS|2\rFTS|1\r"
    return [
        ("a.hl7", rows),
        ("b.hl7", changed),
        ("c.hl7", batch),
        ("d.mllp", b"\x0b" + rows + b"\x1c\r\x0b" + changed + b"\x1c\r"),
        ("e.astm", ASTM),
    ]


def samples(site: Site) -> tuple[list[tuple[str, bytes]], list[tuple[str, bytes]]]:
    """Files of messages and of instruments of HEPATICA_INTEROP, for a site that knows their codes and patients."""
    root = Path(os.environ.get("HEPATICA_INTEROP") or "nowhere")
    if not (root / "EXPECTED.json").is_file():
        return [], []
    named = json.loads((root / "EXPECTED.json").read_text("utf-8"))
    files = [root / named["profile"], *(root / name for name in named["mappings"])]
    documents_import(documents=[json.loads(file.read_text("utf-8")) for file in files], by=BY)
    authority_set(name="", site=site, by=BY)
    entries = named["files"]
    entries = list(entries.values()) if isinstance(entries, dict) else entries
    numbers = dict.fromkeys(pair for entry in entries if entry.get("messages") for pair in patients_of(entry))
    register(site, list(numbers))
    found = [path for name in ("hl7v2", "derived", "astm") for path in sorted((root / name).glob("*"))]
    others = [path for name in ("blot", "qpcr", "qupath") for path in sorted((root / name).glob("*"))]
    return _read(found), _read(others)


def _read(paths: list[Path]) -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in paths if path.is_file() and path.stat().st_size < LARGEST]


class TooMuch(BaseException):
    """No Exception: nothing may catch it."""


@contextmanager
def at_most(calls: int) -> Iterator[None]:
    """Work counted in calls, the same on a fast machine and on a slow one."""
    left = calls

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal left
        left -= event == "call"
        if left < 0:
            sys.setprofile(None)
            raise TooMuch(f"more than {calls} calls")

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(None)


def told(receipt: Receipt, sent: bytes | None) -> Counter[str]:
    """What became of one message, after all that must be true of it."""
    raw = RawMessage.objects.get(pk=receipt.raw.pk)
    assert hashlib.sha256(bytes(raw.data)).hexdigest() == raw.sha256
    assert sent is None or bytes(raw.data) == sent
    message = Message.objects.get(raw=raw)
    rows = list(message.rows.all())
    assert (message.verdict, message.reason) == (receipt.verdict, receipt.reason)
    assert message.reason != "failed"
    stored = message.verdict == "AA" and message.duplicate_of_id is None
    assert len(rows) == (len(receipt.received.observations) if stored else 0)
    assert {row.outcome for row in rows} <= {"placed", "quarantined", "ignored"}
    assert all(row.result_id is None or f"{row.outcome}:{row.reason}".rstrip(":") in PLACED_ROWS for row in rows)
    return Counter([message.verdict, *(f"{row.outcome} rows" for row in rows)])


def test_mutated_messages_and_files(
    known: Patient, site: Site, scale: int, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.ERROR)
    chance, counts = random.Random(20240308), Counter[str]()
    messages, instruments = samples(site) if scale > 1 else ([], [])
    bases, total = [*own(), *messages], FULL if scale > 1 else SMALL
    rules = site_now("production")
    while counts["sent"] < total:
        name, base = chance.choice(bases if chance.random() < 0.5 else own())
        counts["sent"] += 1
        data = mutated(chance, base)
        with at_most(CALLS_OF_ONE + CALLS * len(data)):
            read(data, rules)
        with CaptureQueriesContext(connection) as statements:
            as_file = chance.random() < 0.3
            if as_file:
                receipts = list(receive_file(name=name, data=data, by=BY).receipts)
            else:
                receipts = [receive(data=data, by=BY)]
        rows = sum(len(receipt.received.observations) for receipt in receipts)
        assert len(statements) <= STATEMENTS_OF_ONE * max(1, len(receipts)) + STATEMENTS * rows
        for receipt in receipts:
            counts += told(receipt, None if as_file else data)
        if instruments and chance.random() < 0.2:
            file, content = chance.choice(instruments)
            counts["files of instruments"] += 1
            assert isinstance(recognise(file, mutated(chance, content)).error, FormatError | None)
    with capsys.disabled():
        print(f"\n{dict(sorted(counts.items()))}")
    assert caplog.text == ""
    assert not RawMessage.objects.unread().exists()
    assert RawMessage.objects.count() == counts["AA"] + counts["AE"] + counts["AR"]
    # No result that no row answers for.
    assert not BloodResult.objects.filter(received_rows=None, successor=None).exists()
    assert BloodResult.objects.exists()
    assert not MessageRow.objects.exclude(message__verdict="AA").exists()
    assert counts["AA"] > total / 10, "what is mutated too much proves little"
    assert counts["AE"] > total / 20
    assert counts["placed rows"] > total / 20
