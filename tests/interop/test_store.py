"""Every file of messages against the database: what is placed, what waits and why; nothing is counted twice."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from labs.formats.messages.reading import read_messages
from labs.inbox.mapping.site import site_now
from labs.inbox.models import Acknowledgement, Message, MessageRow, Port, Transport
from labs.inbox.services import receive
from labs.inbox.storing import Receipt
from labs.models import BloodResult
from registry.models import Patient, Site
from tests.interop.comparison import RELATIVE, Comparison
from tests.interop.kinds.messages import built_cases
from tests.interop.store import (
    BY,
    patients_of,
    port_of,
    register,
    send,
    send_messages,
    stored,
    undone,
    values_now,
    world,
)
from tests.interop.test_samples import ENTRIES
from tests.shared_folders import folder

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
SENT = sorted(path for path, entry in ENTRIES.items() if entry["kind"] in {"hl7v2", "astm"})
Compared = Callable[[int], None]


@pytest.fixture(scope="module")
def hospital(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Site]:
    root = folder("INTEROP")
    with django_db_blocker.unblock(), world(root) as site:
        yield site


def entry_of(path: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    entry = ENTRIES[path]
    return entry, [message for message in entry["messages"] if message["ack"]]


@pytest.mark.parametrize("path", SENT)
def test_a_file_and_the_same_file_again(path: str, hospital: Site, compared: Compared) -> None:
    entry, expected = entry_of(path)
    register(hospital, patients_of(entry))
    found = send(folder("INTEROP") / path, port_of(entry))
    comparison = Comparison()
    comparison.equal("file_error", found.error, entry.get("file_error", ""))
    comparison.equal("warning", "".join(found.warnings), entry.get("warning", ""))
    comparison.equal("messages", len(found.receipts), len(expected))
    for place, (receipt, message) in enumerate(zip(found.receipts, expected, strict=False), start=1):
        _message(comparison, f"message {place}", receipt, message)
    before = stored(), values_now()
    again = send(folder("INTEROP") / path, port_of(entry))
    assert (stored(), values_now()) == before, "the second time something changes"
    assert [receipt.verdict for receipt in again.receipts] == [message["ack"] for message in expected]
    compared(comparison.compared)
    assert not comparison.differences, "\n".join(comparison.differences)


CASES = sorted(path for path, entry in ENTRIES.items() if entry["kind"] == "hl7v2_cases")


@pytest.mark.parametrize("path", CASES)
def test_cases_that_are_built(path: str, hospital: Site, compared: Compared) -> None:
    """As they would come by MLLP: kept and answered, twice; without patients; and tests on the other port."""
    comparison = Comparison()
    for name, data, message in built_cases(folder("INTEROP") / path, ENTRIES[path]):
        port = message.get("port", Port.PRODUCTION)
        with undone():
            _sent(data, port)
            assert not BloodResult.objects.exists()
            assert not MessageRow.objects.filter(outcome="placed").exists()
        with undone():
            register(hospital, patients_of({"messages": [message]}))
            receipt = _sent(data, port)
            _message(comparison, name, receipt, message)
            asked = [message.get("commit_ack"), message["ack"] if message.get("application_ack_sent", True) else None]
            kept = list(Acknowledgement.objects.filter(raw=receipt.raw).values_list("code", flat=True))
            comparison.equal(f"{name} answers kept", kept, [code for code in asked if code])
            before = stored(), values_now()
            assert _sent(data, port).verdict == message["ack"]
            if port == Port.VALIDATION:
                assert _sent(data, Port.PRODUCTION).reason == "processing_id"
            assert (stored(), values_now()) == before, "the second time something changes"
    compared(comparison.compared)
    assert not comparison.differences, "\n".join(comparison.differences)


def _sent(data: bytes, port: str) -> Receipt:
    return receive(data=data, source=Transport.MLLP, port=port, by=BY)


def _message(comparison: Comparison, at: str, receipt: Receipt, expected: dict[str, Any]) -> None:
    comparison.equal(f"{at} ack", receipt.verdict, expected["ack"])
    comparison.equal(f"{at} reason", receipt.reason, expected.get("reason", ""))
    comparison.equal(f"{at} sender", receipt.received.sender or None, expected["sender"])
    comparison.equal(f"{at} outcomes", receipt.outcomes, expected["outcomes"])
    if receipt.is_duplicate:
        said = {(result["outcome"], result["reason"]) for result in expected["results"]}
        comparison.equal(f"{at} rows", said, {("ignored", "duplicate_message")} & said)
        return
    rows = {row.number: row for row in MessageRow.objects.filter(message=receipt.message).select_related("analyte")}
    told = {result["row"] for result in expected["results"]}
    for result in expected["results"]:
        _row(comparison, f"{at} row {result['row']}", rows[result["row"]], result)
    for row in rows.values():
        if row.outcome == "placed" and row.number not in told:
            comparison.unknown(f"{at} row {row.number}, placed,")


def _row(comparison: Comparison, at: str, row: MessageRow, expected: dict[str, Any]) -> None:
    analyte = row.analyte.kept_of or row.analyte if row.analyte else None
    found = {
        "outcome": row.outcome,
        "reason": row.reason,
        "analyte": analyte.code if analyte else None,
        "code": row.code,
        "status": row.status_sent,
        "canonical_unit": None if row.coded or not row.unit else row.unit,
        "comparator": row.comparator,
        "for_analysis": row.for_analysis,
        "revision": row.is_revision and row.outcome == "placed",
    }
    defaults = {"reason": "", "comparator": "", "for_analysis": True, "revision": False, "canonical_unit": None}
    for name, value in found.items():
        comparison.equal(f"{at} {name}", value, expected.get(name, defaults.get(name)))
    if isinstance(expected.get("value"), str):
        comparison.equal(f"{at} value", row.coded, expected["value"])
    elif "value" in expected:
        comparison.close(f"{at} value", row.value, expected["value"], relative=RELATIVE)
    if row.outcome == "placed" and row.message.port == Port.PRODUCTION:
        _in_store(comparison, at, row)


def _in_store(comparison: Comparison, at: str, row: MessageRow) -> None:
    """A placed value is in the store as it was judged, and offered to analyses only when it may be."""
    comparison.equal(f"{at} has a result", row.result is not None, True)
    if row.result is not None:
        comparison.equal(f"{at} stored", (row.result.value, row.result.coded), (row.value, row.coded))
        comparison.equal(f"{at} patient", row.result.specimen.patient_id, row.patient_id)
        if row.result in BloodResult.objects.current():
            comparison.equal(f"{at} offered", row.result in BloodResult.objects.for_analysis(), row.for_analysis)


# Where nothing would be placed and nothing is a test, nothing can be otherwise.
TELLING = [
    path
    for path in SENT
    if any(
        message.get("port") == "validation" or "placed" in message.get("outcomes", {})
        for message in ENTRIES[path]["messages"]
    )
]


@pytest.mark.parametrize("path", TELLING)
def test_without_patients_and_on_the_other_port(path: str, hospital: Site, compared: Compared) -> None:
    """Nobody is registered: the same answers, and what would be placed waits. Tests are refused on the other port."""
    entry, expected = entry_of(path)
    root, port = folder("INTEROP"), port_of(entry)
    found = send(root / path, port)
    assert [receipt.verdict for receipt in found.receipts] == [message["ack"] for message in expected]
    placed = [
        (place, result["row"])
        for place, message in enumerate(expected)
        for result in message["results"]
        if result["outcome"] == "placed"
    ]
    for place, number in placed:
        row = MessageRow.objects.get(message=found.receipts[place].message, number=number)
        assert (row.outcome, row.reason) == ("quarantined", "unmatched"), (place, number)
    assert not Patient.objects.exists()
    assert not BloodResult.objects.exists()
    if port == Port.VALIDATION:
        before, messages = stored(), Message.objects.count()
        refused = send(root / path, Port.PRODUCTION)
        assert {(receipt.verdict, receipt.reason) for receipt in refused.receipts} == {("AR", "processing_id")}
        assert stored() == before
        assert Message.objects.count() == messages + len(refused.receipts)
    compared(len(expected) + len(placed))


SEVERAL = [path for path in SENT if len(ENTRIES[path]["messages"]) > 1]


@pytest.mark.parametrize("path", SEVERAL)
def test_whatever_the_order(path: str, hospital: Site, compared: Compared) -> None:
    """The latest by the laboratory's own time counts; among messages of one moment the later to arrive does."""
    entry, port = ENTRIES[path], Port.PRODUCTION
    if port_of(entry) != port:
        return
    register(hospital, patients_of(entry))
    file = folder("INTEROP") / path
    sent = read_messages(file.name, file.read_bytes(), site_now(port))
    assert sent is not None
    straight = list(range(len(sent.messages)))
    reverse = sorted(straight, key=lambda place: str(sent.messages[place].sent_at), reverse=True)
    after = []
    for order in (straight, reverse):
        with undone():
            send_messages(sent, order, port)
            after.append(values_now())
    assert after[0] == after[1]
    compared(len(after[0]))
