"""The inbox for programs: messages, rows, mappings, senders and authorities, by the rules and roles of its pages."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from labs.blood.models import BloodResult
from labs.blood.services import blood_result_correct
from labs.inbox.keeping.services import raw_keep, raw_made
from labs.inbox.mapping.models import CodeMapping, Sender
from labs.inbox.models import MessageRow, RawMessage
from registry.log.models import Action, Change
from registry.models import Patient, Site
from registry.people.roles import Role
from tests.labs.inbox.conftest import BY
from tests.labs.inbox.messages import oru
from tests.registry.api.asking import ROOT, Program, in_error_shape, messages, program_of
from tests.registry.people import person

pytestmark = pytest.mark.django_db
HL7 = "application/hl7-v2"


@pytest.fixture
def bench(known: Patient) -> Program:
    return program_of(person(Role.TECHNICIAN, username="tess", sites=[known.site]))


@pytest.fixture
def manager(known: Patient) -> Program:
    return program_of(person(Role.DATA_MANAGER, username="mona", sites=[known.site]))


@pytest.fixture
def stranger() -> Program:
    elsewhere = Site.objects.create(code="FAR", name="Far")
    return program_of(person(*Role, username="far", sites=[elsewhere]))


def deliver(program: Program, data: bytes, kind: str = HL7, asked: str = "", **headers: str) -> Any:
    bearer = {"Authorization": f"Bearer {program.secret}", **headers}
    return program.client.generic("POST", f"{ROOT}messages/{asked}", data, kind, headers=bearer)


def delivered(program: Program, *rows: Any, **about: str) -> dict[str, Any]:
    answer = deliver(program, oru(*rows, **about))
    assert answer.status_code == 200, answer.content
    (told,) = answer.json()["messages"]
    return dict(told)


def test_a_message_is_foreseen_received_once_and_read_by_those_who_may(
    bench: Program, manager: Program, stranger: Program
) -> None:
    sent = oru(("WBC", "5.2", "G/l"), ("QQ", "1", ""))
    seen = deliver(bench, sent, asked="?preview=1").json()
    assert (seen["stored"], seen["outcomes"]) == (False, {"placed": 1, "quarantined:unmapped_code": 1})
    assert [(row["code"], row["analyte"]) for row in seen["messages"][0]["rows"]] == [("WBC", "WBC"), ("QQ", None)]
    assert not RawMessage.objects.exists()
    # A key is of no use and no harm: the message is its own.
    first, again = (deliver(bench, sent, **{"Idempotency-Key": "k1"}).json()["messages"][0] for _time in range(2))
    assert (first["verdict"], first["is_duplicate"], again["is_duplicate"]) == ("AA", False, True)
    assert again["outcomes"] == {"ignored:duplicate_message": 2}
    one = f"messages/{first['id']}/"
    told = bench.get(one)
    assert (told["rows"], told["rows_open"], told["rows_placed"], told["answers"]) == (2, 1, 1, [])
    assert (told["transport"], told["sender"], told["simulated"]) == ("rest", "LAB|EAST", False)
    assert bench.get(f"messages/{again['id']}/")["duplicate_of"] == first["id"]
    assert [row["id"] for row in bench.get("messages/", waits="true")["results"]] == [first["id"]]
    assert bench.get("messages/", sender="NOBODY|*")["results"] == []
    assert bench.get("messages/", sender="LAB|EAST", verdict="AA", port="production", page_size=1)["count"] == 2
    bench.refusal("GET", "messages/?verdict=ZZ", 400)
    # Who the patient is stands in the text alone, for who may know, at the price of an entry in the log.
    assert "DOE" not in str(told) + str(bench.get("message-rows/"))
    bench.refusal("GET", f"{one}text/", 403)
    assert "DOE^JANE" in manager.get(f"{one}text/")["text"]
    read = Change.objects.get(subject_type="rawmessage", action=Action.READ)
    assert (read.actor_name, read.subject_code) == ("mona", f"message {first['id']}")
    for path in (one, f"{one}text/", f"message-rows/{MessageRow.objects.earliest('pk').pk}/"):
        assert stranger.ask("GET", path).status_code == 404
    assert stranger.get("messages/")["count"] == stranger.get("message-rows/")["count"] == 0
    narrow = program_of(person(Role.TECHNICIAN, username="slim"), "system/messages.c")
    assert (deliver(narrow, sent).status_code, narrow.ask("GET", one).status_code) == (200, 403)


def test_what_is_no_message_is_refused_and_what_is_refused_is_kept(bench: Program, manager: Program) -> None:
    for data in (b"", b"a,b\n1,2\n", b"\x00\xff"):
        assert messages(in_error_shape(deliver(bench, data)), "file")
    for kind, status in (("application/json", 415), ("application/x-www-form-urlencoded", 415), ("text/plain", 200)):
        assert deliver(bench, oru(("WBC", "5.2", "G/l")), kind).status_code == status
    assert deliver(bench, b"MSH" + b"x" * (16 * 1024 * 1024)).status_code == 413
    assert deliver(bench, oru(), asked="?port=side").status_code == 400
    assert deliver(program_of(person(Role.INVESTIGATOR)), oru(("WBC", "5", "G/l"))).status_code == 403
    # A file in parts, of two messages: each stands or falls alone.
    bad = oru(("WBC", "6", "G/l"), control="3").replace(b"WBC by name", b"Wei\xdf")
    two = SimpleUploadedFile("two.hl7", bad + oru(("WBC", "6.1", "G/l"), control="4", order="A2"))
    bearer = {"Authorization": f"Bearer {bench.secret}"}
    answer = bench.client.post(f"{ROOT}messages/", {"file": two}, headers=bearer)
    assert [each["verdict"] for each in answer.json()["messages"]] == ["AE", "AA"]
    refused = answer.json()["messages"][0]
    assert (refused["reason"], refused["outcomes"]) == ("charset", {})
    assert bench.get("messages/", reason="charset")["count"] == 1
    # Once its sender is set it is read again as a whole; bytes that nobody has read yet are read.
    sender = manager.get("senders/", pattern="LAB|EAST")["results"][0]
    path = f"senders/{sender['id']}/"
    manager.patch(path, version=1, charset_if_empty=["utf-8", "latin-1"], reason="asked them")
    told = bench.post(f"messages/{refused['id']}/rerun/", status=200)
    assert (told["verdict"], told["answered"], told["rows"]) == ("AA", "AE", 1)
    raw = raw_made(data=oru(("HB", "128", "g/L")), source="mllp", port="production", peer="", file_name="", by=BY)
    raw_keep(raw=raw)
    assert bench.get(f"messages/{raw.pk}/")["verdict"] is None
    assert bench.get("messages/", is_unread="true")["results"][0]["id"] == raw.pk
    assert bench.post(f"messages/{raw.pk}/rerun/", status=200)["rows_placed"] == 1


def test_rows_are_decided_by_version_and_reason(bench: Program, manager: Program, known: Patient) -> None:
    delivered(bench, ("WBC", "5.2", "G/l"), ("HB", "128", "g/L"), ("QQ", "1", ""), pid="7^^^HOSP")
    wbc, haemoglobin = bench.get("message-rows/", state="open", reason="unmatched", sender="LAB|EAST")["results"]
    (unmapped,) = bench.get("message-rows/", code="QQ")["results"]
    assert (wbc["patient"], wbc["value"], wbc["analyte"], wbc["version"]) == (None, 5.2, "WBC", 1)
    one, other = f"message-rows/{wbc['id']}/", f"message-rows/{unmapped['id']}/"
    assert bench.post(f"{one}rerun/", status=200)["version"] == 1
    # Discarded with a reason, of the version that was seen; and opened again.
    assert messages(bench.refusal("POST", f"{other}discard/", 400, version=1, reason=" "), "reason")
    assert messages(bench.refusal("POST", f"{other}discard/", 400, reason="not of this study"), "version")
    assert bench.post(f"{other}discard/", status=200, version=1, reason="not of this study")["state"] == "discarded"
    stale = bench.refusal("POST", f"{other}reopen/", 409, version=1, reason="it is after all")
    assert "not of this study" in messages(stale)
    bench.refusal("POST", f"{other}discard/", 400, version=2, reason="once more")
    assert bench.post(f"{other}reopen/", status=200, version=2, reason="it is after all")["state"] == "open"
    # Whose it is says who may see who a patient is.
    whose: dict[str, Any] = {"patient": "ICI-0001", "whole": True, "version": 1, "reason": "asked the ward"}
    bench.refusal("POST", f"{one}assign/", 403, **whose)
    assert messages(manager.refusal("POST", f"{one}assign/", 400, **whose | {"patient": "ICI-9"}), "patient")
    manager.refusal("POST", f"{other}assign/", 400, **whose | {"version": 3, "whole": False})
    manager.refusal("POST", f"{one}adjudicate/", 400, right="ours", version=1, reason="nothing to decide")
    done = manager.post(f"{one}assign/", status=200, **whose)
    assert (done["state"], done["outcome"], done["decided_by"]) == ("assigned", "placed", "mona")
    assert {row["state"] for row in bench.get("message-rows/", patient="ICI-0001")["results"]} == {"assigned"}
    assert bench.get(one)["result"] == done["result"]
    assert BloodResult.objects.filter(specimen__patient=known).count() == 2
    assert manager.ask("POST", f"message-rows/{haemoglobin['id']}/assign/", whose).status_code == 409


@pytest.mark.parametrize(("right", "value", "state"), [("ours", 5.0, "discarded"), ("theirs", 5.6, "assigned")])
def test_a_conflict_is_decided(bench: Program, right: str, value: float, state: str) -> None:
    delivered(bench, ("WBC", "5.2", "G/l"))
    blood_result_correct(result=BloodResult.objects.get(), value="5.0", unit="G/l", by=BY, reason="counted by hand")
    delivered(bench, ("WBC", "5.6", "G/l"), control="2", issued="20240308130000")
    (row,) = bench.get("message-rows/", reason="conflict")["results"]
    one = f"message-rows/{row['id']}/"
    assert (bench.get(one)["ours"]["value"], row["value"]) == (5.0, 5.6)
    given = {"version": row["version"], "reason": "the laboratory was asked"}
    assert messages(bench.refusal("POST", f"{one}adjudicate/", 400, **given, right="neither"), "right")
    assert bench.post(f"{one}adjudicate/", status=200, **given, right=right)["state"] == state
    assert BloodResult.objects.current().get().value == value
    bench.refusal("POST", f"{one}adjudicate/", 409, **given, right=right)


def test_a_code_is_mapped_corrected_and_taken_back(bench: Program, stranger: Program) -> None:
    delivered(bench, ("CRPX", "4", "mg/Gal"), ("CRPX", "5", "mg/L"))
    meaning: dict[str, Any] = {"sender": "lab|*", "code": "CRPX", "analyte": "CRP"}
    for wrong, field in (
        ({"sender": " "}, "sender"),
        ({"analyte": "NOPE"}, "analyte"),
        ({"analyte": "AFP-IU"}, "analyte"),
        ({"factor": 2.0}, "factor"),
        ({"factor_of": "mg/Gal"}, "factor"),
        ({"colour": "red"}, "colour"),
    ):
        assert messages(bench.refusal("POST", "code-mappings/", 400, **meaning | wrong), field), wrong
    looked = bench.post("code-mappings/preview/", status=200, **meaning)
    assert looked["outcomes"] == {"placed": 1, "quarantined:unit_unknown": 1}
    assert not CodeMapping.objects.filter(code="CRPX").exists()
    made = bench.post("code-mappings/", **meaning, factor_of="mg/Gal", factor=0.2642)
    assert (made["sender"], made["unit"], made["version"]) == ("lab|*", "", 1)
    assert bench.get("message-rows/", code="CRPX", state="placed")["count"] == 2
    # The same once more is what is there; another meaning is refused, and so is another factor.
    assert bench.post("code-mappings/", **meaning) == made
    assert messages(bench.refusal("POST", "code-mappings/", 400, **meaning | {"analyte": "ALB"}), "code")
    assert messages(bench.refusal("POST", "code-mappings/", 400, **meaning, factor_of="mg/Gal", factor=3), "unit")
    precise = bench.post("code-mappings/", **meaning | {"analyte": "ALB"}, unit="G / L", specimen="Serum")
    assert (precise["unit"], precise["specimen"]) == ("g/l", "serum")
    path = f"code-mappings/{precise['id']}/"
    bench.refusal("PATCH", path, 400, version=1, unit="", specimen="", reason="any")
    changed = bench.patch(path, version=1, specimen="", reason="asked them")
    assert (changed["specimen"], changed["unit"], changed["analyte"], changed["version"]) == ("", "g/l", "ALB", 2)
    assert "serum" in messages(bench.refusal("PATCH", path, 409, version=1, analyte="CRP"))
    assert messages(bench.refusal("POST", f"{path}retire/", 400, version=2, reason=""), "reason")
    assert bench.post(f"{path}retire/", status=200, version=2, reason="another test")["retired_reason"]
    assert bench.ask("GET", path).status_code == 404
    # A code means the same at every site.
    assert stranger.get("code-mappings/", code="CRPX", analyte="CRP")["results"] == [made]
    program_of(person(Role.PATHOLOGIST, username="paul")).refusal("GET", "code-mappings/", 403)


def test_senders_and_authorities_are_kept(bench: Program, manager: Program, stranger: Program, known: Patient) -> None:
    site = known.site.code
    bench.refusal("GET", "senders/", 403)
    bench.refusal("POST", "number-authorities/", 403, name="X", site=site)
    entry: dict[str, Any] = {"pattern": "MOBILE|*", "site": site, "decimal_comma": True, "peers": ["10.20.0.0/16"]}
    for wrong, field in (
        ({"pattern": ""}, "pattern"),
        ({"pattern": "LAB|EAST"}, "pattern"),
        ({"site": "NOWHERE"}, "site"),
        ({"charset_if_empty": ["klingon"]}, "charset_if_empty"),
        ({"peers": ["next door"]}, "peers"),
    ):
        assert messages(manager.refusal("POST", "senders/", 400, **entry | wrong), field), wrong
    made = manager.post("senders/", **entry)
    assert (made["position"], made["decimal_comma"], made["obr_optional"]) == (2, True, None)
    path = f"senders/{made['id']}/"
    changed = manager.patch(path, version=1, status_if_empty="F", decimal_comma=None, reason="agreed by telephone")
    assert (changed["status_if_empty"], changed["decimal_comma"], changed["peers"]) == ("F", None, ["10.20.0.0/16"])
    manager.refusal("PATCH", path, 409, version=1, position=1)
    assert messages(manager.refusal("PATCH", path, 400, version=2, pattern="OTHER|*"), "pattern")
    assert stranger.ask("GET", path).status_code == 404
    assert stranger.get("senders/", site=site)["results"] == []
    manager.post(f"{path}retire/", status=200, version=2, reason="they moved")
    again = manager.post("senders/", pattern="MOBILE|*")
    assert (again["id"], again["site"], again["status_if_empty"]) == (made["id"], None, "")
    assert Sender.objects.filter(retired_reason="").count() == 2

    delivered(bench, ("WBC", "5.2", "G/l"), pid="4711^^^MRN")
    assert messages(manager.refusal("POST", "number-authorities/", 400, name="HOSP", site=site), "name")
    assert messages(manager.refusal("POST", "number-authorities/", 400, name="MRN", site="NOWHERE"), "site")
    owner = manager.post("number-authorities/", name="MRN", kind="study", site=site)
    assert bench.post("message-rows/rerun/", status=200, reason="unmatched")["placed"] == 0
    one = f"number-authorities/{owner['id']}/"
    assert manager.patch(one, version=1, kind="record", reason="asked them")["kind"] == "record"
    manager.refusal("PATCH", one, 409, version=1, kind="study")
    assert bench.post("message-rows/rerun/", status=200, sender="LAB|EAST") == {"placed": 1, "moved": 1}
    assert [row["name"] for row in manager.get("number-authorities/")["results"]] == ["HOSP", "MRN"]
    assert stranger.ask("GET", one).status_code == 404
    manager.post(f"{one}retire/", status=200, version=2, reason="not theirs")
    assert manager.get("number-authorities/", name="MRN")["results"] == []
