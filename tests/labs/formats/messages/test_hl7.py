"""From bytes to a message: frames, files, character sets, delimiters, segments, in the order of the checks."""

import itertools
from datetime import UTC, date, datetime

import hl7
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from labs.formats.hl7.acknowledging import answers_to
from labs.formats.hl7.files import split_file
from labs.formats.hl7.header import read_header
from labs.formats.hl7.mllp import FrameSplitter, framed
from labs.formats.hl7.reading import read_message
from labs.formats.messages.delimiters import STANDARD
from labs.formats.messages.describing import describe
from labs.formats.messages.reading import messages_of_frame, read_messages
from labs.formats.messages.received import Received, Verdict
from labs.formats.messages.times import moment
from tests.labs.formats.messages.site import MSH, OBR, PID, message, obx, site

SITE, VALIDATION = site(), site("validation")


def read(*segments: str, msh: str = MSH, pid: str = PID, obr: str = OBR) -> Received:
    return read_message(message(*segments, msh=msh, pid=pid, obr=obr), SITE)


# --- frames and files


@given(
    frames=st.lists(st.binary(max_size=40).map(lambda raw: raw.translate(None, b"\x0b\x1c")), max_size=4),
    stray=st.binary(max_size=10).map(lambda raw: raw.translate(None, b"\x0b\x1c\r")),
    cuts=st.lists(st.integers(0, 200), max_size=12),
)
@seed(1)
@settings(max_examples=50, deadline=None)
def test_however_a_stream_is_cut_the_frames_are_the_same(frames: list[bytes], stray: bytes, cuts: list[int]) -> None:
    stream = stray + b"".join(map(framed, frames))
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    splitter = FrameSplitter()
    found = [frame for start, end in itertools.pairwise(places) for frame in splitter.feed(stream[start:end])]
    assert (found, splitter.skipped, splitter.close()) == (frames, len(stray), "" if frames else "no_frame")


def test_what_has_no_end_is_nothing_and_a_missing_return_is_forgiven() -> None:
    splitter = FrameSplitter()
    assert splitter.feed(b"\x0bone\x1c\x0bcut \x0btwo\x1c\r\x0bthree") == [b"one", b"two"]
    assert splitter.close() == "truncated"
    assert splitter.cut_short == 2
    small = FrameSplitter(max_bytes=10)
    assert small.feed(framed(b"first") + framed(b"x" * 11) + framed(b"last")) == [b"first"]
    assert small.too_large == b"x" * 11


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\n\n"])
def test_a_file_may_end_its_lines_as_it_likes(end: bytes) -> None:
    lines = [b"# a comment", MSH.encode(), PID.encode(), b"", MSH.encode(), OBR.encode()]
    assert [len(raw.split(b"\r")) for raw in split_file(end.join(lines)).messages] == [3, 3]


@pytest.mark.parametrize(
    ("lines", "messages", "warnings"),
    [
        ("FHS BHS MSH MSH BTS|2 BHS MSH BTS|1 FTS|2", 3, ()),
        ("BHS MSH BTS|2", 1, ("batch_count_mismatch",)),
        ("BHS MSH BHS MSH BTS|1", 2, ("batch_nested",)),
        ("BHS MSH BTS", 1, ()),
        ("BHS BTS|0", 0, ()),
    ],
)
def test_a_batch_is_its_messages_and_is_counted(lines: str, messages: int, warnings: tuple[str, ...]) -> None:
    text = lines.replace("BHS", r"BHS|^~\&").replace("FHS", r"FHS|^~\&").replace("MSH", MSH.replace(" ", "_"))
    found = split_file(text.replace(" ", "\n").encode())
    assert (len(found.messages), found.warnings) == (messages, warnings)
    assert found.error == ("" if messages else "no_message")


def test_what_stands_before_a_header_is_no_part_of_it_but_a_mark_says_the_characters() -> None:
    sent = message(obx(unit="µ"), msh=MSH + "||||||8859/1")
    files = read_messages("a.txt", b"\x0b \x00" + sent + b"\x1c\r\xef\xbb\xbf" + sent + b"\x1a", SITE)
    assert files is not None
    assert [(one.verdict, one.encoding) for one in files.messages] == [("AA", "latin-1"), ("AA", "utf-8")]


def test_a_frame_with_a_batch_is_several_messages_and_one_without_any_is_answered() -> None:
    assert len(messages_of_frame(message(obx()) * 2)) == 2
    assert read_message(messages_of_frame(b"nonsense")[0], SITE).reason == "malformed_msh"


