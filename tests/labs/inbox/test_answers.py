"""What a sender was answered is kept with its message, byte for byte."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, DataError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from labs.connectors.mllp.inbox import receiver_of
from labs.inbox.deciding import message_rerun
from labs.inbox.models import Acknowledgement, RawMessage
from labs.inbox.services import receive, unread_read
from registry.models import Patient, Site
from registry.people.roles import Role
from registry.people.services import user_create
from tests.labs.inbox.conftest import BY
from tests.labs.inbox.messages import oru


def kept(raw: RawMessage) -> list[tuple[str, str, bytes]]:
    return [(row.kind, row.code, bytes(row.data)) for row in raw.answers.all()]


def asking(sent: bytes, commit: str, application: str) -> bytes:
    return sent.replace(b"|P|2.5\r", f"|P|2.5|||{commit}|{application}\r".encode())


def test_the_bytes_that_are_sent_are_those_that_are_kept(known: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labs.connectors.mllp.inbox.close_old_connections", lambda: None)
    receiver = receiver_of("production")
    sent = oru(("WBC", "5.2", "G/l"), control="C7")
    for data, codes in (
        (sent, ["AA"]),
        (sent, ["AA"]),  # a repeat has an answer of its own
        (asking(sent, "AL", "AL"), ["CA", "AA"]),
        (asking(sent, "AL", "NE"), ["CA"]),
        (asking(sent, "ER", "ER"), []),
        (sent.replace(b"|P|", b"|T|"), ["AR"]),
        (b"nothing that anybody reads", ["AE"]),
    ):
        told = receiver(data, peer="127.0.0.1")
        answers = [each for each in (told.answers.commit, told.answers.application) if each.message is not None]
        found = kept(RawMessage.objects.latest("pk"))
        assert [(code, data) for _kind, code, data in found] == [(each.code, each.message) for each in answers]
        assert [code for _kind, code, _data in found] == codes
    assert b"MSA|AA|C7\r" in kept(RawMessage.objects.earliest("pk"))[0][2]
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE labs_acknowledgement SET code = 'AA'")


def test_an_answer_costs_one_statement_and_no_transaction(known: Patient) -> None:
    counts = []
    for control, source in (("1", "file"), ("2", "file"), ("3", "mllp")):
        with CaptureQueriesContext(connection) as queries:
            receive(data=oru(("ZZ", "5.2", "G/l"), control=control), source=source, by=BY)
        counts.append(len(queries))
    # The first one fills what is asked once.
    assert counts[2] == counts[1] + 1


def test_what_could_not_be_stored_was_answered_too_and_later_readings_answer_nobody(
    known: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object) -> tuple[()]:
        raise DataError

    with monkeypatch.context() as patch:
        patch.setattr("labs.inbox.placer.judge", broken)
        receipt = receive(data=oru(("WBC", "5.2", "G/l")), by=BY)
    assert (receipt.reason, [code for _kind, code, _data in kept(receipt.raw)]) == ("failed", ["AE"])
    unread_read(at_work=timedelta(0), by=BY)
    receipt.raw.refresh_from_db()
    assert receipt.raw.message.answered == "AE"
    message_rerun(message=receipt.raw.message, by=BY)
    assert Acknowledgement.objects.count() == 1


def test_the_page_of_a_message_shows_the_answer_as_text(known: Patient, site: Site) -> None:
    client = Client()
    client.force_login(user_create(username="tech", password=None, roles=[Role.TECHNICIAN], sites=[site], by=BY))
    sent = oru(("WBC", "5.2", "G/l"), sender="LAB|EAST", control="<b>1</b>").replace(b"HEP|HOSP", b"HEP|M\xc3\xbcnster")
    raw = receive(data=sent, by=BY).raw
    page = client.get(reverse("labs:inbox-message", args=[raw.pk])).content.decode()
    assert "MSA|AA|&lt;b&gt;1&lt;/b&gt;" in page
    assert "|HEP|Münster|LAB|EAST|" in page
    assert "DOE" not in page
    filed = receive(data=oru(("WBC", "5.3", "G/l"), control="2"), source="file", by=BY)
    assert kept(filed.raw) == []
    page = client.get(reverse("labs:inbox-message", args=[filed.raw.pk])).content.decode()
    assert "nobody waited for one" in page
