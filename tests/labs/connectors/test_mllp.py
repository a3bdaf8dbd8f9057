"""The listener as senders meet it: on a socket."""

import ipaddress
import logging
import os
import ssl
import subprocess
from pathlib import Path

import pytest

from labs.connectors.mllp.limits import Limits, tls_context
from labs.formats.hl7.mllp import framed
from tests.labs.connectors.mllp_server import Client, Kept, code, listening
from tests.labs.formats.messages.site import MSH, message, obx

SENT = message(obx())


def other(number: int, **asked: str) -> bytes:
    return message(obx(), msh=MSH.replace("|C1|", f"|C{number}|") + asked.get("when", ""))


def test_messages_are_answered_one_by_one_however_they_are_cut() -> None:
    kept = Kept()
    with listening(kept) as running, Client(running.address()) as client:
        stream = b"HELLO\r\n" + framed(SENT) + framed(other(2))[:-1] + framed(other(3) + other(4))
        for place in range(0, len(stream), 37):
            client.send(stream[place : place + 37])
        answers = [client.answer() for _ in range(4)]
        assert [(code(one), one.split("MSA|AA|")[1].strip()) for one in answers] == [
            ("AA", f"C{number}") for number in (1, 2, 3, 4)
        ]
        numbers = {one.split("|")[9] for one in answers}
        assert len(numbers) == 4
    assert len(kept.messages) == 4
    assert running.listener.counts.verdicts == {"AA": 4}


def test_nothing_is_accepted_before_it_is_stored_and_nothing_more_is_taken_meanwhile() -> None:
    kept = Kept()
    kept.gate.clear()
    with listening(kept) as running, Client(running.address()) as client:
        client.send(framed(SENT) + framed(other(2)))
        assert kept.reached.wait(20)
        assert not client.has_answer()
        assert kept.messages == []
        kept.gate.set()
        assert [code(client.answer()), code(client.answer())] == ["AA", "AA"]


def test_enhanced_senders_get_the_answers_that_they_ask_for() -> None:
    with listening(Kept()) as running, Client(running.address()) as client:
        client.send(framed(other(1, when="|||AL|AL")) + framed(other(2, when="|||AL|NE")) + framed(SENT))
        assert [code(client.answer()) for _ in range(4)] == ["CA", "AA", "CA", "AA"]


def test_each_port_takes_its_own_messages() -> None:
    kept, tests = Kept(), Kept("validation")
    trial = SENT.replace(b"|P|", b"|T|")
    with listening(kept, tests) as running:
        for port, data, expected in (
            ("production", SENT, "AA"),
            ("production", trial, "AR"),
            ("validation", trial, "AA"),
            ("validation", SENT, "AR"),
        ):
            with Client(running.address(port)) as client:
                client.send(framed(data))
                assert code(client.answer()) == expected


def test_what_has_no_end_is_nothing_and_a_frame_without_a_message_is_an_error() -> None:
    kept = Kept()
    with listening(kept) as running:
        with Client(running.address()) as client:
            client.send(framed(SENT)[:-10])
            client.socket.shutdown(1)
            assert client.answer() == ""
        assert kept.messages == []
        with Client(running.address()) as client:
            client.send(framed(b"nonsense"))
            assert code(client.answer()) == "AE"


def test_what_cannot_be_stored_is_an_error_and_nothing_of_it_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    kept = Kept(fails_with=ValueError("P-1 NAME HB=140"))
    with listening(kept) as running, Client(running.address()) as client:
        client.send(framed(other(1, when="|||AL|AL")))
        answers = [client.answer(), client.answer()]
        assert [code(one) for one in answers] == ["CE", "AE"]
    told = caplog.text + "".join(answers)
    assert "ValueError" in told
    for word in ("P-1", "NAME", "HB=140", "19600229", "C1|"):
        assert word not in told.replace("|C1|", "")


def test_too_much_too_slow_and_too_many_are_sent_away() -> None:
    with listening(Kept(), limits=Limits(frame_bytes=200, frame=0.05, idle=0.05, connections=1)) as running:
        with Client(running.address()) as client:
            client.send(framed(SENT + b"x" * 200))
            assert code(client.answer()) == "AE"
            assert client.answer() == ""
        for beginning in (framed(SENT)[:30], b"", b"\x00"):
            with Client(running.address()) as client:
                client.send(beginning)
                assert client.answer() == ""
    kept = Kept()
    with listening(kept, limits=Limits(connections=1)) as running, Client(running.address()) as first:
        first.send(framed(SENT))
        assert code(first.answer()) == "AA"
        with Client(running.address()) as second:
            assert second.answer() == ""