# --- the order of the checks


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "malformed_msh"),
        (b"MSHX^~\\&|LAB", "malformed_msh"),
        (b"MSH|^^~&|LAB|HOSP", "malformed_msh"),
        (message(obx(), msh=MSH + "||||||8859/99").replace(b"P|2.5.1", b"T|2.5.1"), "charset"),
        (message(obx(unit="µmol")).decode().encode("latin-1"), "charset"),
        (message(obx(unit="µ"), msh=MSH + "||||||ASCII"), "charset"),
        (message(obx(), msh=MSH.replace("ORU^R01", "ADT^A01").replace("|P|", "|T|")), "processing_id"),
        (message("lost", msh=MSH.replace("ORU^R01", "ADT^A01")), "unsupported_type"),
        (message(obx(), "half of a value", obr=""), "segment_broken"),
        (message(obx(), obr=""), "missing_obr"),
        (message(), "missing_obx"),
        (message(obx(), obr=OBR + "|" * 18 + "Y"), "order_status"),
        (message(obr=OBR + "|" * 18 + "x"), ""),
        (message(obx(), obr="", msh=MSH.replace("LAB", "BARE")), ""),
        (message(obx(), msh=MSH.replace("ORU^R01^ORU_R01", "")), ""),
        (message(msh=MSH.replace("ORU^R01^ORU_R01", "")), "unsupported_type"),
        (message(obx(unit="µ"), msh=MSH.replace("LAB", "OLD")).decode().encode("latin-1"), ""),
        (b"\xef\xbb\xbf" + message(obx(unit="µ"), msh=MSH + "||||||8859/1"), ""),
    ],
)
def test_the_first_failure_decides(raw: bytes, reason: str) -> None:
    found = read_message(raw, SITE)
    assert (found.reason, found.verdict is Verdict.AA) == (reason, not reason)
    assert bool(found.observations) <= (found.verdict is Verdict.AA)


def test_each_port_takes_its_own_processing_ids_and_silence_means_production() -> None:
    def verdicts(processing_id: str) -> list[str]:
        raw = message(obx(), msh=MSH.replace("|P|", f"|{processing_id}|"))
        return [read_message(raw, port).verdict for port in (SITE, VALIDATION)]

    assert [verdicts(one) for one in "PTDQ"] == [["AA", "AR"], ["AR", "AA"], ["AR", "AA"], ["AA", "AR"]]
    assert verdicts("") == ["AA", "AR"]


def test_a_field_that_is_left_out_moves_the_rest_one_place() -> None:
    header = r"MSH|^~\&|EARLY|HOSP|US|HERE|20260102||C9|P|2.2"
    found = read(obx(), msh=header)
    assert (found.control_id, found.processing_id, found.version, found.type) == ("C9", "P", "2.2", "")
    assert found.type_used == "ORU^R01"


def test_a_character_of_two_bytes_may_contain_a_delimiter() -> None:
    text = MSH + "||||||GB 18030-2000\r" + PID.replace("NAME", "亅") + "\r" + OBR + "\r" + obx() + "\r"
    assert "亅".encode("gb18030")[1:2] == b"|"
    found = read_message(text.encode("gb18030"), SITE)
    assert (found.encoding, found.patients[0].sex) == ("gb18030", "F")


@pytest.mark.parametrize("sent", ["^~\\&", "^~&", "^~\\\\&", "^~", "^~\\&#"])
def test_delimiters_may_be_fewer_or_doubled(sent: str) -> None:
    found = read_header(f"MSH|{sent}|A^1|B").delimiters
    assert (found.component, found.repetition, found.escape) == ("^", "~", "\\" if "\\" in sent else "")


# --- what it says


def test_what_stands_around_a_row_is_read_with_it() -> None:
    row = "OBX|1|SN|718-7^Haemoglobin^LN^HB^Hb^L|g1|<^5|g/dL^^UCUM|12-16|L|||F|||202601010815+0200"
    found = read(row, "NTE|1||one\\.br\\two", "NTE|2||three", "SPM|1|S-1&L^F-1||UR^Urine|||||||P", "PV1|1")
    (sent,) = found.observations
    assert [(one.code, one.system) for one in sent.codings] == [("718-7", "LN"), ("HB", "L")]
    assert (sent.raw, sent.unit, sent.sub_id, sent.notes) == ("<^5", "g/dL^^UCUM", "g1", "one\ntwo\nthree")
    assert (sent.placer, sent.filler, sent.order.code, sent.specimen_id) == ("PL-1", "FI-1", "PANEL", "S-1")
    assert sent.specimen_type == "UR Urine"
    assert sent.observed_at == datetime(2026, 1, 1, 6, 15, tzinfo=UTC)
    (patient,) = found.patients
    assert patient.ids == (("P-1", "HOSP"), ("N-2", "NAT"))
    assert (patient.birth_date, patient.sex) == (date(1960, 2, 29), "F")


