"""Records of analysers, framed or not, to what an HL7 message becomes too."""

import pytest

from labs.formats.astm.reading import read_messages
from labs.formats.messages.judging import judge
from labs.formats.messages.reading import kind_of
from labs.formats.messages.received import Received
from tests.labs.formats.messages.site import site

SITE = site()
H = r"H|\^&|C7||LAB^HOSP^1|||||||P|LIS2-A2|20260102030405"
BODY = (
    "P|1|A-1|B-2|Name^Given||19600229|F",
    "O|1|S-1^x||^^^CBC|||20260101080000",
    "R|1|^^^HB/|14|g/dL||N||F||||20260101",
    "C|1|I|seen twice",
    "R|2|^^^AFP^1|5|ug/L",
    "L|1|N",
)


def read(*lines: str) -> list[Received]:
    return list(read_messages("\n".join(lines).encode(), SITE).messages)


def framed(text: bytes, number: int, end: bytes) -> bytes:
    body = b"%d" % (number % 8) + text + end
    return b"\x02" + body + b"%02X\r\n" % (sum(body) % 256)


def test_a_result_has_its_order_its_patient_and_its_comments() -> None:
    (found,) = read("# comment", H, *BODY)
    assert (found.sender, found.control_id, found.processing_id, found.verdict) == ("LAB|HOSP", "C7", "P", "AA")
    assert (found.patients[0].numbered_ids, found.specimens) == (("A-1", "B-2", ""), ("S-1^x",))
    first, second = found.observations
    assert (first.specimen_id, first.notes, first.status, second.notes) == ("S-1", "seen twice", "F", "")
    assert [(row.analyte, row.value) for row in judge(found, SITE)] == [("HGB", 140), ("AFP", 5)]


@pytest.mark.parametrize(
    ("lines", "reasons"),
    [
        ((*BODY,), ["no_header"]),
        ((H, *BODY, *BODY), ["", "no_header"]),
        ((H, *BODY[:-1]), ["truncated"]),
        (("H;^&;;;LAB;HOSP", *BODY), ["malformed_header"]),
        ((H.replace(r"\^&", r"\\^"), *BODY), ["malformed_header"]),
        ((H, "X|1", *BODY), ["unknown_record"]),
        ((H.replace("|P|", "|D|"), *BODY), ["processing_id"]),
        ((H, *BODY, H, "L|1"), ["", ""]),
    ],
)
def test_a_message_begins_at_h_and_the_first_failure_decides(lines: tuple[str, ...], reasons: list[str]) -> None:
    # A file without any header is no file of this kind: the last message only keeps it one.
    assert [one.reason for one in read(*lines, H, "L|1")] == [*reasons, ""]


@pytest.mark.parametrize("lines", [(H.replace("|P|", "|Q|"), *BODY), (H, BODY[0], "O|1|S|||||||||Q", BODY[2], "L|1")])
def test_control_material_is_told_by_the_header_or_by_the_order(lines: tuple[str, ...]) -> None:
    found = [row.reason for one in read(*lines) for row in judge(one, SITE)]
    assert set(found) == {"control_material"}


def test_frames_are_joined_and_a_wrong_checksum_is_no_message() -> None:
    text = "\r".join((H, *BODY, "")).encode()
    pieces = [text[at : at + 40] for at in range(0, len(text), 40)]
    ends = [b"\x17"] * (len(pieces) - 1) + [b"\x03"]
    frames = [framed(piece, number, end) for number, (piece, end) in enumerate(zip(pieces, ends, strict=True), start=1)]
    whole = read_messages(b"\x05" + b"".join(frames) + b"\x04", SITE)
    assert (whole.frames, whole.checksums_ok) == (len(frames), len(frames))
    assert [one.key for one in whole.messages] == [one.key for one in read(H, *BODY)]
    wrong = frames[1][:-3] + b"0\r\n"
    assert read_messages(b"".join([frames[0], wrong, *frames[2:]]), SITE).messages[0].reason == "segment_broken"
    again = read_messages(b"".join([frames[0], wrong, *frames[1:]]), SITE)
    assert [one.verdict for one in again.messages] == ["AA"]


def test_what_is_no_such_file_is_told() -> None:
    assert read_messages(b"Na 131 mmol/L", SITE).error == "not_astm"
    assert read_messages(f"{H}\nL|1".encode() + b"\xff", SITE).error == "charset"
    assert [kind_of("a.txt", text) for text in (b"Hello,1,2,3", H.encode(), b"\x021" + H.encode())] == [
        "",
        "astm",
        "astm",
    ]
