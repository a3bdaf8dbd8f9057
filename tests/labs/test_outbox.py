"""Messages out, against a real mail server on a socket that answers as it is told to."""

import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django.fixtures import Settings

from labs.connectors.contract import Ask, Pulled, Undeliverable
from labs.outbox.models import Outbox
from labs.outbox.services import MAX_ATTEMPTS, outbox_add, outbox_deliver, outbox_post
from registry.log.models import Change
from registry.people.roles import Role
from tests.registry.people import signed_in


class _MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as a sender needs; `refusal` is its answer to a recipient while it is set."""

    daemon_threads = True
    refusal = b""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.received: list[bytes] = []


class _Session(socketserver.StreamRequestHandler):
    server: _MailServer

    def handle(self) -> None:
        self._say(b"220 ready")
        while line := self.rfile.readline():
            command = line[:4].upper()
            if command == b"QUIT":
                self._say(b"221 bye")
                return
            if command == b"RCPT" and self.server.refusal:
                self._say(self.server.refusal)
            elif command == b"DATA":
                self._take()
            else:
                self._say(b"250 ok")

    def _take(self) -> None:
        self._say(b"354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        self.server.received.append(b"".join(lines))
        self._say(b"250 taken")

    def _say(self, answer: bytes) -> None:
        self.wfile.write(answer + b"\r\n")


@pytest.fixture
def server(settings: Settings) -> Iterator[_MailServer]:
    with _MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
        yield server
        server.shutdown()
        thread.join()


def add(key: str = "report 1") -> Outbox:
    return outbox_add(recipient="pi@hospital.example", subject="Weekly report", text="Nothing moved.", key=key)


def make_due() -> None:
    Outbox.objects.update(next_attempt=timezone.now())


def test_the_same_key_is_one_message(db: None) -> None:
    assert add() == add()
    assert add("report 2") != add()
    assert Outbox.objects.count() == 2


def test_a_message_is_sent_once(server: _MailServer, db: None) -> None:
    outbox_add(
        recipient="pi@hospital.example", subject="Weekly report", text="Plain.", html="<p>Rich.</p>", key="report 1"
    )
    assert (outbox_deliver(), outbox_deliver()) == (1, 0)
    (received,) = server.received
    assert b"Subject: Weekly report" in received
    assert b"Plain." in received
    assert b"<p>Rich.</p>" in received
    assert Outbox.objects.get().state == Outbox.State.SENT


def test_a_refused_message_waits_and_is_sent_when_the_server_takes_it(server: _MailServer, db: None) -> None:
    add()
    server.refusal = b"451 try again later"
    before = timezone.now()
    assert outbox_deliver() == 0
    message = Outbox.objects.get()
    assert (message.state, message.attempts) == (Outbox.State.WAITING, 1)
    assert "try again later" in message.last_error
    assert message.next_attempt >= before + timedelta(minutes=1)
    assert outbox_deliver() == 0
    server.refusal = b""
    make_due()
    assert outbox_deliver() == 1
    assert Outbox.objects.get().last_error == ""


def test_the_pauses_grow_and_after_eight_attempts_the_message_is_given_up(server: _MailServer, db: None) -> None:
    add()
    server.refusal = b"550 no such person"
    pauses = []
    for _attempt in range(MAX_ATTEMPTS):
        now = timezone.now()
        make_due()
        outbox_deliver()
        pauses.append(round((Outbox.objects.get().next_attempt - now) / timedelta(minutes=1)))
    message = Outbox.objects.get()
    assert (message.state, message.attempts) == (Outbox.State.DEAD, 8)
    assert pauses[:3] == [1, 5, 30]
    assert pauses[:-1] == sorted(pauses[:-1])
    server.refusal = b""
    make_due()
    assert outbox_deliver() == 0


def test_no_server_at_all_is_a_refusal_too(server: _MailServer, db: None, settings: Settings) -> None:
    closed = socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler)
    settings.EMAIL_PORT = closed.server_address[1]
    closed.server_close()
    add()
    assert outbox_deliver() == 0
    assert "refused" in Outbox.objects.get().last_error


def test_a_message_that_cannot_be_sent_does_not_hold_up_the_others(server: _MailServer, db: None) -> None:
    outbox_add(recipient="pi@hospital.example", subject="two\nlines", text="…", key="broken")
    add()
    assert outbox_deliver() == 1
    broken = Outbox.objects.get(key="broken")
    assert (broken.state, broken.attempts) == (Outbox.State.WAITING, 1)
    assert "BadHeaderError" in broken.last_error


def test_a_message_that_another_sender_holds_is_left_alone(db: None) -> None:
    add()
    Outbox.objects.update(next_attempt=timezone.now() + timedelta(minutes=5))
    assert outbox_deliver() == 0
    assert mail.outbox == []


class _Connector:
    """Does what it is told to: `raises` is what its next delivery raises."""

    name, address, scores = "elsewhere", "lims.example", {"PNI": "X"}

    def __init__(self) -> None:
        self.raises: Exception | None = None
        self.got: list[tuple[dict[str, Any], str]] = []

    def pull(self, ask: Ask) -> Iterator[Pulled]:
        yield from ()

    def deliver(self, *, payload: dict[str, Any], key: str) -> None:
        if self.raises is not None:
            raise self.raises
        self.got.append((payload, key))


def test_a_delivery_waits_like_a_mail_and_is_given_up_at_once_when_it_is_refused_for_good(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = _Connector()
    outbox_post(target="elsewhere", payload={"score": "PNI"}, key="k1")
    assert outbox_deliver() == 0
    assert Outbox.objects.get().last_error == "OSError: no connector elsewhere is set up here"
    monkeypatch.setattr("labs.connectors.directory.added", lambda group: (connector, object()))
    for raised, state in ((RuntimeError("a bug of theirs"), "waiting"), (Undeliverable("Unknown specimen."), "dead")):
        connector.raises = raised
        add(f"mail beside {raised}")
        make_due()
        assert outbox_deliver() == 1
        assert Outbox.objects.get(key="k1").state == state
    # On the page: what was given up, why, and the button that sends it again.
    assert signed_in(Role.DATA_MANAGER).get("/other-systems/").status_code == 403
    client = signed_in(Role.ADMINISTRATOR)
    page = client.get("/other-systems/").content.decode()
    assert "Unknown specimen." in page
    assert "lims.example" in page
    pk = Outbox.objects.get(key="k1").pk
    client.post(f"/other-systems/{pk}/retry/")
    client.post(f"/other-systems/{pk}/retry/")
    assert Change.objects.filter(domain="outbox").count() == 1
    connector.raises = None
    assert (outbox_deliver(), outbox_deliver()) == (1, 0)
    assert connector.got == [({"score": "PNI"}, "k1")]
    assert outbox_post(target="elsewhere", payload={}, key="k1")[1] is False