def test_rows_belong_to_the_patient_above_them_and_to_nobody_before_the_first() -> None:
    second = PID.replace("P-1", "P-9")
    found = read(obx(), second, OBR, obx(), obx())
    assert [(one.row, one.patient) for one in found.observations] == [(1, 0), (2, 1), (3, 1)]
    found = read(obx(), PID, OBR, obx(), pid="")
    assert [found.patients[one.patient].ids for one in found.observations] == [(), (("P-1", "HOSP"), ("N-2", "NAT"))]


def test_a_specimen_comes_before_its_orders_in_one_kind_of_message_and_after_them_in_the_others() -> None:
    urine, blood = "SPM|1|S-1||UR", "SPM|2|S-2||BLD"
    late = read(obx(), urine, OBR, obx(), blood)
    early = read(obx(), blood, OBR, obx(), msh=MSH.replace("ORU^R01^ORU_R01", "OUL^R22"), obr=f"{urine}\r{OBR}")
    for found in (late, early):
        assert [one.specimen_id for one in found.observations] == ["S-1", "S-2"]


@pytest.mark.parametrize(
    ("msh", "row"),
    [(MSH.replace("|P|", "|Q|"), obx()), (MSH + "||||2", obx()), (MSH, obx() + "\rSPM|1|S||BLD|||||||Q")],
)
def test_control_material_is_told_by_the_message_or_by_its_specimen(msh: str, row: str) -> None:
    assert all(one.is_control for one in read(row, msh=msh).observations)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("20260101", "2025-12-31T23:00:00+00:00"),
        ("202607010830", "2026-07-01T06:30:00+00:00"),
        ("20260701083015.25-0500", "2026-07-01T13:30:15+00:00"),
        ("2026070108301", "2026-07-01T06:30:00+00:00"),
        ("20260701993015", "2026-06-30T22:00:00+00:00"),
        ("196203520", None),
        ("soon", None),
        ("00010101", None),
    ],
)
def test_a_time_is_of_the_site_unless_it_says_otherwise(written: str, expected: str | None) -> None:
    found = moment(written, SITE.zone)
    assert (found.astimezone(UTC).isoformat() if found else None) == expected


def test_the_key_is_that_of_what_is_said_not_of_when_it_is_sent() -> None:
    key = read(obx()).key
    again = read_message(message(obx()).replace(b"\r", b"\r\n").replace(b"20260102030405", b"20270101"), SITE)
    assert again.key == key
    others = [
        read(obx(raw="141")),
        read(obx(), msh=MSH.replace("C1", "C2")),
        read(obx(), msh=MSH.replace("HOSP|U", "H|U")),
    ]
    assert len({key, *(other.key for other in others)}) == 4


# --- acknowledgements


def answered(found: Received) -> tuple[str, str, str]:
    answers = answers_to(found, number="N1", at=datetime(2026, 1, 2, tzinfo=UTC))
    return answers.mode, answers.commit.code, answers.application.code if answers.application.message else ""


@pytest.mark.parametrize(
    ("asked", "good", "bad"),
    [
        ("||||", ("original", "", "AA"), ("original", "", "AR")),
        ("|||0|1", ("original", "", "AA"), ("original", "", "AR")),
        ("|||AL|NE", ("enhanced", "CA", ""), ("enhanced", "CR", "")),
        ("|||NE|AL", ("enhanced", "", "AA"), ("enhanced", "", "AR")),
        ("|||ER|SU", ("enhanced", "", "AA"), ("enhanced", "CR", "")),
        ("|||SU|ER", ("enhanced", "CA", ""), ("enhanced", "", "AR")),
        ("|||AL|", ("enhanced", "CA", ""), ("enhanced", "CR", "")),
    ],
)
def test_who_asks_for_which_answer_gets_it(asked: str, good: tuple[str, ...], bad: tuple[str, ...]) -> None:
    assert answered(read(obx(), msh=MSH + asked)) == good
    assert answered(read(obx(), msh=MSH.replace("|P|", "|T|") + asked)) == bad