@pytest.mark.parametrize(("network", "expected"), [("192.0.2.0/24", ""), ("127.0.0.1/32", "AA")])
def test_only_peers_on_the_list_are_listened_to(network: str, expected: str) -> None:
    kept = Kept()
    limits = Limits(peers=(ipaddress.ip_network(network),))
    with listening(kept, limits=limits) as running, Client(running.address()) as client:
        if expected:
            client.send(framed(SENT))
        assert code(client.answer()) == expected
    assert limits.is_allowed("::ffff:127.0.0.1") is bool(expected)
    assert not limits.is_allowed("")


def test_at_the_stop_what_has_come_is_stored_and_answered() -> None:
    kept = Kept()
    kept.gate.clear()
    with listening(kept) as running, Client(running.address()) as busy, Client(running.address()) as idle:
        busy.send(framed(SENT) + framed(other(2)))
        assert kept.reached.wait(20)
        running.stop()
        assert idle.answer() == ""
        kept.gate.set()
        assert [code(busy.answer()), code(busy.answer()), busy.answer()] == ["AA", "AA", ""]
        assert running.ended()
        with pytest.raises(OSError, match="refused"):
            Client(running.address())
    assert len(kept.messages) == 2


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a server, and of a client that is its own authority."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("server", "client"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
             "-keyout", f"{name}.key", "-out", f"{name}.pem"],
            cwd=folder, check=True, capture_output=True, env={"PATH": os.environ["PATH"]},
        )  # fmt: skip
    return folder


@pytest.fixture
def both_sides(certificates: Path) -> ssl.SSLContext:
    return tls_context(certificates / "server.pem", certificates / "server.key", certificates / "client.pem")


def test_tls_with_certificates_of_both_sides(
    certificates: Path, both_sides: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    kept = Kept()
    with listening(kept, tls=both_sides) as running:
        for certificate, expected in ((None, ""), ("server", ""), ("client", "AA")):
            trusting = ssl.create_default_context(cafile=certificates / "server.pem")
            if certificate:
                trusting.load_cert_chain(certificates / f"{certificate}.pem", certificates / f"{certificate}.key")
            with Client(running.address()) as client:
                client.socket = trusting.wrap_socket(client.socket, server_hostname="localhost")
                try:
                    client.send(framed(SENT) + framed(other(2)))
                    assert code(client.answer()) == expected
                    assert code(client.answer()) == expected
                except ssl.SSLError:
                    assert not expected
        with Client(running.address()) as plain:
            plain.send(framed(SENT))
            assert plain.answer() == ""
        with Client(running.address()) as client:
            client.socket = trusting.wrap_socket(client.socket, server_hostname="localhost")
            client.send(framed(SENT + b"\r".join([b"NTE|1||" + b"x" * 90] * 3_000)))
            assert code(client.answer()) == "AA"
    assert len(kept.messages) == 3
    refused = [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]
    assert len(refused) == 3
    assert "PEER_DID_NOT_RETURN_A_CERTIFICATE" in refused[0]
    assert "CERTIFICATE_VERIFY_FAILED" in refused[1]


def test_who_does_not_shake_hands_has_the_time_of_a_frame_and_takes_a_place(both_sides: ssl.SSLContext) -> None:
    with listening(Kept(), tls=both_sides, limits=Limits(frame=0.05)) as running, Client(running.address()) as mute:
        assert mute.answer() == ""
    with listening(Kept(), tls=both_sides, limits=Limits(connections=1)) as running, Client(running.address()) as mute:
        with Client(running.address()) as second:
            assert second.answer() == ""
        running.stop()
        assert mute.answer() == ""


def test_a_stranger_is_sent_away_before_the_handshake(both_sides: ssl.SSLContext) -> None:
    strangers = Limits(peers=(ipaddress.ip_network("192.0.2.0/24"),))
    with listening(Kept(), tls=both_sides, limits=strangers) as running, Client(running.address()) as stranger:
        assert stranger.answer() == ""