def test_an_answer_is_not_answered() -> None:
    assert answered(read(msh=MSH.replace("ORU^R01^ORU_R01", "ACK^R01^ACK"))) == ("original", "", "")


@pytest.mark.parametrize("version", ["2.2", "2.5.1"])
def test_an_answer_goes_back_the_way_it_came_and_says_nothing_of_the_patient(version: str) -> None:
    sent = message("lost in a value of NAME", msh=MSH.replace("LAB", "OLD").replace("2.5.1", version))
    raw = answers_to(read_message(sent, SITE), number="N1", at=datetime(2026, 1, 2, tzinfo=UTC)).application.message
    assert raw is not None
    ack = hl7.parse(raw.decode())
    assert [str(ack["MSH"][0][place]) for place in (3, 4, 5, 6)] == ["US", "HERE", "OLD", "HOSP"]
    assert str(ack["MSH"][0][9]) == "ACK^R01^ACK"
    assert [str(ack["MSA"][0][place]) for place in (1, 2)] == ["AE", "C1"]
    assert "100" in str(ack["ERR"][0])
    assert b"NAME" not in raw
    assert b"P-1" not in raw


# --- whatever comes


PIECES = st.sampled_from(
    [MSH, PID, OBR, obx(), obx(raw="<\\S\\5~7", unit="^10\\S\\9/L"), "SPM|1|A", "NTE|1||\\X41\\", "ORC|RE", "MSH|",
     "BHS|^~\\&|", "BTS|9", "H|\\^&|||A^B", "P|1||X", "O|1|S", "R|1|^^^WBC|5|g/L||||F", "L|1", "PID", "OBX",
     "\x021H|\\^&", "\x03"]
).map(str.encode)  # fmt: skip
BYTES = st.lists(PIECES | st.binary(max_size=30), max_size=12).map(b"\r".join)


@given(data=BYTES, name=st.sampled_from(["a.hl7", "a.mllp"]), port=st.sampled_from([SITE, VALIDATION]))
@seed(1)
@settings(max_examples=200, deadline=None)
def test_no_bytes_are_too_much(data: bytes, name: str, port: object) -> None:
    used = SITE if port is SITE else VALIDATION
    for one in (data, framed(data)):
        sent = read_messages(name, one, used)
        if sent is None:
            continue
        reading = describe(sent, used, with_identifiers=True)
        for told, found in zip(reading.summary["messages"], sent.messages, strict=True):
            assert sum(told["outcomes"].values()) == len(found.observations)
            answers = answers_to(found, number="1", at=datetime(2026, 1, 1, tzinfo=UTC))
            assert found.verdict is Verdict.NONE or sent.kind == "astm" or answers.mode in {"original", "enhanced"}
    assert isinstance(read_message(data, used), Received)


def test_a_zero_byte_is_no_character() -> None:
    found = read_message(message(obx(raw="1\x0040", unit="g/L")).replace(b"P-1", b"P\x00-1"), SITE)
    assert (found.observations[0].raw, found.patients[0].ids[0][0]) == ("1\x1a40", "P\x1a-1")
    assert found.observations[0].delimiters.unescape(r"a\X00\b") == "a\x1ab"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
@seed(1)
@settings(max_examples=100, deadline=None)
def test_what_is_escaped_comes_back(text: str) -> None:
    escaped = STANDARD.escape_text(text)
    assert not set(escaped) & set("|^~&\r\n")
    assert STANDARD.unescape(escaped) == text


FIELD = st.text(st.sampled_from("AZaz09 .-^~&"), max_size=8)


@given(rows=st.lists(st.lists(FIELD, min_size=4, max_size=9), min_size=1, max_size=4))
@seed(1)
@settings(max_examples=40, deadline=None)
def test_another_reader_sees_the_same_fields(rows: list[list[str]]) -> None:
    segments = ["|".join(("OBX", "1", "ST", *fields)) for fields in rows]
    theirs = hl7.parse("\r".join((MSH, PID, OBR, *segments)) + "\r")
    ours = read(*segments).observations
    assert [one.raw for one in ours] == [str(one[5]).strip() for one in theirs["OBX"]]
    assert [one.unit for one in ours] == [str(one[6]).strip() for one in theirs["OBX"]]
